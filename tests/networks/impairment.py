"""Pure: what a bad line does to packets. Loss, delay, jitter, a rate with a bounded queue; the same of one seed.

The kernel has all this in netem, which many systems are built without.
"""

import heapq
from dataclasses import dataclass
from itertools import count
from random import Random


@dataclass(frozen=True, kw_only=True, slots=True)
class Impairment:
    """Of one direction. `jitter` comes on top of `delay`; both in seconds."""

    loss: float = 0.0  # the share of packets that is gone, each by its own chance
    delay: float = 0.0
    jitter: float = 0.0
    reorder: bool = False  # else a packet waits for those before it, as in nearly every real network
    bits_per_second: float = 0.0  # 0: no limit
    queue_bytes: int = 25_000  # what waits for a limited line at most; what comes then is gone


PERFECT = Impairment()


class Line:
    """One direction of a cable: packets go in with `put` and come out with `due`, both told the time."""

    def __init__(self, impairment: Impairment = PERFECT, *, seed: int) -> None:
        self.impairment = impairment
        self._chance = Random(seed)
        self._under_way: list[tuple[float, int, bytes]] = []
        self._number = count()
        self._free_at = self._last_due = self._spell_ends = self._extra = 0.0

    def put(self, packet: bytes, now: float) -> bool:
        """False: it is lost."""
        bad = self.impairment
        if self._chance.random() < bad.loss:
            return False
        leaves = now
        if bad.bits_per_second:
            waiting = max(0.0, self._free_at - now) * bad.bits_per_second / 8
            if waiting + len(packet) > bad.queue_bytes:
                return False
            leaves = self._free_at = max(self._free_at, now) + len(packet) * 8 / bad.bits_per_second
        due = leaves + bad.delay + self._jitter(now)
        if not bad.reorder:
            due = self._last_due = max(self._last_due, due)
        heapq.heappush(self._under_way, (due, next(self._number), packet))
        return True

    def _jitter(self, now: float) -> float:
        """With reordering each packet has its own; without, it holds for a while, or packets that come densely would
        all wait for the one that has most of it."""
        bad = self.impairment
        if bad.reorder:
            return self._chance.uniform(0, bad.jitter)
        if now >= self._spell_ends:
            self._extra = self._chance.uniform(0, bad.jitter)
            self._spell_ends = now + self._chance.uniform(1, 3) * bad.jitter
        return min(self._extra, bad.jitter)

    def due(self, now: float) -> list[bytes]:
        """What comes out now, in order."""
        out = []
        while self._under_way and self._under_way[0][0] <= now:
            out.append(heapq.heappop(self._under_way)[2])
        return out

    @property
    def next_due(self) -> float | None:
        return self._under_way[0][0] if self._under_way else None
