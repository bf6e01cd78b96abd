"""The one place that writes a time: always with its zone, because two people read it in two zones."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time

from server.web.words import N_, words_in

YOURS = N_("%(time)s your time (%(city)s)")
CLINICS = N_("%(time)s clinic (%(city)s)")


def zone_city(zone: str) -> str:
    """ "America/Los_Angeles" → "Los Angeles"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def clock_time(instant: datetime, zone: str, language: str = "en") -> str:
    """ "2:00 PM" or "14:00", as the language writes it, in `zone`; "1:30 AM MST" where the clock shows that twice."""
    written = format_time(instant, format="short", tzinfo=ZoneInfo(zone), locale=language)
    local = instant.astimezone(ZoneInfo(zone))
    return f"{written} {local.tzname()}" if _comes_twice(local) else written


def _comes_twice(local: datetime) -> bool:
    """Whether the clock shows this time of this day a second time, because it goes back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def clock_time_seconds(instant: datetime, zone: str, language: str = "en") -> str:
    """ "2:00:07 PM" or "14:00:07", as pages' scripts write the moment something was saved."""
    return format_time(instant, format="medium", tzinfo=ZoneInfo(zone), locale=language)


def day(instant: datetime, zone: str, language: str = "en") -> str:
    """ "Mon, Nov 23" in `zone`."""
    return format_skeleton("MMMEd", instant, tzinfo=ZoneInfo(zone), locale=language)


def year(instant: datetime, zone: str) -> int:
    return instant.astimezone(ZoneInfo(zone)).year


def long_date(on: date, language: str = "en") -> str:
    return format_date(on, format="long", locale=language)


def weekday_date(on: date, language: str = "en") -> str:
    """ "Mon, Nov 23", for a day without a time."""
    return format_skeleton("MMMEd", on, locale=language)


def long_day(instant: datetime, zone: str, language: str = "en") -> str:
    """ "Monday, November 23, 2026" in `zone`."""
    return format_date(instant.astimezone(ZoneInfo(zone)).date(), format="full", locale=language)


def day_and_time(instant: datetime, zone: str, language: str = "en") -> str:
    return f"{day(instant, zone, language)}, {clock_time(instant, zone, language)}"


def when(instant: datetime, zone: str, now: datetime, language: str = "en") -> str:
    """The clock alone for something of today, the day with it for anything else."""
    same_day = instant.astimezone(ZoneInfo(zone)).date() == now.astimezone(ZoneInfo(zone)).date()
    return (clock_time if same_day else day_and_time)(instant, zone, language)


def with_cities(instant: datetime, *, theirs: str, clinic: str, language: str = "en") -> str:
    """ "10:00 AM (Denver), 9:00 AM (Los Angeles)", where every character counts."""
    zones = [theirs]
    if _offset(instant, theirs) != _offset(instant, clinic):
        zones.append(clinic)
    return ", ".join(f"{clock_time(instant, zone, language)} ({zone_city(zone)})" for zone in zones)


def clocks_change_between(one: datetime, other: datetime, *, theirs: str, clinic: str) -> bool:
    """Whether a change of the clocks moves the two zones against each other between these moments."""
    return _offset(one, theirs) - _offset(one, clinic) != _offset(other, theirs) - _offset(other, clinic)


def _offset(instant: datetime, zone: str) -> timedelta:
    return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def both_zones(instant: datetime, *, theirs: str, clinic: str, language: str = "en") -> str:
    """ "10:00 AM your time (Denver) · 9:00 AM clinic (Los Angeles)"; once only where the zones agree."""
    say = words_in(language).gettext
    own = say(YOURS) % {
        "time": clock_time(instant, theirs, language),
        "city": zone_city(theirs),
    }
    if _offset(instant, theirs) == _offset(instant, clinic):
        return own
    other = say(CLINICS) % {
        "time": clock_time(instant, clinic, language),
        "city": zone_city(clinic),
    }
    return f"{own} · {other}"
