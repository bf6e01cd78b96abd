"""From the click to the first remote picture, and from being let in to it: rooms and relay beside peer to peer.

The same two pages with the product's own peer.js, messages passed in the same way. Peer to peer there is no waiting
room: what admitting is held against is its whole set-up.
"""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

from bench._relay import machine, report, say, skip, spread
from tests.media.chromium import Browser, a_browser
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

RUNS = 20
SECONDS = 270  # for all of them
FULL = 1280
PATIENCE = 8  # seconds for the full picture; then it counts as so many
SETTLED = 0.3
REACH = {"click to first picture": 1.0, "admit to first picture": 0.5, "admit to 720p": 1.0}

SCRIPT = """
import { Peer } from "/lib/peer.js";
let peer = null;
let player = document.querySelector("video");
const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
const [audio, video] = [media.getAudioTracks()[0], media.getVideoTracks()[0]];
const tell = (message) => say(JSON.stringify(message));
const may = (snapshot, seat) => snapshot.seats.some((each) => each.seat === seat && each.admitted);
const meet = (facts) => {
  peer = new Peer({ ...facts, signalling: { send: tell } });
  peer.addEventListener("tracks", ({ detail }) => { player.srcObject = detail; });
};
// Nothing is waited for: what a connection was doing when it was closed never ends.
window.hear = (message) => {
  if (message.type === "snapshot") {
    const [listed] = message.peers;
    // A late word of the run before.
    if (peer && peer.connection !== listed?.connection) fresh();
    if (listed && !peer) meet(listed);
    if (listed && may(message, message.you) && may(message, listed.seat)) peer.carry({ audio, video });
    else peer?.expect(video);
  }
  if (message.type === "description") peer?.receive(message.description);
  if (message.type === "candidate") peer?.pc.addIceCandidate(message.candidate).catch(() => {});
};
window.direct = (start) => {
  meet({ seat: "other", connection: "direct", polite: !start, start });
  peer.pc.onicecandidate = ({ candidate }) => candidate && tell({ type: "candidate", candidate });
  peer.carry({ audio, video });
};
window.connected = () => peer?.pc.connectionState === "connected";
window.begin = () => {
  window.marks = {};
  const start = performance.now();
  clearInterval(window.looking);
  window.looking = setInterval(() => {
    const now = performance.now() - start;
    if (player.getVideoPlaybackQuality().totalVideoFrames) marks.first ??= now;
    if (marks.first && player.videoWidth >= 1280) marks.full ??= now;
  }, 2);
};
window.fresh = () => {
  peer?.close();
  peer = null;
  const next = player.cloneNode();
  player.srcObject = null;
  player.replaceWith(next);
  player = next;
};
window.ready = true;
"""


class Direct:
    """In a room's place: what one page says the other hears."""

    def __init__(self, other: Browser) -> None:
        self._other = other

    async def receive(self, text: str) -> None:
        self._other._inbox.put_nowait(text)


async def seen(browser: Browser) -> tuple[float, float]:
    """Milliseconds to the first picture and to the full one."""
    deadline = time.monotonic() + PATIENCE
    marks: dict[str, float] = {}
    while time.monotonic() < deadline and "full" not in marks:
        await asyncio.sleep(0.05)
        marks = await browser.page.evaluate("marks")
    return marks.get("first", 1000 * PATIENCE), marks.get("full", 1000 * PATIENCE)


async def peer_to_peer(clicker: Browser, other: Browser) -> tuple[float, float]:
    clicker.connection, other.connection = Direct(other), Direct(clicker)  # type: ignore[assignment]
    await other.page.evaluate("direct(false)")
    await clicker.page.evaluate("begin()")
    await clicker.page.evaluate("direct(true)")
    return await seen(clicker)


async def click(rooms: Rooms, room: str, clicker: Browser, other: Browser) -> tuple[float, float]:
    clicker.room_id = other.room_id = room
    await other.sits("clinician", admitted=True)
    await clicker.page.evaluate("begin()")
    await clicker.sits("patient", admitted=True)
    return await seen(clicker)


async def admit(rooms: Rooms, room: str, clicker: Browser, other: Browser) -> tuple[float, float]:
    """Both have been there for a moment, and the way is open between them, as in a waiting room."""
    clicker.room_id = other.room_id = room
    await other.sits("clinician", admitted=True)
    await clicker.sits("patient", admitted=False)
    for browser in (clicker, other):
        await browser.page.wait_for_function("connected()")
    await asyncio.sleep(SETTLED)
    await clicker.page.evaluate("begin()")
    await rooms.open(room).admit("patient")
    return await seen(clicker)


async def measure(rooms: Rooms, pages: list[Browser]) -> dict[str, list[tuple[float, float]]]:
    names, start = count(1), time.monotonic()
    found: dict[str, list[tuple[float, float]]] = {"direct": [], "click": [], "admit": []}
    while len(found["admit"]) < RUNS and time.monotonic() - start < SECONDS:
        for way, runs in found.items():
            room = f"{way}-{next(names)}"
            if way == "direct":
                marks = await peer_to_peer(*pages)
            else:
                marks = await (click if way == "click" else admit)(rooms, room, *pages)
                await rooms.close(room, reason="finished")
            for page in pages:
                await page.page.evaluate("fresh()")
            runs.append(marks)
        say("   ".join(f"{way} {runs[-1][0]:.0f}/{runs[-1][1]:.0f} ms" for way, runs in found.items()))
    return found


async def run() -> dict[str, list[tuple[float, float]]]:
    relay = RelayProcess()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        await relay.start_or_find(RelaySettings(data=folder, orphan_minutes=0.5))
        stack.push_async_callback(relay.stop, kill=True)
        rooms = Rooms(relay, RoomSettings(), asyncio.get_running_loop().time)
        await rooms.start()
        stack.push_async_callback(rooms.close_all)
        pages = [await stack.enter_async_context(a_browser(rooms, script=SCRIPT)) for _ in range(2)]
        return await measure(rooms, pages)


def main() -> None:
    if not Path("/usr/bin/chromium").exists():
        skip("call_setup", "needs the program chromium (Debian: chromium)")
    found = asyncio.run(run())
    first = {way: [marks[0] for marks in runs] for way, runs in found.items()}
    full = {way: [marks[1] for marks in runs] for way, runs in found.items()}
    moments: dict[str, tuple[list[float], list[float]]] = {
        "click to first picture": (first["click"], first["direct"]),
        "admit to first picture": (first["admit"], first["direct"]),
        "admit to 720p": (full["admit"], full["direct"]),
    }
    ours, theirs = moments["click to first picture"]
    report(
        "call_setup",
        ours,
        theirs,
        peer_name="the same pages peer to peer",
        unit="milliseconds from the click to the first remote picture",
        reach=REACH,
        by_moment={name: facts(*each) for name, each in moments.items()},
        machine=machine(),
    )


def facts(ours: list[float], theirs: list[float]) -> dict[str, Any]:
    middle_ours, middle_theirs = spread(ours)[1], spread(theirs)[1]
    return {
        "ours": spread(ours),
        "peer to peer": spread(theirs),
        "ratio of medians": round(middle_ours / middle_theirs, 3),
        "not within the time": [sum(each >= 1000 * PATIENCE for each in runs) for runs in (ours, theirs)],
    }


if __name__ == "__main__":
    main()
