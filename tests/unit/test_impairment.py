"""A bad line keeps its promises: what tests and measurements say about bad networks rests on it."""

from itertools import pairwise

import pytest

from tests.networks.impairment import Impairment, Line

PACKETS = 20_000
EVERY = 0.002


def through(
    impairment: Impairment, *, seed: int = 1, size: int = 100, every: float = EVERY, packets: int = PACKETS
):
    """When each packet came out that did, by its number; and in which order they came."""
    line, came, order = Line(impairment, seed=seed), {}, []
    for step in range(packets):
        now = step * every
        while line.next_due is not None and line.next_due <= now:
            due = line.next_due
            for packet in line.due(due):
                came[int.from_bytes(packet[:4], "big")] = due
                order.append(int.from_bytes(packet[:4], "big"))
        line.put(step.to_bytes(4, "big").ljust(size, b"."), now)
    while (due := line.next_due) is not None:
        for packet in line.due(due):
            came[int.from_bytes(packet[:4], "big")] = due
            order.append(int.from_bytes(packet[:4], "big"))
    return came, order


def test_a_perfect_line_passes_everything_at_once_and_in_order() -> None:
    came, order = through(Impairment())
    assert order == list(range(PACKETS))
    assert all(when == number * EVERY for number, when in came.items())


@pytest.mark.parametrize("share", [0.05, 0.10, 0.5])
def test_the_share_that_is_lost_is_the_one_asked_for_and_comes_singly(share: float) -> None:
    came, _ = through(Impairment(loss=share))
    lost = [number not in came for number in range(PACKETS)]
    assert sum(lost) / PACKETS == pytest.approx(share, rel=0.08)
    # By chance: after a lost packet the next is lost as often as any other.
    after = [second for first, second in pairwise(lost) if first]
    assert sum(after) / len(after) == pytest.approx(share, rel=0.25)


def test_one_seed_is_one_line_and_two_are_two() -> None:
    bad = Impairment(loss=0.1, delay=0.1, jitter=0.05)
    assert through(bad, seed=3) == through(bad, seed=3)
    assert through(bad, seed=3) != through(bad, seed=4)


def test_a_delay_is_the_same_for_every_packet() -> None:
    came, order = through(Impairment(delay=0.1))
    assert order == list(range(PACKETS))
    assert all(when - number * EVERY == pytest.approx(0.1) for number, when in came.items())


def test_jitter_stays_within_its_bounds_uses_them_and_changes_no_order() -> None:
    came, order = through(Impairment(delay=0.1, jitter=0.1))
    assert order == list(range(PACKETS))
    delays = sorted(when - number * EVERY for number, when in came.items())
    assert delays[0] >= 0.1 - 1e-9 and delays[-1] <= 0.2 + 1e-9
    assert delays[PACKETS // 10] < 0.12 + 0.02 and delays[-PACKETS // 10] > 0.18
    assert sum(delays) / PACKETS == pytest.approx(0.15, abs=0.03)


def test_packets_overtake_each_other_only_when_that_is_asked_for() -> None:
    came, order = through(Impairment(jitter=0.05, reorder=True))
    assert sorted(order) == list(range(PACKETS))
    assert sum(later < earlier for earlier, later in pairwise(order)) > PACKETS / 5
    assert max(when - number * EVERY for number, when in came.items()) <= 0.05 + 1e-9


def test_a_limited_line_passes_its_rate_and_no_more() -> None:
    """600 kbit/s are offered, 500 pass, and what is too much is dropped after the queue's time."""
    came, order = through(Impairment(bits_per_second=500_000, queue_bytes=25_000), size=150, every=0.002)
    assert order == sorted(order)
    seconds = PACKETS * 0.002
    passed = len([when for when in came.values() if when <= seconds]) * 150 * 8
    assert passed / seconds == pytest.approx(500_000, rel=0.01)
    assert max(when - number * 0.002 for number, when in came.items()) == pytest.approx(0.4, rel=0.02)


def test_a_limited_line_that_is_not_full_only_takes_its_time() -> None:
    came, _ = through(Impairment(bits_per_second=500_000), size=1000, every=0.02)
    assert len(came) == PACKETS
    assert all(when - number * 0.02 == pytest.approx(0.016) for number, when in came.items())


def test_what_is_under_way_arrives_as_it_would_have_when_the_line_changes() -> None:
    line = Line(Impairment(delay=1.0), seed=1)
    line.put(b"early", 0.0)
    line.impairment = Impairment()
    line.put(b"late", 0.1)
    assert line.due(0.9) == []
    assert line.due(1.0) == [b"early", b"late"]
