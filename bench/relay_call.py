"""CPU of the server for one live call: our relay beside coturn, the same Chromium, the same seconds.

One page holds both calls, each between two RTCPeerConnections with sound and picture both ways. Through coturn only one
side of the call is relayed, so that each packet crosses it once, as it crosses our relay once.
"""

import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench._relay import Relay, cpu_seconds, machine, report, rounded, say, skip, spread
from server.web.network import own_addresses
from webrtc import sdp
from webrtc.relay_client import LegCredentials

RUNS = 4
SECONDS = 4.0
SETTLE_SECONDS = 5
SIZES = {"VGA": (640, 480), "720p": (1280, 720)}
JUDGED = "VGA"
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
window.calls = {};
window.call = async (name, width, height, ice) => {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height } });
  const one = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...ice });
  const other = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  for (const pc of [one, other]) {
    for (const track of media.getTracks()) {
      const sender = pc.addTrack(track, media);
      if (track.kind === "video") {
        const wanted = sender.getParameters();
        for (const each of wanted.encodings) each.maxBitrate = 1200000;
        await sender.setParameters(wanted);
      }
    }
  }
  calls[name] = [one, other];
};
window.gathered = (pc) => new Promise((done) => {
  if (pc.iceGatheringState === "complete") done();
  pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && done());
});
window.offer = async (name, wait) => {
  const [one] = calls[name];
  await one.setLocalDescription();
  if (wait) await gathered(one);
  return one.localDescription.sdp;
};
window.answer = async (name, sdp, wait) => {
  const [, other] = calls[name];
  await other.setRemoteDescription({ type: "offer", sdp });
  await other.setLocalDescription();
  if (wait) await gathered(other);
  return other.localDescription.sdp;
};
window.accept = (name, sdp) => calls[name][0].setRemoteDescription({ type: "answer", sdp });
window.sent = async (name) => {
  let packets = 0;
  for (const pc of calls[name]) {
    for (const row of (await pc.getStats()).values()) if (row.type === "transport") packets += row.packetsSent;
  }
  return packets;
};
window.connected = (name) => calls[name].every((pc) => pc.connectionState === "connected");
"""


@contextmanager
def coturn(address: str, folder: str) -> Iterator[tuple[int, int]]:
    """Its pid and port."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    words = ["-n", "--listening-ip", address, "--relay-ip", address, "--listening-port", str(port)]
    words += [
        "--no-tls",
        "--no-dtls",
        "--no-cli",
        "--lt-cred-mech",
        "--user",
        "bench:bench",
        "--realm",
        "bench",
    ]
    words += [
        "--allow-loopback-peers",
        "--log-file",
        f"{folder}/coturn.log",
        "--pidfile",
        f"{folder}/coturn.pid",
    ]
    with subprocess.Popen(
        ["turnserver", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            time.sleep(1)
            yield server.pid, port
        finally:
            server.kill()


def through_the_relay(
    page: Page, size: tuple[int, int], legs: tuple[LegCredentials, LegCredentials], at: Any
) -> None:
    """Descriptions go through what the rooms put them through."""
    facing_one, facing_other = (
        sdp.Transport(
            ufrag=leg.ufrag, pwd=leg.pwd, candidates=(sdp.Candidate(address=at[0], port=at[1], tcp=False),)
        )
        for leg in legs
    )
    page.evaluate("([w, h]) => call('relay', w, h, {})", size)
    offer = page.evaluate("offer('relay', false)")
    answer = page.evaluate(
        "(sdp) => answer('relay', sdp, false)", sdp.with_transport(sdp.check(offer), facing_other)
    )
    page.evaluate("(sdp) => accept('relay', sdp)", sdp.with_transport(sdp.check(answer), facing_one))
    page.wait_for_function("connected('relay')")


def through_coturn(page: Page, size: tuple[int, int], at: tuple[str, int]) -> None:
    server = {"urls": f"turn:{at[0]}:{at[1]}?transport=udp", "username": "bench", "credential": "bench"}
    ice = {"iceServers": [server], "iceTransportPolicy": "relay"}
    page.evaluate("([w, h, ice]) => call('coturn', w, h, ice)", [*size, ice])
    offer = page.evaluate("offer('coturn', true)")
    answer = page.evaluate("(sdp) => answer('coturn', sdp, true)", offer)
    page.evaluate("(sdp) => accept('coturn', sdp)", answer)
    page.wait_for_function("connected('coturn')")


def measure(page: Page, pids: dict[str, int]) -> dict[str, tuple[float, float]]:
    """For each server: percent of a core, and microseconds of CPU for each packet the two sides sent."""
    packets = {name: page.evaluate("(name) => sent(name)", name) for name in pids}
    before, start = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    page.wait_for_timeout(SECONDS * 1000)
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    passed = time.monotonic() - start
    packets = {name: page.evaluate("(name) => sent(name)", name) - packets[name] for name in pids}
    return {name: (100 * used[name] / passed, 1e6 * used[name] / packets[name]) for name in pids}


def main() -> None:
    for program, package in (("turnserver", "coturn"), ("chromium", "chromium")):
        if shutil.which(program) is None:
            skip("relay_call", f"needs the program {program} (Debian: {package})")
    found: dict[str, list[dict[str, tuple[float, float]]]] = {}
    with ExitStack() as stack:
        address = next(iter(own_addresses()), "127.0.0.1")
        relay = Relay(stack)
        legs = dict(zip(SIZES, relay.open(len(SIZES)), strict=True))
        pid, port = stack.enter_context(coturn(address, stack.enter_context(tempfile.TemporaryDirectory())))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        stack.callback(browser.close)
        for name, size in SIZES.items():
            page = browser.new_page()
            page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
            page.goto("https://bench.example/")
            page.add_script_tag(content=SCRIPT)
            through_coturn(page, size, (address, port))
            through_the_relay(page, size, legs[name], (address, relay.port))
            page.wait_for_timeout(SETTLE_SECONDS * 1000)
            found[name] = [measure(page, {"relay": relay.pid, "coturn": pid}) for _ in range(RUNS)]
            say(f"{name}: {found[name]}")
            page.close()
    ours, theirs = ([run[server][0] for run in found[JUDGED]] for server in ("relay", "coturn"))
    report(
        "relay_call",
        ours,
        theirs,
        peer_name="coturn",
        unit=f"percent of a core for one {JUDGED} call",
        by_size={
            name: {
                "percent of a core": {each: spread([run[each][0] for run in runs]) for each in runs[0]},
                "CPU microseconds a packet": {
                    each: rounded(statistics.median(run[each][1] for run in runs)) for each in runs[0]
                },
                "ratio": spread([run["relay"][0] / run["coturn"][0] for run in runs]),
            }
            for name, runs in found.items()
        },
        janus="not measured here",
        machine=machine(),
    )


if __name__ == "__main__":
    main()
