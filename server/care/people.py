"""The people of the record (FHIR Patient, Practitioner)."""

from dataclasses import dataclass
from datetime import date

from scheduling.bookings import PatientId, PractitionerId


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Practitioner:
    id: PractitionerId
    account_id: str
    name: str
    time_zone: str
    languages: frozenset[str] = frozenset()


def age_on(born: date, today: date) -> int:
    """Whole years, counted as people do: the birthday itself counts."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
