"""The form of an account: what it shows at first, and what was meant by what was typed."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from server.care.access import CLINICIAN, ROLES
from server.services.accounts import Account, Practice
from server.services.weekly_hours import write_day
from server.web.forms import Form
from server.web.numbers import NO_NUMBER, checked
from server.web.time_forms import read_hours
from server.web.words import N_

NO_NAME = N_("Type the person's name.")
NO_EMAIL = N_("Type an e-mail address, like name@example.org.")
NO_ROLE = N_("Choose at least one role.")
NO_ZONE = N_("Choose the time zone the clinician works in.")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
ROLE_NAMES = {
    "front-desk": N_("Front desk"),
    "clinician": N_("Psychiatrist"),
    "administrator": N_("Administrator"),
}
ROLE_HINTS = {
    "front-desk": N_("Books visits and answers waiting patients; never sees a note."),
    "clinician": N_("Sees patients and writes notes; patients can be booked with them."),
    "administrator": N_("Manages accounts and reads the audit trail; never sees a note."),
}
NEARBY = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
OFFICE_HOURS = "9:00–17:00"
WORKDAYS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Meant:
    name: str
    email: str
    roles: frozenset[str]
    practice: Practice | None
    phone: str | None


def blank(clinic_zone: str) -> Form:
    """A new person at the front desk; the hours are there in case it is a clinician."""
    days = {f"day-{n}": OFFICE_HOURS if n < WORKDAYS else "" for n in range(7)}
    return Form({"time_zone": clinic_zone, **days})


def filled(account: Account, clinic_zone: str) -> Form:
    """The account as it is."""
    typed = {**blank(clinic_zone).typed, "name": account.name, "email": account.email}
    typed["phone"] = account.phone or ""
    typed |= {f"role-{role}": "yes" for role in account.roles}
    if account.practice is not None:
        typed |= {"shown_name": account.practice.name, "time_zone": account.practice.time_zone}
        typed |= {f"day-{n}": write_day(account.practice.hours, n) for n in range(7)}
    return Form(typed)


def read(form: Form) -> Meant | None:
    """None with a sentence beside each field that needs another look."""
    name = form.text("name", required=NO_NAME, longest=200)
    email = form.text("email", required=NO_EMAIL, longest=254)
    if email and not EMAIL.fullmatch(email):
        form.problems["email"] = NO_EMAIL
    phone = form.parsed("phone", checked, NO_NUMBER) if form.text("phone") else None
    roles = frozenset(role for role in ROLES if f"role-{role}" in form.typed)
    if not roles:
        form.problems["roles"] = NO_ROLE
    practice = _practice(form, name) if CLINICIAN in roles else None
    return Meant(name=name, email=email, roles=roles, practice=practice, phone=phone) if form.ok else None


def _practice(form: Form, name: str) -> Practice:
    shown = form.text("shown_name", longest=200)
    zone = form.text("time_zone")
    if zone not in all_zones():
        form.problems["time_zone"] = NO_ZONE
    return Practice(name=shown or name, time_zone=zone, hours=read_hours(form) or ())


@cache
def all_zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))


def zones(clinic_zone: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those somebody is likely to choose, then all others."""
    nearby = tuple(dict.fromkeys((clinic_zone, *NEARBY)))
    return nearby, tuple(sorted(all_zones() - set(nearby)))
