"""Weekly hours as people write them: "9:00–12:00, 13:00–17:00" for one day, "mon-fri 9:00-17:00" on a command line."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import pairwise

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—]\s*(\d{1,2})(?::(\d{2}))?")
# (weekday with Monday 0, opens, closes; 00:00 is the day's end), wall time in the practitioner's zone
WeeklyHours = tuple[tuple[int, time, time], ...]
HOUR, DAY, MIDNIGHT = 60, 24 * 60, time(0)


class HoursUnclear(ValueError):
    """The text is no list of spans, or its spans overlap or run backwards."""


class EndsBeforeItBegins(HoursUnclear):
    """Over midnight, or an afternoon without its twelve hours: which of the two is not for us to say."""


def read_day(text: str) -> tuple[tuple[time, time], ...]:
    """The spans of one day in order; empty for an empty text. One until 24:00 ends with 00:00. Raises HoursUnclear."""
    if not text.strip():
        return ()
    spans = sorted(_span(part) for part in text.split(","))
    for (_, closes), (opens, _) in pairwise(spans):
        if opens < closes:
            raise HoursUnclear(text)
    return tuple((_time(opens), _time(closes)) for opens, closes in spans)


def _span(text: str) -> tuple[int, int]:
    """In minutes of the day."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise HoursUnclear(text)
    opens, closes = _minute(found[1], found[2]), _minute(found[3], found[4])
    if opens > closes:
        raise EndsBeforeItBegins(text)
    if opens == closes:
        raise HoursUnclear(text)
    return opens, closes


def _minute(hour: str, minute: str | None) -> int:
    found = int(hour) * HOUR + int(minute or 0)
    if int(minute or 0) >= HOUR or found > DAY:
        raise HoursUnclear(hour)
    return found


def _time(minute: int) -> time:
    return time(minute // HOUR % 24, minute % HOUR)


def write_day(hours: Iterable[tuple[int, time, time]], weekday: int) -> str:
    """What read_day would read back."""
    return ", ".join(f"{opens:%H:%M}–{_end(closes)}" for on, opens, closes in hours if on == weekday)


def _end(closes: time) -> str:
    return "24:00" if closes == MIDNIGHT else f"{closes:%H:%M}"


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
