"""Half-open spans (start, end) as bare pairs of anything that has an order: minutes where it must be fast, instants.

The one place where stretches of time are put together, taken away and cut. Every list given here as `list` is in
order and free of overlaps, as `merge` leaves it, and so is every list given back; an empty span is never among them.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar


class Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=Ordered)


def merge(spans: Iterable[tuple[T, T]]) -> list[tuple[T, T]]:
    """The same time in as few spans as possible; touching ones become one, empty ones nothing."""
    merged: list[tuple[T, T]] = []
    for start, end in sorted(spans):
        if not start < end:
            continue
        if merged and not merged[-1][1] < start:
            if merged[-1][1] < end:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def total(spans: Iterable[tuple[int, int]], low: int, high: int) -> int:
    """How much of [low, high) the spans take, in any order; what two of them take counts twice."""
    starts, ends = zip(*spans, strict=True) if (spans := list(spans)) else ((), ())
    return _clamped(ends, low, high) - _clamped(starts, low, high)


def _clamped(numbers: Iterable[int], low: int, high: int) -> int:
    """The sum of the numbers, each brought into [low, high]; bisecting what is sorted is faster than comparing all."""
    rising = sorted(numbers)
    first, last = bisect_left(rising, low), bisect_left(rising, high)
    return low * first + sum(rising[first:last]) + high * (len(rising) - last)


def subtract(spans: list[tuple[T, T]], taken: list[tuple[T, T]]) -> list[tuple[T, T]]:
    """What is left of `spans` without `taken`."""
    if not taken:
        return spans
    left: list[tuple[T, T]] = []
    first = 0
    for start, end in spans:
        while first < len(taken) and not start < taken[first][1]:
            first += 1
        at, hole = start, first
        while hole < len(taken) and taken[hole][0] < end:
            if at < taken[hole][0]:
                left.append((at, taken[hole][0]))
            at = taken[hole][1]
            hole += 1
        if at < end:
            left.append((at, end))
    return left


def intersect(spans: list[tuple[T, T]], others: list[tuple[T, T]]) -> list[tuple[T, T]]:
    """The time that is in both."""
    both: list[tuple[T, T]] = []
    one = other = 0
    while one < len(spans) and other < len(others):
        start = max(others[other][0], spans[one][0])
        ends_first = spans[one][1] < others[other][1]
        end = spans[one][1] if ends_first else others[other][1]
        if start < end:
            both.append((start, end))
        if ends_first:
            one += 1
        else:
            other += 1
    return both


def clip(spans: Iterable[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    """The part of `spans` in [low, high)."""
    return [(max(low, start), min(high, end)) for start, end in spans if end > low and start < high]
