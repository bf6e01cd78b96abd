"""A practitioner's time (FHIR Schedule): weekly hours, days that differ, leave, the clinic's closures.

Hours are wall time, so they stay "nine to five" when the clocks change; the instants they mean do not. An instant is
open when the wall clock then shows a time within the hours. So what lies in the hour that comes twice is open both
times, each with instants of its own, and what lies in the hour that does not exist is never open.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduling import spans, wall
from scheduling.interval import Interval

Spans = list[tuple[int, int]]
MIDNIGHT = time(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Open from `opens` to `closes` on a weekday (Monday is 0). `closes` 00:00 means midnight at the day's end."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True, slots=True)
class DayException:
    """One date that differs: closed all day, closed from `opens` to `closes`, or open then beside the usual hours.

    Extra hours win over what is closed on the same date; leave and closures win over both.
    """

    on: date
    closed: bool
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """A practitioner's leave, or the clinic closed: one stretch of wall time in `time_zone` (both ends naive).

    A start that exists twice means the first one, an end that exists twice the second, ends that do not exist the
    moment the clock jumps: in doubt nobody is booked into an absence. `whole_days` makes one of dates.
    """

    starts: datetime
    ends: datetime
    time_zone: str
    reason: str = ""

    @classmethod
    def whole_days(cls, *, first_on: date, last_on: date, time_zone: str, reason: str = "") -> "Absence":
        """From the first day's beginning until the last day's end."""
        return cls(
            starts=datetime.combine(first_on, MIDNIGHT),
            ends=datetime.combine(last_on + timedelta(days=1), MIDNIGHT),
            time_zone=time_zone,
            reason=reason,
        )

    @property
    def span(self) -> tuple[int, int]:
        """In minutes; the end is excluded, and not after the start when the absence is empty."""
        return wall.first_instant(self.starts, self.time_zone), wall.last_instant(self.ends, self.time_zone)

    def meets(self, visit: Interval) -> bool:
        start, end = self.span
        return start < wall.ceil(visit.end) and wall.floor(visit.start) < end and start < end


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """`elsewhere`: what an external calendar says is taken, which counts as busy and not as closed."""

    practitioner_id: str
    time_zone: str
    hours: tuple[Hours, ...]
    exceptions: tuple[DayException, ...] = ()
    leave: tuple[Absence, ...] = ()
    closures: tuple[Absence, ...] = ()
    elsewhere: tuple[Interval, ...] = ()

    def open_between(self, start: datetime, end: datetime) -> list[Interval]:
        """The open intervals within [start, end), in UTC and in order, to the whole minute."""
        return [
            Interval(start=wall.instant_of(opens), end=wall.instant_of(closes))
            for opens, closes in OpenTime(self).between(wall.ceil(start), wall.floor(end))
        ]


class OpenTime:
    """A schedule made ready to be asked often: its week as minutes, its exceptions by day, its absences as spans."""

    __slots__ = ("_away", "_closed", "_extra", "_week", "_zone")

    def __init__(self, schedule: Schedule) -> None:
        self._zone = schedule.time_zone
        self._week = spans.merge(
            (each.weekday * wall.DAY + start, each.weekday * wall.DAY + end)
            for each in schedule.hours
            for start, end in [_day_span(each.opens, each.closes)]
        )
        self._closed = spans.merge(_on_day(each) for each in schedule.exceptions if each.closed)
        self._extra = spans.merge(_on_day(each) for each in schedule.exceptions if not each.closed)
        self._away = spans.merge(each.span for each in (*schedule.leave, *schedule.closures))

    def between(self, low: int, high: int) -> Spans:
        """The open spans in [low, high), in minutes."""
        if low >= high:
            return []
        found: Spans = []
        for start, end, ahead in wall.stretches(self._zone, low, high):
            for opens, closes in self._on_the_wall(start + ahead, end + ahead):
                if found and found[-1][1] == opens - ahead:
                    found[-1] = (found[-1][0], closes - ahead)
                else:
                    found.append((opens - ahead, closes - ahead))
        return spans.subtract(found, self._away)

    def _on_the_wall(self, low: int, high: int) -> Spans:
        """The open spans in [low, high) of wall minutes without a change of the clock in between."""
        monday = low - (low - wall.FIRST_MONDAY) % wall.WEEK
        weekly = [
            (week + opens, week + closes)
            for week in range(monday, high, wall.WEEK)
            for opens, closes in self._week
        ]
        if self._closed:
            weekly = spans.subtract(weekly, self._closed)
        if self._extra:
            weekly += self._extra
        return spans.merge(spans.clip(weekly, low, high))


def _day_span(opens: time, closes: time) -> tuple[int, int]:
    """In minutes of the day; hours that end before they begin mean nothing."""
    end = wall.DAY if closes == MIDNIGHT else closes.hour * wall.HOUR + closes.minute
    return opens.hour * wall.HOUR + opens.minute, end


def _on_day(exception: DayException) -> tuple[int, int]:
    day = wall.midnight(exception.on)
    if exception.opens is None or exception.closes is None:
        return (day, day + wall.DAY) if exception.closed else (day, day)
    start, end = _day_span(exception.opens, exception.closes)
    return day + start, day + end
