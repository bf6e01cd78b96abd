"""Calls between connections in Chromium pages, by every way that is compared: our relay, coturn, Janus, none at all.

The same page, the same settings and the same fake camera for all of them.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

from bench._janus import Janus
from webrtc import sdp
from webrtc.relay_client import LegCredentials

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
    "--autoplay-policy=no-user-gesture-required",
]
SCRIPT = """
window.pcs = {};
window.make = async (name, size, ice) => {
  const pc = pcs[name] = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...ice });
  pc.players = [];
  pc.ontrack = ({ track }) => {
    const player = document.body.appendChild(document.createElement(track.kind));
    Object.assign(player, { srcObject: new MediaStream([track]), autoplay: true, muted: track.kind === "video" });
    pc.players.push(player);
  };
  if (!size) return;
  const [width, height] = size;
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height } });
  for (const track of media.getTracks()) {
    const sender = pc.addTrack(track, media);
    if (track.kind !== "video") continue;
    const wanted = sender.getParameters();
    for (const each of wanted.encodings) each.maxBitrate = 1200000;
    wanted.degradationPreference = "maintain-framerate";
    await sender.setParameters(wanted);
  }
};
window.described = async (pc, wait) => {
  await pc.setLocalDescription();
  while (wait && pc.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 10));
  return pc.localDescription.sdp;
};
window.offer = (name, wait) => described(pcs[name], wait);
window.answer = async (name, sdp, wait) => {
  await pcs[name].setRemoteDescription({ type: "offer", sdp });
  return described(pcs[name], wait);
};
window.accept = (name, sdp) => pcs[name].setRemoteDescription({ type: "answer", sdp });
window.connected = (name) => pcs[name].connectionState === "connected";
window.hangUp = (name) => {
  pcs[name].close();
  for (const player of pcs[name].players) player.remove();
  delete pcs[name];
};
window.rows = async (name) => [...(await pcs[name].getStats()).values()];
window.sent = async (name) => (await rows(name)).find((row) => row.type === "transport").packetsSent;
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One person's connection in a page."""

    page: Page
    name: str

    def make(self, size: Sequence[int] | None, ice: dict[str, Any] | None = None) -> None:
        self.page.evaluate("([name, size, ice]) => make(name, size, ice)", [self.name, size, ice or {}])

    def offer(self, *, wait: bool = True) -> str:
        return str(self.page.evaluate("([name, wait]) => offer(name, wait)", [self.name, wait]))

    def answer(self, offer: str, *, wait: bool = True) -> str:
        return str(
            self.page.evaluate("([name, sdp, wait]) => answer(name, sdp, wait)", [self.name, offer, wait])
        )

    def accept(self, answer: str) -> None:
        self.page.evaluate("([name, sdp]) => accept(name, sdp)", [self.name, answer])

    def connected(self) -> None:
        self.page.wait_for_function("(name) => connected(name)", arg=self.name)

    def hang_up(self) -> None:
        self.page.evaluate("(name) => hangUp(name)", self.name)


@dataclass(frozen=True, slots=True)
class Call:
    """Both persons' connections; `receives` is where each gets the other's picture and sound."""

    sides: tuple[Side, ...]
    receives: tuple[Side, Side]

    def connected(self) -> "Call":
        for side in self.sides:
            side.connected()
        return self

    def sent(self) -> int:
        return sum(int(side.page.evaluate("(name) => sent(name)", side.name)) for side in self.sides)

    def hang_up(self) -> None:
        for side in self.sides:
            side.hang_up()


def open_page(browser: Browser) -> Page:
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<!doctype html><body>"))
    page.goto("https://bench.example/")
    page.add_script_tag(content=SCRIPT)
    return page


def chromium(playwright: Playwright, program: str = "") -> Browser:
    return playwright.chromium.launch(executable_path=program or shutil.which("chromium"), args=FLAGS)


def peer_to_peer(pages: tuple[Page, Page], size: Sequence[int]) -> Call:
    one, other = (Side(page, f"direct-{number}") for number, page in enumerate(pages))
    for side in (one, other):
        side.make(size)
    one.accept(other.answer(one.offer()))
    return Call((one, other), (one, other)).connected()


def through_the_relay(
    pages: tuple[Page, Page],
    size: Sequence[int],
    legs: tuple[LegCredentials, LegCredentials],
    at: tuple[str, int],
) -> Call:
    """Descriptions go through what the rooms put them through."""
    candidates = (sdp.Candidate(address=at[0], port=at[1], tcp=False),)
    facing_one, facing_other = (
        sdp.Transport(ufrag=leg.ufrag, pwd=leg.pwd, candidates=candidates) for leg in legs
    )
    one, other = (Side(page, f"relay-{number}") for number, page in enumerate(pages))
    for side in (one, other):
        side.make(size)
    offer = sdp.with_transport(sdp.check(one.offer(wait=False)), facing_other)
    one.accept(sdp.with_transport(sdp.check(other.answer(offer, wait=False)), facing_one))
    return Call((one, other), (one, other)).connected()


def through_coturn(pages: tuple[Page, Page], size: Sequence[int], at: tuple[str, int]) -> Call:
    """Only one side is relayed, so that each packet crosses coturn once, as it crosses our relay once."""
    server = {"urls": f"turn:{at[0]}:{at[1]}?transport=udp", "username": "bench", "credential": "bench"}
    one, other = (Side(page, f"coturn-{number}") for number, page in enumerate(pages))
    one.make(size, {"iceServers": [server], "iceTransportPolicy": "relay"})
    other.make(size)
    one.accept(other.answer(one.offer()))
    return Call((one, other), (one, other)).connected()


def through_janus(pages: tuple[Page, Page], size: Sequence[int], janus: Janus) -> Call:
    room, feeds, publishers, subscribers = janus.room(), [], [], []
    for number, page in enumerate(pages):
        publisher = Side(page, f"janus-{number}-out")
        publisher.make(size)
        feed, answer = janus.publish(room, publisher.offer())
        publisher.accept(answer)
        publisher.connected()
        publishers.append(publisher)
        feeds.append(feed)
    for number, (page, feed) in enumerate(zip(pages, reversed(feeds), strict=True)):
        subscriber = Side(page, f"janus-{number}-in")
        subscriber.make(None)
        handle, offer = janus.subscribe(room, feed)
        janus.start(handle, subscriber.answer(offer))
        subscribers.append(subscriber)
    return Call((*publishers, *subscribers), (subscribers[0], subscribers[1])).connected()


@contextmanager
def coturn(address: str, folder: str) -> Iterator[tuple[int, int]]:
    """Its pid and port."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    places = ["--listening-ip", address, "--relay-ip", address, "--listening-port", str(port)]
    users = ["--lt-cred-mech", "--user", "bench:bench", "--realm", "bench", "--allow-loopback-peers"]
    files = ["--log-file", f"{folder}/coturn.log", "--pidfile", f"{folder}/coturn.pid"]
    command = ["turnserver", "-n", *places, *users, *files, "--no-tls", "--no-dtls", "--no-cli"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            time.sleep(1)
            yield server.pid, port
        finally:
            server.kill()
