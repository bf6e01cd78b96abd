"""The forms of a practitioner's time, read with a sentence for each field that cannot be right."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from scheduling.bookings import Appointment
from scheduling.licences import Licence
from scheduling.schedule import Absence, DayException
from server.care.states import STATES
from server.services.weekly_hours import EndsBeforeItBegins, HoursUnclear, WeeklyHours, read_day
from server.web.forms import Form
from server.web.words import N_

NO_DAY = N_("Choose a day.")
NO_TIME = N_("Write a time like 13:30.")
BACKWARDS = N_("The end has to come after the beginning.")
TOO_LONG = N_("This is longer than two years. Please check the days.")
UNCLEAR = N_("Write times like 9:00-12:00, 13:00-17:00, or leave it empty.")
OVER_MIDNIGHT = N_(
    "The end comes before the beginning. Hours over midnight are two entries: until 24:00 on this day, like "
    "22:00-24:00, and from 0:00 on the next, like 0:00-2:00."
)
NO_STATE = N_("Choose the state.")
NO_NUMBER = N_("Type the licence's number.")
NO_ADDRESS = N_("Paste the calendar's secret address; it begins with https://.")
MIDNIGHT, MOST = time(0), timedelta(days=732)
CLOSED, PART, EXTRA = "closed", "part", "extra"


def read_hours(form: Form) -> WeeklyHours | None:
    """A usual week, a field a day; None for a form with a problem, whichever."""
    hours: list[tuple[int, time, time]] = []
    for day in range(7):
        try:
            hours += [
                (day, opens, closes) for opens, closes in read_day(form.text(f"day-{day}", longest=100))
            ]
        except EndsBeforeItBegins:
            form.problems[f"day-{day}"] = OVER_MIDNIGHT
        except HoursUnclear:
            form.problems[f"day-{day}"] = UNCLEAR
    return tuple(hours) if form.ok else None


def read_exception(form: Form) -> DayException | None:
    """One date: closed, closed for a part, or extra hours."""
    on = form.date("on", NO_DAY)
    how = form.text("how") or CLOSED
    if how == CLOSED:
        return DayException(on=on, closed=True) if on else None
    opens = form.parsed("opens", time.fromisoformat, NO_TIME)
    closes = form.parsed("closes", time.fromisoformat, NO_TIME)
    if opens is not None and closes is not None and closes <= opens and closes != MIDNIGHT:
        form.problems["closes"] = BACKWARDS
    if not form.ok or on is None or opens is None or closes is None:
        return None
    return DayException(on=on, closed=how == PART, opens=opens, closes=closes)


def read_absence(form: Form, zone: str) -> Absence | None:
    """From a day until a day, or from a time until a time on them."""
    first_on = form.date("first_on", NO_DAY)
    last_on = form.date("last_on", NO_DAY) if form.text("last_on") else first_on
    from_time = form.parsed("from_time", time.fromisoformat, NO_TIME) if form.text("from_time") else MIDNIGHT
    until = form.parsed("until_time", time.fromisoformat, NO_TIME) if form.text("until_time") else MIDNIGHT
    reason = form.text("reason", longest=200)
    if not form.ok or first_on is None or last_on is None or from_time is None or until is None:
        return None
    starts = datetime.combine(first_on, from_time)
    # An end at midnight is the day's end, as hours are.
    ends = datetime.combine(last_on, until) + (timedelta(days=1) if until == MIDNIGHT else timedelta())
    if ends <= starts:
        form.problems["last_on"] = BACKWARDS
    elif ends - starts > MOST:
        form.problems["last_on"] = TOO_LONG
    return Absence(starts=starts, ends=ends, time_zone=zone, reason=reason) if form.ok else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A licence with the number on it."""

    licence: Licence
    number: str


def read_licence(form: Form) -> Written | None:
    state = form.text("state")
    if state not in STATES:
        form.problems["state"] = NO_STATE
    number = form.text("number", required=NO_NUMBER, longest=60)
    first_on = form.date("valid_from", NO_DAY)
    last_on = form.date("valid_until", NO_DAY) if form.text("valid_until") else None
    if first_on and last_on and last_on < first_on:
        form.problems["valid_until"] = BACKWARDS
    if not form.ok or first_on is None:
        return None
    return Written(licence=Licence(state=state, first_on=first_on, last_on=last_on), number=number)


def read_feed(form: Form) -> str | None:
    """The address, "" to forget it. webcal:// is what calendars call https://."""
    url = form.text("url", longest=2000)
    if url.startswith("webcal://"):
        url = "https://" + url.removeprefix("webcal://")
    try:
        good = not url or (urlsplit(url).scheme == "https" and bool(urlsplit(url).hostname))
    except ValueError:
        good = False
    if not good:
        form.problems["url"] = NO_ADDRESS
    return url if form.ok else None


def mark_of(hit: Iterable[Appointment]) -> str:
    """Stands for just these bookings: whoever confirms has seen them, and one that came meanwhile is shown again."""
    return sha256("|".join(sorted(each.id for each in hit)).encode()).hexdigest()[:32]
