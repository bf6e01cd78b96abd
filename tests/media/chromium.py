"""A real Chromium in a seat, with the page's own peer.js and without a web server between: the room's messages go in by
evaluation, the page's own come out through a binding."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Route, async_playwright

from server.web.network import own_addresses
from webrtc.connection import Connection
from webrtc.relay_process import PROJECT
from webrtc.rooms import Rooms

# A browser may leave loopback out of its own addresses; then it reaches the relay at the machine's other one.
ADDRESSES = (*own_addresses()[:1], "127.0.0.1")
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
    "--autoplay-policy=no-user-gesture-required",  # so that sound is played, and its loudness measured
    "--use-fake-ui-for-media-stream",
]

SCRIPT = """
import { Peer, STRAIGHT } from "/lib/peer.js";
import { wayOf } from "/lib/way.js";
let peer = null;
let ice = STRAIGHT;
const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
const signalling = { send: (message) => say(JSON.stringify(message)) };
const admitted = (snapshot, seat) => snapshot.seats.some((each) => each.seat === seat && each.admitted);
window.hear = async (message) => {
  if (message.type === "ice") {
    ice = { iceServers: message.servers, iceTransportPolicy: message.policy };
    peer?.use(ice);
  }
  if (message.type === "snapshot") {
    const [listed] = message.peers;
    if (peer && peer.connection !== listed?.connection) { peer.close(); peer = null; }
    if (listed && !peer) {
      window.peer = peer = new Peer({ ...listed, signalling, ice });
      peer.addEventListener("tracks", ({ detail }) => { document.querySelector("video").srcObject = detail; });
    }
    const [audio, video] = [media.getAudioTracks()[0], media.getVideoTracks()[0]];
    if (listed && admitted(message, message.you) && admitted(message, listed.seat)) await peer.carry({ audio, video });
    else peer?.expect(video);
  }
  if (message.type === "description") await peer.receive(message.description);
  if (message.type === "restart-ice") peer.restartIce();
};
document.querySelector("video").requestVideoFrameCallback((now, { width }) => { window.firstWidth = width; });
window.encoded = async () => [...(await peer.pc.getStats()).values()]
  .find(({ type, kind }) => type === "outbound-rtp" && kind === "video")?.framesEncoded ?? 0;
window.restart = () => peer.restartIce();
window.frames = () => document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames;
window.state = () => peer?.pc.connectionState;
window.facts = async () => {
  const rows = new Map(await peer.pc.getStats());
  const all = [...rows.values()];
  const incoming = (kind) => all.find((each) => each.type === "inbound-rtp" && each.kind === kind);
  const wire = all.find((each) => each.type === "transport");
  const pair = rows.get(wire.selectedCandidatePairId);
  return {
    way: rows.get(pair.remoteCandidateId).protocol,
    goes: wayOf(rows),
    decoded: incoming("video")?.framesDecoded ?? 0,
    loudness: incoming("audio")?.totalAudioEnergy ?? 0,
    sounds: incoming("audio")?.packetsReceived ?? 0,
    samples: incoming("audio")?.totalSamplesReceived ?? 0,
    concealed: incoming("audio")?.concealedSamples ?? 0,
  };
};
window.ready = true;
"""
HTML = '<!doctype html><video autoplay playsinline></video><script type="module" src="/page.js"></script>'


class Browser:
    """A page in a seat. `addresses` is where it reaches the relay."""

    def __init__(
        self, page: Page, rooms: Rooms, room_id: str, addresses: tuple[str, ...] = ADDRESSES
    ) -> None:
        self.page, self.rooms, self.room_id, self.addresses = page, rooms, room_id, addresses
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
            addresses=self.addresses,
        )

    async def says(self, text: str) -> None:
        assert self.connection is not None
        await self.connection.receive(text)

    async def hears(self) -> None:
        while True:
            message = json.loads(await self._inbox.get())
            self.told.append(message)
            await self.page.evaluate("(message) => hear(message)", message)

    async def facts(self) -> dict[str, Any]:
        """The relay's end of its path (`way`), how it leaves the page (`goes`), what it has decoded and heard."""
        return dict(await self.page.evaluate("facts()"))

    async def frames(self) -> int:
        return int(await self.page.evaluate("frames()"))

    async def gets_frames(self, count: int, *, seconds: float = 60) -> None:
        wanted = await self.frames() + count
        async with asyncio.timeout(seconds):
            while await self.frames() < wanted:
                await asyncio.sleep(0.1)


@asynccontextmanager
async def a_browser(
    rooms: Rooms,
    *,
    program: str = "/usr/bin/chromium",
    addresses: tuple[str, ...] = ADDRESSES,
    room: str = "visit",
    flags: tuple[str, ...] = (),
    script: str = SCRIPT,
) -> AsyncIterator[Browser]:
    """The page comes from here and not over any network; https, because cameras are for secure pages only."""
    lib = {
        f"/lib/{path.name}": ("text/javascript", path.read_text())
        for path in (PROJECT / "static/lib").glob("*.js")
    }
    texts = {"/": ("text/html", HTML), "/page.js": ("text/javascript", script), **lib}

    async def fulfil(route: Route) -> None:
        kind, text = texts.get(urlsplit(route.request.url).path, ("text/plain", ""))
        await route.fulfill(content_type=kind, body=text)

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
        page = await chromium.new_page()
        await page.route("**/*", fulfil)
        browser = Browser(page, rooms, room, addresses)
        await page.expose_function("say", browser.says)
        await page.goto("https://visit.example/")
        await page.wait_for_function("window.ready === true")
        hearing = asyncio.create_task(browser.hears())
        yield browser
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await chromium.close()


async def connects(browser: Browser, *, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while await browser.page.evaluate("state()") != "connected":
            await asyncio.sleep(0.1)


async def sees_and_hears(browser: Browser, *, seconds: float = 40, **path: str) -> None:
    """New pictures are decoded and new sound is heard, and what the browser says of the path (`way`: as it reaches the
    relay, `goes`: as the packets leave the page) is what is named."""
    before = await browser.facts()
    async with asyncio.timeout(seconds):
        while True:
            now = await browser.facts()
            seen = now["decoded"] >= before["decoded"] + 15
            heard = now["sounds"] >= before["sounds"] + 25 and now["loudness"] > before["loudness"]
            if seen and heard and path.items() <= now.items():
                return
            await asyncio.sleep(0.2)
