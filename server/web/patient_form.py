"""The fields about somebody who was never here, read with a sentence for each that cannot be right."""

import unicodedata
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from server.care.people import EMAIL, REACHED_BY, SMS, NewPatient
from server.care.states import STATES
from server.web.forms import Form
from server.web.numbers import NO_NUMBER, checked
from server.web.spoken import SPOKEN
from server.web.words import LANGUAGES, N_

NEW = "new"
# Some scripts spell with them.
JOINERS = frozenset("\u200c\u200d")
OLDEST_BIRTH = date(1900, 1, 1)
# The zones most patients live in, offered first.
NEARBY = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)

NOBODY = N_("Choose a patient from the list, or fill in a new one.")
NO_NAME = N_("Type the patient's first and last name.")
NO_BIRTH = N_("Type the date of birth. The patient is asked for it when they open the link.")
NOT_BORN = N_("This date of birth cannot be right. Please check it.")
NO_ADDRESS = N_("This e-mail address cannot be right. Please check it, or leave it empty.")
NO_WAY_TO_REACH = N_("Type an e-mail address or a phone number, so that the clinic can reach the patient.")
NO_NUMBER_TO_TEXT = N_("Type the phone number the text messages go to.")
NO_ZONE = N_("Choose the time zone the patient lives in.")


def is_new(form: Form) -> bool:
    """Whether the form is about somebody new. Notes the problem when it is about nobody."""
    if form.text("patient_id") not in ("", NEW):
        return False
    if form.text("patient_id") == "" and not form.text("name") and form.text("q"):
        form.problems["q"] = NOBODY
        return False
    return True


def read(form: Form, *, today: date, sends_sms: bool) -> NewPatient | None:
    """The new patient, or None with the problems noted. Without a gateway nobody is asked how they are reached."""
    name = visible(form.text("name", longest=120))
    if not name or any(unicodedata.category(mark) == "Cc" for mark in form.text("name")):
        form.problems.setdefault("name", NO_NAME)
    born = form.date("date_of_birth", NO_BIRTH)
    email = form.parsed("email", _email, NO_ADDRESS) if form.text("email") else ""
    phone = form.parsed("phone", checked, NO_NUMBER) if form.text("phone") else ""
    zone = form.parsed("time_zone", _zone, NO_ZONE)
    language = form.text("language")
    if not form.text("email") and not form.text("phone"):
        form.problems["email"] = NO_WAY_TO_REACH
    reached_by = reached(form) if sends_sms else EMAIL
    if reached_by != EMAIL and not form.text("phone"):
        form.problems.setdefault("phone", NO_NUMBER_TO_TEXT)
    if born is not None and not OLDEST_BIRTH <= born <= today:
        form.problems["date_of_birth"] = NOT_BORN
    if not form.ok or born is None or zone is None:
        return None
    return NewPatient(
        name=name,
        date_of_birth=born,
        email=email or None,
        phone=phone or None,
        time_zone=zone,
        language=language if language in LANGUAGES else LANGUAGES[0],
        reached_by=reached_by,
        state=form.text("state") if form.text("state") in STATES else None,
        interpreter_language=form.text("interpreter") if form.text("interpreter") in SPOKEN else None,
    )


def reached(form: Form) -> str:
    """How they want our messages; by text message for somebody without an e-mail address who was not asked."""
    chosen = form.text("reached_by")
    if chosen in REACHED_BY:
        return chosen if form.text("email") or chosen != EMAIL else SMS
    return EMAIL if form.text("email") else SMS


def visible(name: str) -> str:
    """The name without what nobody sees: marks that turn the direction of text, or that are nothing but invisible."""
    kept = (mark for mark in name if mark in JOINERS or unicodedata.category(mark) not in ("Cf", "Cs"))
    shown = " ".join("".join(kept).split())
    return shown if shown.strip("".join(JOINERS)) else ""


def _email(text: str) -> str:
    """Raises ValueError. Only its form is checked: asking the network would tell it who our patients are."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as problem:
        raise ValueError(text) from problem


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError(text)
    return text


def is_zone(name: str) -> bool:
    return name in _all_zones()


@cache
def _all_zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


@cache
def zones(clinic_zone: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(nearby, all others); the clinic's own comes first, as most patients live near it."""
    nearby = tuple(dict.fromkeys((clinic_zone, *NEARBY)))
    return nearby, tuple(sorted(_all_zones() - set(nearby)))
