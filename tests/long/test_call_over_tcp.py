"""UDP, else ICE-TCP on the same port number: chosen by the browser without anyone doing anything.

Real Chromium in network namespaces behind a router that drops UDP without a word.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.media.checks import resident
from tests.media.chromium import Browser, a_browser, connects, sees_and_hears
from tests.networks.namespaces import Network, skip_unless_possible
from webrtc.participants.echo import EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_process import RelayProcess
from webrtc.rooms import Rooms

RATE = 48_000  # samples a second


@pytest.fixture
def network() -> Iterator[Network]:
    skip_unless_possible()
    network = Network(("mira", "reyes"))
    try:
        yield network.build()
    finally:
        network.take_down()


@pytest.fixture
async def mira(network: Network, rooms: Rooms, tmp_path: Path) -> AsyncIterator[Browser]:
    program, addresses = network.chromium("mira", tmp_path), (network.address,)
    async with a_browser(rooms, program=program, addresses=addresses) as browser:
        yield browser


async def reaches_the_relay(rooms: Rooms, seat: str, *, over: str) -> None:
    async with asyncio.timeout(10):
        while rooms.transport("visit", seat) != over:
            await asyncio.sleep(0.05)


async def test_two_browsers_without_udp_have_their_call_over_tcp(
    network: Network, rooms: Rooms, relay: RelayProcess, mira: Browser, tmp_path: Path
) -> None:
    network.block_udp("mira")
    network.block_udp("reyes")
    async with AsyncExitStack() as stack:
        program, addresses = network.chromium("reyes", tmp_path), (network.address,)
        reyes = await stack.enter_async_context(a_browser(rooms, program=program, addresses=addresses))
        await mira.sits("patient", admitted=True)
        await reyes.sits("clinician", admitted=True)
        for browser in (mira, reyes):
            await connects(browser, seconds=30)
            await sees_and_hears(browser, way="tcp")
        (pair,) = await relay.client.list()
        assert [leg.kind for leg in pair.legs.values()] == ["tcp", "tcp"]
        assert (rooms.transport("visit", "patient"), rooms.transport("visit", "clinician")) == ("tcp", "tcp")


async def test_the_connection_test_finds_that_only_tcp_gets_through(
    network: Network, rooms: Rooms, mira: Browser
) -> None:
    """P3: the desk knows before the visit."""
    network.block_udp("mira")
    await mira.sits("patient", admitted=True)
    report = await asyncio.wait_for(EchoTests(rooms, 1).run("visit"), 55)
    assert report is not None
    assert [(each.route, each.works) for each in report.routes] == [("udp", False), ("tcp", True)]
    assert report.transport == "tcp"
    assert report.loss_up is not None and report.bitrate_up is not None, (
        "the good look is at the way that works"
    )


async def test_with_udp_nobody_uses_tcp(rooms: Rooms, mira: Browser) -> None:
    robot, running = await a_robot(rooms)
    await mira.sits("patient", admitted=True)
    await connects(mira, seconds=30)
    await sees_and_hears(mira, way="udp")
    await reaches_the_relay(rooms, "patient", over="udp")
    await finish(rooms, running)


async def test_a_call_goes_from_udp_to_tcp_when_udp_is_cut_off_and_back_when_it_returns(
    network: Network, rooms: Rooms, mira: Browser
) -> None:
    """The other side, a participant on the server by UDP, keeps its connection throughout."""
    robot, running = await a_robot(rooms)
    await mira.sits("patient", admitted=True)
    await connects(mira, seconds=30)
    await sees_and_hears(mira, way="udp")
    connection = robot.peers["patient"].pc

    network.block_udp("mira")
    async with asyncio.timeout(30):
        while await mira.page.evaluate("state()") == "connected":
            await asyncio.sleep(0.1)
    await mira.page.evaluate("restart()")  # as recovery.js does when a connection is disconnected
    await sees_and_hears(mira, way="tcp")
    await reaches_the_relay(rooms, "patient", over="tcp")
    seen = robot.seen("patient").pictures
    await robot.until(lambda: robot.seen("patient").pictures > seen + 20, seconds=20)

    network.let_all_pass()
    await mira.page.evaluate("restart()")
    await sees_and_hears(mira, way="udp")
    await reaches_the_relay(rooms, "patient", over="udp")
    assert robot.peers["patient"].pc is connection
    await finish(rooms, running)


async def test_a_slow_link_over_tcp_keeps_the_sound_and_the_relays_memory(
    network: Network, rooms: Rooms, relay: RelayProcess, mira: Browser, tmp_path: Path
) -> None:
    network.block_udp("mira")
    network.slow_down("mira", "250kbit")
    program, addresses = network.chromium("reyes", tmp_path), (network.address,)
    async with a_browser(rooms, program=program, addresses=addresses) as reyes:
        await mira.sits("patient", admitted=True)
        await reyes.sits("clinician", admitted=True)
        await connects(mira, seconds=30)
        await sees_and_hears(mira, way="tcp")
        memory, before = resident(relay.client.pid), await mira.facts()
        async with asyncio.timeout(40):
            while (after := await mira.facts())["samples"] < before["samples"] + 12 * RATE:
                await asyncio.sleep(0.2)
    heard = after["samples"] - before["samples"]
    assert after["concealed"] - before["concealed"] < heard * 0.2
    assert after["loudness"] > before["loudness"] and after["decoded"] > before["decoded"]
    assert resident(relay.client.pid) - memory < 4 * 1024 * 1024


async def a_robot(rooms: Rooms) -> tuple[Robot, asyncio.Task[str]]:
    wire = RoomWire(rooms.open("visit"), seat="clinician", role="clinician", name="", admitted=True)
    robot = Robot(wire)
    running = asyncio.create_task(robot.run())
    await robot.until(lambda: robot.snapshot is not None)
    return robot, running


async def finish(rooms: Rooms, running: asyncio.Task[str]) -> None:
    await rooms.close("visit", reason="finished")
    assert await asyncio.wait_for(running, 10) == "finished"
