"""A real browser and a participant in Python in one room, through the real relay, with the page's own peer.js."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.media.chromium import SCRIPT, Browser, a_browser, connects
from webrtc import protocol
from webrtc.participants.echo import EchoRules, EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_process import RelayProcess
from webrtc.rooms import Rooms

pytestmark = pytest.mark.long

WHOLE = SCRIPT.replace("width: 640, height: 480", "width: 1280, height: 720")
NOBODY_IS_CARRIED = """peer.pc.getSenders().map(({ track }) => track)
  .every((track) => track === null || track instanceof CanvasCaptureMediaStreamTrack)"""


@pytest.fixture
async def browser(rooms: Rooms) -> AsyncIterator[Browser]:
    async with a_browser(rooms) as browser:
        yield browser


async def a_robot(rooms: Rooms, seat: str) -> tuple[Robot, asyncio.Task[str]]:
    robot = Robot(RoomWire(rooms.open("visit"), seat=seat, role=seat, name="", admitted=True))
    running = asyncio.create_task(robot.run())
    await robot.until(lambda: robot.snapshot is not None)
    return robot, running


async def test_the_robot_offers_and_the_browser_answers(rooms: Rooms, browser: Browser) -> None:
    await browser.sits("patient", admitted=False)
    robot, running = await a_robot(rooms, "clinician")
    await robot.until(lambda: robot.connected("patient"))
    await robot.admit("patient")
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=60)
    await browser.gets_frames(15)
    assert await browser.page.evaluate("peer.check.numbers") == list(robot.peers["patient"].words or ())
    await rooms.close("visit", reason="finished")
    assert await asyncio.wait_for(running, 10) == "finished"


async def test_the_browser_offers_and_the_robot_answers(rooms: Rooms, browser: Browser) -> None:
    robot, running = await a_robot(rooms, "clinician")
    await browser.sits("patient", admitted=True)
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=60)
    await browser.gets_frames(15)
    assert await browser.page.evaluate("peer.check.numbers") == list(robot.peers["patient"].words or ())
    await rooms.close("visit", reason="finished")
    await asyncio.wait_for(running, 10)


async def test_an_ice_restart_of_the_browser_leaves_the_other_side_alone(
    rooms: Rooms, browser: Browser, relay: RelayProcess
) -> None:
    await browser.sits("patient", admitted=True)
    robot, running = await a_robot(rooms, "clinician")
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=60)
    before, connection = (await relay.client.list())[0].legs, robot.peers["patient"].pc
    for _ in range(2):
        await browser.page.evaluate("restart()")
        seen = robot.seen("patient").pictures
        await robot.until(lambda seen=seen: robot.seen("patient").pictures > seen + 20)  # type: ignore[misc]
    # The same DTLS, the same words.
    assert await browser.page.evaluate("peer.check.state") == "words"
    assert await browser.page.evaluate("peer.check.numbers") == list(robot.peers["patient"].words or ())
    after = (await relay.client.list())[0].legs
    assert after["a"].ufrag != before["a"].ufrag
    assert after["b"].ufrag == before["b"].ufrag
    assert robot.peers["patient"].pc is connection
    await browser.gets_frames(15)
    await rooms.close("visit", reason="finished")
    await asyncio.wait_for(running, 10)


async def test_who_is_let_in_is_seen_whole_with_the_first_picture(rooms: Rooms) -> None:
    async with a_browser(rooms, script=WHOLE) as patient, a_browser(rooms, script=WHOLE) as clinician:
        await clinician.sits("clinician", admitted=True)
        await patient.sits("patient", admitted=False)
        for browser in (patient, clinician):
            await connects(browser)
            # Black ones, from which the encoder learns what it may spend; they end at the gate.
            await browser.page.wait_for_function("async () => await encoded() > 0")
        assert [await browser.frames() for browser in (patient, clinician)] == [0, 0]
        assert await patient.page.evaluate(NOBODY_IS_CARRIED)
        await rooms.open("visit").admit("patient")
        assert [await first_width(browser) for browser in (patient, clinician)] == [1280, 1280]


async def test_who_need_not_wait_is_seen_whole_with_the_first_picture(rooms: Rooms) -> None:
    async with a_browser(rooms, script=WHOLE) as patient, a_browser(rooms, script=WHOLE) as clinician:
        await clinician.sits("clinician", admitted=True)
        await patient.sits("patient", admitted=True)
        assert [await first_width(browser) for browser in (patient, clinician)] == [1280, 1280]


async def first_width(browser: Browser) -> int:
    await browser.page.wait_for_function("window.firstWidth")
    return int(await browser.page.evaluate("firstWidth"))


async def test_the_connection_test_works_with_a_browser(rooms: Rooms, browser: Browser) -> None:
    tests = EchoTests(rooms, 1, rules=EchoRules(seconds=3.0, delay=1.0))
    await browser.sits("patient", admitted=True)
    report = await asyncio.wait_for(tests.run("visit"), 30)
    assert report is not None
    assert report.transport == "udp"
    assert report.rtt_ms is not None
    assert report.loss_up is not None
    assert report.loss_up < 0.05
    assert report.bitrate_up is not None
    assert report.bitrate_up > 50_000
    assert await browser.frames() > 15
    assert [(each.route, each.works) for each in report.routes] == [("udp", True), ("tcp", True)]
    told = [each for each in browser.told if each["type"] == protocol.EchoNews.kind]
    assert [(each["state"], each["route"]) for each in told] == [
        ("running", "udp"),
        ("running", "tcp"),
        ("done", None),
    ]
