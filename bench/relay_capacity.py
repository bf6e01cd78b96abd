"""How many calls' worth of packets one core carries without losing one, beside a plain C loop.

A call is two legs that send 220 packets of 1,000 bytes a second each way, at random phases. Steps go up until a second
passes in which a packet was lost; because a busy machine can take the core away for longer than any buffer lasts, a
step has three tries.
"""

from contextlib import ExitStack

from bench._relay import C_LOOP, Packets, Relay, allow_files, go_first, machine, report, say, udp_socket

RUNS = 3
SECONDS = 1.0
TRIES = 3
STEPS = (100, 150, 200, 250, 300, 350, 400, 450, 500)
LATE = 1.1  # a driver slower than this cannot say anything about the relay


def carries(packets: Packets, senders: dict, name: str) -> bool:
    for _ in range(TRIES):
        paced = packets.pace(senders, seconds=SECONDS)
        lost, late = paced.sent - paced.arrived, paced.seconds > LATE * SECONDS
        say(f"{name}: {paced.sent:,} packets, {lost} lost{', driver too slow' if late else ''}")
        if not lost and not late:
            return True
    return False


def most(carried: dict[int, bool]) -> int:
    return max((calls for calls, good in carried.items() if good), default=0)


def main() -> None:
    ours, theirs = [], []
    allow_files(2 * max(STEPS) + 100)
    with ExitStack() as stack:
        packets = Packets("relay_capacity", stack)
        relay = Relay(stack)
        calls = relay.calls(max(STEPS), stack)
        landing = udp_socket(stack)
        loop, port = stack.enter_context(packets.forwarding(landing))
        go_first(relay.pid, loop)
        for _ in range(RUNS):
            our: dict[int, bool] = {}
            their: dict[int, bool] = {}
            for step in STEPS:
                legs = [leg for call in calls[:step] for leg in call]
                if all(our.values()):
                    our[step] = carries(packets, dict.fromkeys(legs, relay.port), f"{step} calls, relay")
                if all(their.values()):
                    to_the_loop = {**dict.fromkeys(legs, port), landing: 0}
                    their[step] = carries(packets, to_the_loop, f"{step} calls, C loop")
            ours.append(most(our))
            theirs.append(most(their))
    if not all(theirs):
        say("the machine was too busy for the C loop to carry the first step: this run says nothing")
        raise SystemExit(1)
    report(
        "relay_capacity",
        ours,
        theirs,
        peer_name=C_LOOP,
        unit="calls' worth of packets on one core without loss",
        at_most=max(STEPS),
        machine=machine(),
    )


if __name__ == "__main__":
    main()
