"""A call over bad lines: pictures a second, seconds without, sound made up; beside peer to peer and Janus videoroom.

Two machines of namespaces: the servers and one browser on the first, the other browser on the second, and the bad line
between them, in both directions alike. What is lost or late is so for all three calls in the same seconds; a line that
is narrow each has for itself, one after the other. What is judged is the worse of the two sides.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench import _janus, _pages
from bench._pages import Call
from bench._relay import Relay, machine, report, say, skip, spread
from tests.networks.cable import Cable
from tests.networks.impairment import Impairment
from tests.networks.namespaces import two_machines, why_not

RUNS = 2
WINDOW = 13.0
SETTLE = 4.0
SIZE = (640, 480)
STILL = 500  # milliseconds without a new picture are a frozen one
SHARED = {
    "5 % lost": Impairment(loss=0.05),
    "10 % lost": Impairment(loss=0.1),
    "trembling by 100 ms": Impairment(jitter=0.1),
}
NARROW = {"500 kbit a second": Impairment(bits_per_second=500_000)}
OURS, DIRECT, JANUS = "relay", "peer to peer", "Janus"
JUDGED = "10 % lost"

WATCH = """async ([name, seconds, still]) => {
  const look = async () => {
    const found = await rows(name);
    const of = (kind) => found.find((row) => row.type === "inbound-rtp" && row.kind === kind) ?? {};
    return { pictures: of("video").framesDecoded ?? 0, samples: of("audio").totalSamplesReceived ?? 0,
      concealed: (of("audio").concealedSamples ?? 0) - (of("audio").silentConcealedSamples ?? 0) };
  };
  const first = await look(), start = performance.now();
  let last = first, changed = start, frozen = 0, now = start;
  while (now - start < seconds * 1000) {
    await new Promise((done) => setTimeout(done, 40));
    const next = await look();
    now = performance.now();
    if (next.pictures > last.pictures) {
      if (now - changed > still) frozen += now - changed;
      changed = now;
    }
    last = next;
  }
  if (now - changed > still) frozen += now - changed;
  return { fps: (last.pictures - first.pictures) * 1000 / (now - start), frozen: frozen / 1000,
    concealed: (last.concealed - first.concealed) / Math.max(1, last.samples - first.samples) };
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """By whoever sees, and whoever hears, less of it."""

    fps: float
    frozen: float  # seconds
    concealed: float  # share of the sound


Made = Callable[[], Call]
Found = dict[str, dict[str, list[Seen]]]  # line → way → runs


def watch(calls: dict[str, Call]) -> dict[str, Seen]:
    """All at the same time: started in the pages, and waited for afterwards."""
    for call in calls.values():
        for side in call.receives:
            start = f"(asked) => {{ (window.watched ??= {{}})[asked[0]] = ({WATCH})(asked); }}"
            side.page.evaluate(start, [side.name, WINDOW, STILL])
    return {way: worse(call) for way, call in calls.items()}


def worse(call: Call) -> Seen:
    sides = [side.page.evaluate("(name) => watched[name]", side.name) for side in call.receives]
    fps, frozen, concealed = ([side[name] for side in sides] for name in ("fps", "frozen", "concealed"))
    return Seen(fps=min(fps), frozen=max(frozen), concealed=max(concealed))


def over(line: Impairment, cable: Cable, page: Page, calls: dict[str, Call]) -> dict[str, Seen]:
    """The calls are there before their line goes bad, as calls mostly are."""
    cable.becomes(line)
    page.wait_for_timeout(SETTLE * 1000)
    seen = watch(calls)
    cable.becomes()
    return seen


def measure(cable: Cable, page: Page, ways: dict[str, Made]) -> Found:
    found: Found = {line: {way: [] for way in ways} for line in (*SHARED, *NARROW)}

    def take(name: str, line: Impairment, calls: dict[str, Call]) -> None:
        for way, seen in over(line, cable, page, calls).items():
            say(
                f"{name}, {way}: {seen.fps:.0f} fps, {seen.frozen:.1f} s frozen, sound {seen.concealed:.1%} made up"
            )
            found[name][way].append(seen)

    for _ in range(RUNS):
        calls = {way: make() for way, make in ways.items()}
        page.wait_for_timeout(SETTLE * 1000)
        for name, line in SHARED.items():
            take(name, line, calls)
        for call in calls.values():
            call.hang_up()
        for name, line in NARROW.items():
            for way, make in ways.items():
                call = make()
                take(name, line, {way: call})
                call.hang_up()
    return found


def facts(ways: dict[str, list[Seen]]) -> dict[str, Any]:
    return {
        name: {way: spread([getattr(seen, name) for seen in runs]) for way, runs in ways.items()}
        for name in ("fps", "frozen", "concealed")
    }


def main() -> None:
    if reason := why_not():
        skip("bad_network", reason)
    if shutil.which(_janus.PROGRAM) is None:
        skip("bad_network", f"needs the program {_janus.PROGRAM} (Debian: {_janus.PACKAGE})")
    with ExitStack() as stack:
        machines = stack.enter_context(two_machines())
        clinic, folder = machines.clinic, Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relay = Relay(stack, inside=clinic.inside)
        janus = _janus.Janus(stack, clinic.address, inside=clinic.inside)
        playwright, program = stack.enter_context(sync_playwright()), shutil.which("chromium") or "chromium"
        browsers = [
            _pages.chromium(playwright, str(each.program(folder / each.namespace, program)))
            for each in (clinic, machines.phone)
        ]
        for browser in browsers:
            stack.callback(browser.close)
        pages = (_pages.open_page(browsers[0]), _pages.open_page(browsers[1]))
        at = (clinic.address, relay.port)
        ways: dict[str, Made] = {
            OURS: lambda: _pages.through_the_relay(pages, SIZE, relay.open(1)[0], at),
            DIRECT: lambda: _pages.peer_to_peer(pages, SIZE),
            JANUS: lambda: _pages.through_janus(pages, SIZE, janus),
        }
        found = measure(machines.cable, pages[0], ways)
    judged = found[JUDGED]
    report(
        "bad_network",
        [seen.fps for seen in judged[OURS]],
        [seen.fps for seen in judged[DIRECT]],
        peer_name=DIRECT,
        unit=f"pictures a second with {JUDGED}, the worse of two sides",
        reach="no worse than peer to peer beyond its own spread; never a dead picture",
        by_line={line: facts(ways) for line, ways in found.items()},
        machine=machine(),
    )


if __name__ == "__main__":
    main()
