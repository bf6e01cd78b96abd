"""A real browser and a participant in Python in one room, through the real relay, with the page's own peer.js."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright

from webrtc import protocol
from webrtc.connection import Connection
from webrtc.participants.echo import EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_process import PROJECT, RelayProcess, RelaySettings
from webrtc.room import RoomSettings
from webrtc.rooms import Rooms


def own_address() -> str | None:
    """This machine's address on its network, if there is one; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


# A browser may leave loopback out of its own addresses; then it reaches the relay at the machine's other one.
ADDRESSES = tuple(filter(None, ("127.0.0.1", own_address())))
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

SCRIPT = """
import { Peer } from "/lib/peer.js";
let peer = null;
const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
const signalling = { send: (message) => say(JSON.stringify(message)) };
const admitted = (snapshot, seat) => snapshot.seats.some((each) => each.seat === seat && each.admitted);
window.hear = async (message) => {
  if (message.type === "snapshot") {
    const [listed] = message.peers;
    if (peer && peer.connection !== listed?.connection) { peer.close(); peer = null; }
    if (listed && !peer) {
      window.peer = peer = new Peer({ ...listed, signalling });
      peer.addEventListener("tracks", ({ detail }) => { document.querySelector("video").srcObject = detail; });
    }
    if (listed && admitted(message, message.you) && admitted(message, listed.seat)) {
      await peer.carry({ audio: media.getAudioTracks()[0], video: media.getVideoTracks()[0] });
    }
  }
  if (message.type === "description") await peer.receive(message.description);
  if (message.type === "restart-ice") peer.restartIce();
};
window.restart = () => peer.restartIce();
window.frames = () => document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames;
window.state = () => peer?.pc.connectionState;
window.ready = true;
"""
HTML = (
    '<!doctype html><video autoplay muted playsinline></video><script type="module" src="/page.js"></script>'
)


class Browser:
    """A page in a seat: the room's messages go in by evaluation, its own come out through a binding."""

    def __init__(self, page: Page, rooms: Rooms, room_id: str) -> None:
        self.page, self.rooms, self.room_id = page, rooms, room_id
        self.connection: Connection | None = None
        self.told: list[dict[str, Any]] = []
        self._inbox: asyncio.Queue[str] = asyncio.Queue(100)

    async def sits(self, seat: str, *, admitted: bool) -> None:
        self.connection = await self.rooms.open(self.room_id).join(
            seat=seat,
            role=seat,
            name=seat.title(),
            page="page-in-chromium",
            send=self._inbox.put_nowait,
            admitted=admitted,
            addresses=ADDRESSES,
        )

    async def says(self, text: str) -> None:
        assert self.connection is not None
        await self.connection.receive(text)

    async def hears(self) -> None:
        while True:
            message = json.loads(await self._inbox.get())
            self.told.append(message)
            await self.page.evaluate("(message) => hear(message)", message)

    async def frames(self) -> int:
        return int(await self.page.evaluate("frames()"))

    async def gets_frames(self, count: int, *, seconds: float = 15) -> None:
        wanted = await self.frames() + count
        async with asyncio.timeout(seconds):
            while await self.frames() < wanted:
                await asyncio.sleep(0.1)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    yield relay
    await relay.stop(kill=True)


@pytest.fixture
async def rooms(relay: RelayProcess) -> AsyncIterator[Rooms]:
    rooms = Rooms(relay, RoomSettings(), asyncio.get_running_loop().time)
    relay.on_restarted = rooms.relay_restarted
    await rooms.start()
    yield rooms
    await rooms.close_all()


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def index(request: web.Request) -> web.Response:
        return web.Response(text=HTML, content_type="text/html")

    async def script(request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")

    app = web.Application()
    app.add_routes(
        [web.get("/", index), web.get("/page.js", script), web.static("/lib", PROJECT / "static/lib")]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.fixture
async def browser(rooms: Rooms, address: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = await chromium.new_page()
        browser = Browser(page, rooms, "visit")
        await page.expose_function("say", browser.says)
        await page.goto(address)
        await page.wait_for_function("window.ready === true")
        hearing = asyncio.create_task(browser.hears())
        yield browser
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await chromium.close()


async def a_robot(rooms: Rooms, seat: str) -> tuple[Robot, asyncio.Task[str]]:
    robot = Robot(RoomWire(rooms.open("visit"), seat=seat, role=seat, name="", admitted=True))
    running = asyncio.create_task(robot.run())
    await robot.until(lambda: robot.snapshot is not None)
    return robot, running


async def test_the_browser_offers_and_the_robot_answers(rooms: Rooms, browser: Browser) -> None:
    await browser.sits("patient", admitted=False)
    robot, running = await a_robot(rooms, "clinician")
    await robot.until(lambda: robot.connected("patient"))
    await robot.admit("patient")
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=15)
    await browser.gets_frames(15)
    assert await browser.page.evaluate("peer.check.numbers") == list(robot.peers["patient"].words or ())
    await rooms.close("visit", reason="finished")
    assert await asyncio.wait_for(running, 10) == "finished"


async def test_the_robot_offers_and_the_browser_answers(rooms: Rooms, browser: Browser) -> None:
    robot, running = await a_robot(rooms, "clinician")
    await browser.sits("patient", admitted=True)
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=15)
    await browser.gets_frames(15)
    assert await browser.page.evaluate("peer.check.numbers") == list(robot.peers["patient"].words or ())
    await rooms.close("visit", reason="finished")
    await asyncio.wait_for(running, 10)


async def test_an_ice_restart_of_the_browser_leaves_the_other_side_alone(
    rooms: Rooms, browser: Browser, relay: RelayProcess
) -> None:
    await browser.sits("patient", admitted=True)
    robot, running = await a_robot(rooms, "clinician")
    await robot.until(lambda: robot.sees_and_hears("patient"), seconds=15)
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


async def test_the_connection_test_works_with_a_browser(rooms: Rooms, browser: Browser) -> None:
    tests = EchoTests(rooms, 1, seconds=4.0, delay=1.0)
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
    assert [each["state"] for each in browser.told if each["type"] == protocol.EchoNews.kind] == [
        "running",
        "done",
    ]
