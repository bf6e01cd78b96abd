"""What the relay adds to a packet's way: one-way delay at 1, 50 and 100 calls' worth of packets.

Each call is two sockets that send 220 packets a second each way at random phases. The same packets go socket to
socket, and through the plain C loop, which shows what of the delay is the machine's own: waking up any process at all.
The kernel notes when a datagram arrives, so the reader's lateness is not in the figures.
"""

import statistics
from contextlib import ExitStack

from bench._relay import (
    C_LOOP,
    Paced,
    Packets,
    Relay,
    allow_files,
    cpu_seconds,
    go_first,
    machine,
    report,
    rounded,
    say,
    udp_socket,
)

RUNS = 5
SECONDS = 1.0
CALLS = (1, 50, 100)
JUDGED = 50


class Bench:
    """All calls are open from the start; how many of them send is what changes."""

    def __init__(self, packets: Packets, stack: ExitStack) -> None:
        self.packets = packets
        self.relay = Relay(stack)
        self.calls = self.relay.calls(max(CALLS), stack)
        self.landing = udp_socket(stack)
        loop, self.loop_port = stack.enter_context(packets.forwarding(self.landing))
        go_first(self.relay.pid, loop)

    def through_the_relay(self, calls: int) -> tuple[Paced, float]:
        before = cpu_seconds(self.relay.pid)
        paced = self.packets.pace(
            {leg: self.relay.port for call in self.calls[:calls] for leg in call}, seconds=SECONDS
        )
        return paced, (cpu_seconds(self.relay.pid) - before) * 1e6 / paced.sent

    def through_the_loop(self, calls: int) -> Paced:
        legs = {leg: self.loop_port for call in self.calls[:calls] for leg in call}
        return self.packets.pace({**legs, self.landing: 0}, seconds=SECONDS)

    def straight(self, calls: int) -> Paced:
        legs = {}
        for one, other in self.calls[:calls]:
            legs[one], legs[other] = other.getsockname()[1], one.getsockname()[1]
        return self.packets.pace(legs, seconds=SECONDS)


def median(runs: list[Paced]) -> dict[str, float]:
    """In milliseconds."""
    return {
        "p50": rounded(statistics.median(run.median for run in runs) / 1000),
        "p99": rounded(statistics.median(run.p99 for run in runs) / 1000),
    }


def main() -> None:
    ours: dict[int, list[Paced]] = {calls: [] for calls in CALLS}
    direct: dict[int, list[Paced]] = {calls: [] for calls in CALLS}
    loop: dict[int, list[Paced]] = {calls: [] for calls in CALLS}
    cpu: dict[int, list[float]] = {calls: [] for calls in CALLS}
    allow_files(2 * max(CALLS) + 100)
    with ExitStack() as stack:
        bench = Bench(Packets("relay_delay", stack), stack)
        for _ in range(RUNS):
            for calls in CALLS:
                paced, each = bench.through_the_relay(calls)
                ours[calls].append(paced)
                cpu[calls].append(each)
                loop[calls].append(bench.through_the_loop(calls))
                direct[calls].append(bench.straight(calls))
                say(
                    f"{calls} calls: relay {paced.median:.0f}/{paced.p99:.0f} µs, "
                    f"C loop {loop[calls][-1].median:.0f}/{loop[calls][-1].p99:.0f}, "
                    f"direct {direct[calls][-1].median:.0f}/{direct[calls][-1].p99:.0f}   "
                    f"lost {paced.sent - paced.arrived}   {each:.1f} µs CPU a packet"
                )
    report(
        "relay_delay",
        [run.p99 / 1000 for run in ours[JUDGED]],
        [run.p99 / 1000 for run in direct[JUDGED]],
        peer_name="direct socket",
        unit=f"milliseconds one way, p99 at {JUDGED} calls' worth of packets",
        one_way_milliseconds={
            f"{calls} calls": {
                "relay": median(ours[calls]),
                C_LOOP: median(loop[calls]),
                "direct socket": median(direct[calls]),
                "CPU microseconds a packet": rounded(statistics.median(cpu[calls])),
            }
            for calls in CALLS
        },
        machine=machine(),
    )


if __name__ == "__main__":
    main()
