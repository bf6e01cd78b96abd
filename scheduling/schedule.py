"""A practitioner's hours (FHIR Schedule): weekly wall-clock hours in a time zone, with exceptions by date.

Hours are wall time, so they stay "nine to five" when the clocks change; the instants they mean do not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.interval import Interval, merge


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Open from `opens` to `closes` on a weekday (Monday is 0). `closes` 00:00 means midnight at the day's end."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True, slots=True)
class DayException:
    """One date that differs: closed all day, or open for these extra hours."""

    on: date
    closed: bool
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    practitioner_id: str
    time_zone: str
    hours: tuple[Hours, ...]
    exceptions: tuple[DayException, ...] = ()

    def open_between(self, start: datetime, end: datetime) -> list[Interval]:
        """The open intervals within [start, end), in UTC and in order."""
        window = Interval(start=start.astimezone(UTC), end=end.astimezone(UTC))
        zone = ZoneInfo(self.time_zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        found = []
        while day <= last:
            found += [cut for opening in self._on(day, zone) if (cut := _cut(opening, window))]
            day += timedelta(days=1)
        return merge(found)

    def _on(self, day: date, zone: ZoneInfo) -> list[Interval]:
        exceptions = [e for e in self.exceptions if e.on == day]
        weekly = (
            [] if any(e.closed for e in exceptions) else [h for h in self.hours if h.weekday == day.weekday()]
        )
        spans = [(h.opens, h.closes) for h in weekly]
        spans += [(e.opens, e.closes) for e in exceptions if e.opens is not None and e.closes is not None]
        return [opening for opens, closes in spans if (opening := _instants(day, opens, closes, zone))]


def _instants(day: date, opens: time, closes: time, zone: ZoneInfo) -> Interval | None:
    """The UTC interval of a wall-clock span, or None when a gap swallowed it whole.

    A time that does not exist (clocks going forward) counts from the moment after the gap; one that exists twice
    opens at its first and closes at its first coming, so nothing is ever offered twice under one name.
    """
    closing_day = day + timedelta(days=1) if closes == time(0) else day
    start = datetime.combine(day, opens, zone).astimezone(UTC)
    end = datetime.combine(closing_day, closes, zone).astimezone(UTC)
    return Interval(start=start, end=end) if start < end else None


def _cut(interval: Interval, window: Interval) -> Interval | None:
    start, end = max(interval.start, window.start), min(interval.end, window.end)
    return Interval(start=start, end=end) if start < end else None
