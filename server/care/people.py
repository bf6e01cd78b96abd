"""The people of the record (FHIR Patient, Practitioner)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from scheduling.bookings import PatientId, PractitionerId

EMAIL, SMS, BOTH = "email", "sms", "both"
REACHED_BY = (EMAIL, SMS, BOTH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """`reached_by` is how they want our messages; `channels` is how they can be sent them."""

    id: PatientId
    name: str
    date_of_birth: date
    email: str | None
    phone: str | None
    time_zone: str
    language: str
    # Where they live, as licences write it ("AZ"); None: not known.
    state: str | None = None
    interpreter_language: str | None = None
    version: int = 1
    reached_by: str = EMAIL

    @property
    def channels(self) -> tuple[str, ...]:
        return channels_of(self.reached_by, email=bool(self.email), phone=bool(self.phone))


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPatient:
    """What is asked of somebody who was never here."""

    name: str
    date_of_birth: date
    email: str | None
    phone: str | None
    time_zone: str
    language: str
    reached_by: str
    state: str | None = None
    interpreter_language: str | None = None


def channels_of(reached_by: str, *, email: bool, phone: bool) -> tuple[str, ...]:
    """As they want it. Somebody without a number is written to; nobody gets text messages they did not ask for."""
    known = {EMAIL: email, SMS: phone}
    wanted = (EMAIL, SMS) if reached_by == BOTH else (reached_by,)
    found = tuple(channel for channel in wanted if known[channel])
    return found or ((EMAIL,) if email else ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Practitioner:
    id: PractitionerId
    account_id: str
    name: str
    time_zone: str
    languages: frozenset[str] = frozenset()


OF_AGE = 18


def of_age_on(born: date) -> date:
    """The day from which somebody is treated here (clinical.md, S9): a birthday, or 1 March for who has none then."""
    try:
        return born.replace(year=born.year + OF_AGE)
    except ValueError:
        return date(born.year + OF_AGE, 3, 1)


def of_age_from(born: date, zone: str) -> datetime:
    """The moment that day begins where they live."""
    return datetime.combine(of_age_on(born), time(), ZoneInfo(zone)).astimezone(UTC)


def age_on(born: date, today: date) -> int:
    """Whole years, counted as people do: the birthday itself counts."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
