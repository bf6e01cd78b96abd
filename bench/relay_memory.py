"""Memory of the relay for each open pair: 10,000 pairs, both legs of each latched, both gates open.

The peer is no program but the ceiling we set ourselves, so the ratio says how much of it is used.
"""

from contextlib import ExitStack

from bench._relay import Relay, machine, report, resident, say, udp_socket

RUNS = 2
PAIRS = 10_000
CEILING = 4096
BATCH = 500  # between two of them the controller reads what it was told


def bytes_per_pair() -> float:
    with ExitStack() as stack:
        relay = Relay(stack, "--pairs", str(PAIRS))
        before = resident(relay.pid)
        for batch in range(0, PAIRS, BATCH):
            legs = [leg for pair in relay.open(BATCH) for leg in pair]
            for number, leg in enumerate(legs, start=2 * batch):
                # One after the other, so that no 20,000 files are open; each from an address of its own.
                with ExitStack() as moment:
                    relay.latch(udp_socket(moment, f"127.1.{number >> 8}.{number & 255}"), leg)
        stats = relay.stats()
        say(f"{stats['pairs']} pairs, {stats['latched']} legs latched")
        return (resident(relay.pid) - before) / PAIRS


def main() -> None:
    ours = []
    for _ in range(RUNS):
        ours.append(bytes_per_pair())
        say(f"{ours[-1]:,.0f} bytes a pair")
    report(
        "relay_memory",
        ours,
        [CEILING] * RUNS,
        peer_name="the ceiling of 4 KiB",
        unit=f"bytes per open pair at {PAIRS:,} pairs",
        machine=machine(),
    )


if __name__ == "__main__":
    main()
