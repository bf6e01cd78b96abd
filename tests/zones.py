"""Every zone there is, and the changes of their clocks, read from the zones' own answers one by one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
# How far apart a clock is looked at; a change is then sought to the minute.
LOOK = 2 * HOUR
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Clock:
    """Zones that show the same wall time at every instant: how far ahead at first, and every change (UTC, ahead)."""

    ahead: timedelta
    changes: tuple[tuple[datetime, timedelta], ...]


@cache
def clocks(first: datetime = FIRST, last: datetime = LAST) -> dict[Clock, list[str]]:
    """Every zone under the clock it shows between the two instants."""
    found: dict[Clock, list[str]] = {}
    for name in sorted(available_timezones()):
        found.setdefault(_clock(name, first, last), []).append(name)
    return found


def _clock(name: str, first: datetime, last: datetime) -> Clock:
    zone = ZoneInfo(name)
    at, end, look = int(first.timestamp()), int(last.timestamp()), LOOK // SECOND
    ahead = before = _ahead(zone, at)
    changes = []
    while at < end:
        after = _ahead(zone, at + look)
        if after != ahead:
            changes.append((_change(zone, at, at + look), after))
            ahead = after
        at += look
    return Clock(ahead=before, changes=tuple(changes))


def _change(zone: ZoneInfo, low: int, high: int) -> datetime:
    after = _ahead(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _ahead(zone, middle) == after else (middle, high)
    return datetime.fromtimestamp(high, UTC)


def _ahead(zone: ZoneInfo, second: int) -> timedelta:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return offset
