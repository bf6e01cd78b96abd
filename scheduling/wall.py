"""Wall clocks and instants. An instant is a whole number of minutes since 1970 (UTC), a wall time a naive one.

A zone is a list of stretches between two changes of its clock; within a stretch, wall time is the instant plus a
constant, so that what is open by the wall clock is found by adding, and a wall time that exists twice (the clocks go
back) or never (they go forward) needs no case of its own.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR, DAY, WEEK = 60, 1440, 10080
# 5 January 1970 was a Monday.
FIRST_MONDAY = 4 * DAY
# How far apart the clock is looked at when changes are sought; no zone changes twice within so little time.
LOOK = 6 * HOUR


def floor(instant: datetime) -> int:
    """The minute the instant lies in."""
    return (instant - EPOCH) // MINUTE


def ceil(instant: datetime) -> int:
    """The first whole minute from the instant on."""
    return -((EPOCH - instant) // MINUTE)


def instant_of(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def midnight(day: date) -> int:
    """The minute, on the wall, at which the day begins."""
    return (day.toordinal() - EPOCH.toordinal()) * DAY


def wall_minute(wall: datetime) -> int:
    """A naive date and time as minutes."""
    return midnight(wall.date()) + wall.hour * HOUR + wall.minute


def stretches(zone: str, low: int, high: int) -> list[tuple[int, int, int]]:
    """[low, high) cut where the zone's clock changes: (from, until, minutes the wall is ahead of UTC)."""
    changes: list[tuple[int, int]] = []
    for year in range(instant_of(low).year, instant_of(max(low, high - 1)).year + 1):
        changes += _changes(zone, year)
    found = []
    for (start, ahead), (end, _) in zip(changes, [*changes[1:], (high, 0)], strict=True):
        if start < high and end > low:
            found.append((max(start, low), min(end, high), ahead))
    return found


def first_instant(wall: datetime, zone: str) -> int:
    """The first minute at which the zone's clock shows `wall` (naive) or later."""
    minute = wall_minute(wall)
    for start, end, ahead in _around(minute, zone):
        if minute < end + ahead:
            return max(start, minute - ahead)
    raise AssertionError("a wall time lies within two days of the same minute in UTC")


def last_instant(wall: datetime, zone: str) -> int:
    """The minute after the last one at which the zone's clock still shows a time before `wall` (naive)."""
    minute = wall_minute(wall)
    for start, end, ahead in reversed(_around(minute, zone)):
        if minute > start + ahead:
            return min(end, minute - ahead)
    raise AssertionError("a wall time lies within two days of the same minute in UTC")


def day_span(first_on: date, last_on: date, zone: str) -> tuple[int, int]:
    """From the first day's beginning until the last one's end, in the zone."""
    after = datetime(last_on.year, last_on.month, last_on.day) + timedelta(days=1)  # noqa: DTZ001 -- a wall time
    first = datetime(first_on.year, first_on.month, first_on.day)  # noqa: DTZ001 -- a wall time
    return first_instant(first, zone), last_instant(after, zone)


def _around(minute: int, zone: str) -> list[tuple[int, int, int]]:
    return stretches(zone, minute - 2 * DAY, minute + 2 * DAY)


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """The year's beginning and every change in it (UTC), each with how far ahead the wall is from then on."""
    here = ZoneInfo(zone)
    start = floor(datetime(year, 1, 1, tzinfo=UTC))
    end = floor(datetime(year + 1, 1, 1, tzinfo=UTC))
    changes = [(start, _ahead(here, start))]
    for minute in range(start, end, LOOK):
        until = min(minute + LOOK, end - 1)
        ahead = _ahead(here, until)
        if ahead != changes[-1][1]:
            changes.append((_change(here, minute, until), ahead))
    return tuple(changes)


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first minute in (low, high] that is as far ahead as `high`."""
    after = _ahead(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _ahead(zone, middle) == after:
            high = middle
        else:
            low = middle
    return high


def _ahead(zone: ZoneInfo, minute: int) -> int:
    offset = instant_of(minute).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // MINUTE
