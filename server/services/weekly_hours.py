"""Weekly hours as people write them: "9:00–12:00, 13:00–17:00" for one day, "mon-fri 9:00-17:00" on a command line."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import pairwise

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—]\s*(\d{1,2})(?::(\d{2}))?")
# (weekday with Monday 0, opens, closes), wall time in the practitioner's zone
WeeklyHours = tuple[tuple[int, time, time], ...]
LAST_MINUTE = time(23, 59)


class HoursUnclear(ValueError):
    """The text is no list of spans, or its spans overlap or run backwards."""


def read_day(text: str) -> tuple[tuple[time, time], ...]:
    """The spans of one day in order; empty for an empty text. Raises HoursUnclear."""
    if not text.strip():
        return ()
    spans = sorted(_span(part) for part in text.split(","))
    for (_, closes), (opens, _) in pairwise(spans):
        if opens < closes:
            raise HoursUnclear(text)
    return tuple(spans)


def _span(text: str) -> tuple[time, time]:
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise HoursUnclear(text)
    opens, closes = _time(found[1], found[2]), _time(found[3], found[4])
    if opens >= closes:
        raise HoursUnclear(text)
    return opens, closes


def _time(hour: str, minute: str | None) -> time:
    if hour == "24" and not int(minute or 0):
        return LAST_MINUTE
    try:
        return time(int(hour), int(minute or 0))
    except ValueError as problem:
        raise HoursUnclear(hour) from problem


def write_day(hours: Iterable[tuple[int, time, time]], weekday: int) -> str:
    """What read_day would read back."""
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for on, opens, closes in hours if on == weekday)


def read_week(text: str) -> WeeklyHours:
    """ "mon-thu 9:00-12:00, 13:00-17:00; fri 9-12" → hours. Raises HoursUnclear, also for a day named twice."""
    week: dict[int, tuple[tuple[time, time], ...]] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        days, _, spans = part.partition(" ")
        for day in _days(days):
            if day in week or not spans.strip():
                raise HoursUnclear(text)
            week[day] = read_day(spans)
    return tuple((day, opens, closes) for day, spans in sorted(week.items()) for opens, closes in spans)


def _days(text: str) -> range:
    first, _, last = text.lower().partition("-")
    try:
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    except ValueError as problem:
        raise HoursUnclear(text) from problem
    return range(start, end + 1)
