"""CPU of the server for one live call: our relay beside coturn and Janus, the same Chromium, the same seconds.

One page holds all three calls, each between two people with sound and picture both ways.
"""

import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack

from playwright.sync_api import Page, sync_playwright

from bench import _janus, _pages
from bench._pages import Call
from bench._relay import Relay, cpu_seconds, machine, report, rounded, say, skip, spread
from server.web.network import own_addresses

RUNS = 5
SECONDS = 4.0
SETTLE_SECONDS = 5
SIZES = {"VGA": (640, 480), "720p": (1280, 720)}
JUDGED = "VGA"
PROGRAMS = (("turnserver", "coturn"), (_janus.PROGRAM, _janus.PACKAGE), ("chromium", "chromium"))
OURS, PEERS = "relay", ("coturn", "janus")
REACH = {"coturn": 1.2, "janus": 0.3}

Window = dict[str, tuple[float, float]]  # for each server: percent of a core, CPU microseconds a packet


def measure(page: Page, calls: dict[str, Call], pids: dict[str, int]) -> Window:
    packets = {name: call.sent() for name, call in calls.items()}
    before, start = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    page.wait_for_timeout(SECONDS * 1000)
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    passed = time.monotonic() - start
    packets = {name: call.sent() - packets[name] for name, call in calls.items()}
    return {name: (100 * used[name] / passed, 1e6 * used[name] / packets[name]) for name in pids}


def ratios(windows: list[Window], peer: str) -> list[float]:
    return [window[OURS][0] / window[peer][0] for window in windows]


def facts(windows: list[Window]) -> dict[str, dict[str, object]]:
    return {
        "percent of a core": {name: spread([window[name][0] for window in windows]) for name in windows[0]},
        "CPU microseconds a packet": {
            name: rounded(statistics.median(window[name][1] for window in windows)) for name in windows[0]
        },
        "ratio": {peer: spread(ratios(windows, peer)) for peer in PEERS},
    }


def main() -> None:
    for program, package in PROGRAMS:
        if shutil.which(program) is None:
            skip("relay_call", f"needs the program {program} (Debian: {package})")
    found: dict[str, list[Window]] = {}
    with ExitStack() as stack:
        address = next(iter(own_addresses()), "127.0.0.1")
        relay = Relay(stack)
        janus = _janus.Janus(stack, address)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        pid, port = stack.enter_context(_pages.coturn(address, folder))
        pids = {OURS: relay.pid, "coturn": pid, "janus": janus.pid}
        browser = _pages.chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        for name, size in SIZES.items():
            page = _pages.open_page(browser)
            calls = {
                "coturn": _pages.through_coturn((page, page), size, (address, port)),
                OURS: _pages.through_the_relay((page, page), size, relay.open(1)[0], (address, relay.port)),
                "janus": _pages.through_janus((page, page), size, janus),
            }
            page.wait_for_timeout(SETTLE_SECONDS * 1000)
            found[name] = [measure(page, calls, pids) for _ in range(RUNS)]
            say(f"{name}: {found[name]}")
            page.close()
            relay.close_pairs()
    ours, theirs = ([window[server][0] for window in found[JUDGED]] for server in (OURS, "coturn"))
    report(
        "relay_call",
        ours,
        theirs,
        peer_name="coturn",
        unit=f"percent of a core for one {JUDGED} call",
        reach=REACH,
        by_size={name: facts(windows) for name, windows in found.items()},
        machine=machine(),
    )


if __name__ == "__main__":
    main()
