"""Self-booking: somebody who was never here asks online for a first visit, and what may become of that."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from scheduling.bookings import NotOfAge, PractitionerId
from server.care.people import NewPatient, of_age_from
from server.care.refusals import CareRefusal

Mode = Literal["off", "desk", "automatic"]
OFF, DESK, AUTOMATIC = "off", "desk", "automatic"
Status = Literal["asked", "waiting", "offered", "booked", "declined", "withdrawn"]
# asked: the address is not proved yet; waiting: for the desk; offered: the desk asks for another time.
MAY_BECOME: dict[Status, frozenset[Status]] = {
    "asked": frozenset({"waiting", "booked", "withdrawn"}),
    "waiting": frozenset({"booked", "offered", "declined", "withdrawn"}),
    "offered": frozenset({"waiting", "booked", "withdrawn"}),
    "booked": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
}
# A person has one of these at a time.
PROVED_AND_OPEN: tuple[Status, ...] = ("waiting", "offered")


class RequestOver(CareRefusal):
    """Somebody answered it meanwhile, or whoever asked took it back."""


class AlreadyAsked(CareRefusal):
    """This person has another request that is still open."""


class AnswerMissing(CareRefusal):
    """Whoever asked is told something in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """`proof`: how long a time is kept until the address is proved; `kept`: until the desk answers, at the longest.

    `notice`: how far ahead the first time lies that is offered, though the kind of visit itself asks for less.
    `answer_days`: within how many working days the desk usually does, by the calendar of the clinic's `zone`.
    """

    mode: Mode
    proof: timedelta
    kept: timedelta
    notice: timedelta
    answer_days: int
    zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfBooking:
    """`answer` is what the clinic says to them; `answered_by` None: nobody of the staff had to."""

    id: str
    person: NewPatient
    practitioner_id: PractitionerId
    visit_type: str
    starts_at: datetime
    status: Status
    asked_at: datetime
    proved_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str | None = None
    encounter_id: str | None = None

    @property
    def may_be_proved(self) -> bool:
        """Whether it waits for a word of whoever asked: that the address is theirs, or another time."""
        return self.status in ("asked", "offered")


def become(request: SelfBooking, status: Status, **changes: Any) -> SelfBooking:
    """Raises RequestOver."""
    if status not in MAY_BECOME[request.status]:
        raise RequestOver
    return replace(request, status=status, **changes)


def check_age(person: NewPatient, *, starts_at: datetime) -> None:
    """Raises NotOfAge."""
    if starts_at < of_age_from(person.date_of_birth, person.time_zone):
        raise NotOfAge
