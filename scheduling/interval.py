"""Half-open intervals [start, end): back-to-back ones touch and do not overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduling import spans


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
    return [Interval(start=start, end=end) for start, end in _merged(intervals)]


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of `intervals` without `taken`, in order."""
    left = spans.subtract(_merged(intervals), _merged(taken))
    return [Interval(start=start, end=end) for start, end in left]


def _merged(intervals: Iterable[Interval]) -> list[tuple[datetime, datetime]]:
    return spans.merge((interval.start, interval.end) for interval in intervals)
