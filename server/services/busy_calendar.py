"""When a calendar says its owner is busy (iCalendar, RFC 5545): times and nothing else, as Google, Outlook and Apple
write them. The library reads the text; what repeats is worked out here on the wall clock of the event's own zone.

A title, a place or a guest is never looked at, so none can be kept by mistake.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

from scheduling.interval import Interval, merge

DAY = timedelta(days=1)
# An event every second is no appointment, and a calendar has no more turns of events than these.
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"})
MOST_TURNS = 20_000
MOST_EVENTS = 20_000
# What comes of an event that nobody can read. It says nothing about the others.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


class NoCalendar(Exception):
    """The text is no calendar, or none anybody could have."""


@dataclass(frozen=True, slots=True)
class _Span:
    """When an event begins on its own wall, how long it lasts, and the zone of that wall. `whole`: days, not hours."""

    starts: datetime
    lasts: timedelta
    zone: tzinfo
    whole: bool

    def at(self, wall: datetime) -> Interval:
        start = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if self.whole:
            return Interval(start=start, end=(wall + self.lasts).replace(tzinfo=self.zone).astimezone(UTC))
        return Interval(start=start, end=start + self.lasts)


def busy_times(text: bytes, *, zone: str, start: datetime, end: datetime) -> list[Interval]:
    """The busy times in [start, end), merged and in order. Raises NoCalendar.

    `zone` is where whole days and times without a zone are meant.
    """
    try:
        calendar = Calendar.from_ical(text)
        events = calendar.walk("VEVENT") if calendar.name == "VCALENDAR" else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as unreadable:
        raise NoCalendar from unreadable
    if events is None or len(events) > MOST_EVENTS:
        raise NoCalendar
    found = [each for each in _all(events, ZoneInfo(zone), end) if each.start < end and each.end > start]
    return merge(Interval(start=max(e.start, start), end=min(e.end, end)) for e in found)


def _all(events: Iterable[Any], zone: tzinfo, end: datetime) -> Iterator[Interval]:
    known = list(events)
    moved: dict[str, set[datetime]] = {}
    for event in known:
        if "RECURRENCE-ID" in event:
            with suppress(*UNREADABLE):
                moved.setdefault(str(event.get("UID")), set()).add(_instant(event["RECURRENCE-ID"].dt, zone))
    for event in known:
        try:
            instead = set() if "RECURRENCE-ID" in event else moved.get(str(event.get("UID")), set())
            yield from _turns(event, zone, end, instead)
        except UNREADABLE:
            continue


def _turns(event: Any, zone: tzinfo, end: datetime, instead: set[datetime]) -> Iterator[Interval]:
    """Every time of one event, but for those that stand in `instead` as events of their own."""
    span = _span(event, zone) if _takes_time(event) else None
    if span is None or span.lasts <= timedelta():
        return
    left_out = instead | {_instant(each, zone) for each in _dates(event, "EXDATE")}
    for wall in _walls(event, span, zone, end):
        turn = span.at(wall)
        if turn.start not in left_out:
            yield turn


def _takes_time(event: Any) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    # What Outlook means by it stands in a field of its own.
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return False
    return str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"


def _span(event: Any, zone: tzinfo) -> _Span:
    begins = event["DTSTART"].dt
    ends = event["DTEND"].dt if "DTEND" in event else None
    lasts = event["DURATION"].dt if "DURATION" in event else None
    if not isinstance(begins, datetime):
        whole = (ends - begins) if ends is not None else lasts or DAY
        return _Span(datetime.combine(begins, time(0)), whole, zone, whole=True)
    own = begins.tzinfo or zone
    if ends is not None:
        lasts = _instant(ends, zone) - _instant(begins, zone)
    return _Span(begins.replace(tzinfo=None), lasts or timedelta(), own, whole=False)


def _walls(event: Any, span: _Span, zone: tzinfo, end: datetime) -> Iterator[datetime]:
    """When it begins each time, on its own wall."""
    found = {span.starts}
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        found.update(_repeated(rule, span, end))
    found.update(_wall(each, span.zone, zone) for each in _dates(event, "RDATE"))
    yield from sorted(found)


def _repeated(rule: Any, span: _Span, end: datetime) -> list[datetime]:
    if str(rule["FREQ"][0]).upper() not in FREQUENCIES:
        return []
    parts = {name: value for name, value in rule.items() if name != "UNTIL"}
    text = type(rule)(parts).to_ical().decode()
    last = (end + DAY).astimezone(span.zone).replace(tzinfo=None)
    if (until := rule.get("UNTIL")) is not None:
        given = until[0] if isinstance(until, list) else until
        whole = not isinstance(given, datetime)
        given = datetime.combine(given, time.max) if whole else given
        last = min(last, given.astimezone(span.zone).replace(tzinfo=None) if given.tzinfo else given)
    found = []
    turns = rrulestr(text, dtstart=span.starts)
    if "COUNT" not in parts:
        # A rule that is never met would be sought until the year 9999.
        turns = turns.replace(until=last)
    for wall in islice(turns, MOST_TURNS):
        if wall > last:
            break
        found.append(wall)
    return found


def _dates(event: Any, name: str) -> Iterator[date]:
    lists = event.get(name, [])
    for each in lists if isinstance(lists, list) else [lists]:
        for entry in each.dts:
            # A period has its beginning first.
            yield entry.dt[0] if isinstance(entry.dt, tuple) else entry.dt


def _wall(moment: date, own: tzinfo, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0))
    return moment.replace(tzinfo=moment.tzinfo or zone).astimezone(own).replace(tzinfo=None)


def _instant(moment: date, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0))
    return moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC)
