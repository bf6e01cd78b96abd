"""A job as a value: what to run, how often, and how long to wait after it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LONGEST_PAUSE_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """`run` returns how many things it did; anything but none is followed by another run at once."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[int]]


def pause_after(failures: int, *, every_seconds: float) -> float:
    """Seconds until the next run: the period, doubled for each failure in a row, within a limit."""
    return float(min(every_seconds * 2**failures, max(LONGEST_PAUSE_SECONDS, every_seconds)))
