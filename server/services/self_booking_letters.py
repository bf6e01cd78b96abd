"""What somebody who booked online is written: decided when it is sent, apart from the page they asked on.

To an address that a patient with this date of birth has here goes word of their own way in place of the proof.
"""

from dataclasses import dataclass
from datetime import datetime

from server.care.people import NewPatient, Patient
from server.care.self_booking import PROVED_AND_OPEN
from server.services import outgoing, patients, practice
from server.store import self_bookings as store
from server.store.database import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What somebody who booked online is written. `kind` is the template's; `token` leads to a request of theirs."""

    kind: str
    person: NewPatient
    starts_at: datetime
    practitioner_name: str
    token: str


async def letter_of(tx: Tx, self_booking_id: str, kind: str) -> Letter | None:
    """Written when it is sent; None when what it was to say is overtaken."""
    request = await store.by_id(tx, self_booking_id)
    if request is None:
        return None
    token = store.token_for(tx, request.id)
    if kind == outgoing.SELF_PROOF:
        if request.status != "asked":
            return None
        opened = await store.of_person(tx, request.person, statuses=PROVED_AND_OPEN)
        if await _is_known(tx, request.person):
            kind, token = outgoing.SELF_KNOWN, ""
        elif opened:
            request = opened[0]
            kind, token = outgoing.SELF_OPEN, store.token_for(tx, request.id)
    elif request.status not in ("offered", "declined"):
        return None
    return Letter(
        kind=kind,
        person=request.person,
        starts_at=request.starts_at,
        practitioner_name=(await practice.practitioner(tx, request.practitioner_id)).name,
        token=token,
    )


async def _is_known(tx: Tx, person: NewPatient) -> bool:
    """Whether the owner of this address, born on this day, is a patient here."""
    return any(_same(each, person) for each in await patients.found_by(tx, person.email))


def _same(patient: Patient, person: NewPatient) -> bool:
    born_alike = patient.date_of_birth == person.date_of_birth
    return born_alike and patients.same_address(patient.email, person.email)
