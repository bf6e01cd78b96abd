"""Half-open intervals [start, end): back-to-back ones touch and do not overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Interval:
    """From `start` up to, not including, `end`; both aware. Raises ValueError when it would be empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("an interval ends after it starts")

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        return self.start <= other.start and other.end <= self.end


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in as few intervals as possible, in order; touching ones become one."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            end = max(merged[-1].end, interval.end)
            merged[-1] = Interval(start=merged[-1].start, end=end)
        else:
            merged.append(interval)
    return merged


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of `intervals` without `taken`, in order."""
    left = merge(intervals)
    for hole in merge(taken):
        left = [piece for interval in left for piece in _without(interval, hole)]
    return left


def _without(interval: Interval, hole: Interval) -> list[Interval]:
    if not interval.overlaps(hole):
        return [interval]
    pieces = []
    if interval.start < hole.start:
        pieces.append(Interval(start=interval.start, end=hole.start))
    if hole.end < interval.end:
        pieces.append(Interval(start=hole.end, end=interval.end))
    return pieces
