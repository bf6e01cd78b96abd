"""Packets a second one core forwards: our relay beside a plain C loop of recvfrom and sendto.

Both get the same datagrams from the same C program, one after the other, several times over. What counts is
packets per second of CPU time that the forwarding process used, so a busy machine does not change the figure much.
"""

import statistics
from contextlib import ExitStack

from bench._relay import (
    C_LOOP,
    Packets,
    Relay,
    cpu_seconds,
    machine,
    report,
    rounded,
    say,
    spread,
    udp_socket,
)

RUNS = 9
SECONDS = 1.0
SIZES = (1000, 200)
UNLIMITED = ("--bits-per-second", "100000000000")


def ours(packets: Packets, size: int) -> float:
    with ExitStack() as stack:
        relay = Relay(stack, *UNLIMITED)
        [(one, other)] = relay.calls(1, stack)
        before = cpu_seconds(relay.pid)
        arrived = packets.flood(one, other, relay.port, seconds=SECONDS, size=size)
        return arrived / (cpu_seconds(relay.pid) - before)


def theirs(packets: Packets, size: int) -> float:
    with ExitStack() as stack:
        one, other = udp_socket(stack), udp_socket(stack)
        pid, port = stack.enter_context(packets.forwarding(other))
        before = cpu_seconds(pid)
        arrived = packets.flood(one, other, port, seconds=SECONDS, size=size)
        return arrived / (cpu_seconds(pid) - before)


def main() -> None:
    rates: dict[int, tuple[list[float], list[float]]] = {size: ([], []) for size in SIZES}
    with ExitStack() as stack:
        packets = Packets("relay_ceiling", stack)
        for _ in range(RUNS):
            for size, (our, their) in rates.items():
                our.append(ours(packets, size))
                their.append(theirs(packets, size))
                say(f"{size} B: ours {our[-1]:,.0f}   peer {their[-1]:,.0f}   packets per CPU second")
    (our, their), (our_small, their_small) = rates.values()
    small = [one / other for one, other in zip(our_small, their_small, strict=True)]
    report(
        "relay_ceiling",
        our,
        their,
        peer_name=C_LOOP,
        unit=f"packets of {SIZES[0]} bytes per second of one core",
        microseconds_a_packet={
            "ours": rounded(1e6 / statistics.median(our)),
            "peer": rounded(1e6 / statistics.median(their)),
        },
        small={
            "bytes": SIZES[1],
            "ratio": spread(small),
            "ours": spread(our_small),
            "peer": spread(their_small),
        },
        machine=machine(),
    )


if __name__ == "__main__":
    main()
