"""Visits that hold their time and wait for somebody's word: yes makes them a promise, no gives the time back."""

from datetime import datetime

from scheduling import bookings
from scheduling.bookings import Appointment
from server.care.access import FRONT_DESK, Staff
from server.care.encounter import Encounter
from server.services import appointments, tasks
from server.services.appointments import NoSuchVisit
from server.store import appointments as store
from server.store.database import Tx

DECLINED = "The clinician does not see anybody at that time."


async def asked(tx: Tx, encounter_id: str) -> Appointment:
    """What would be booked over others, and why. Raises NoSuchVisit."""
    return (await appointments.booked(tx, encounter_id))[1]


async def agree(tx: Tx, encounter_id: str, *, by: Staff, now: datetime) -> Encounter:
    """The clinician lets their own time be booked twice. Raises NoSuchVisit, NotPossibleNow."""
    encounter = await _theirs(tx, encounter_id, by=by)
    _, appointment = await appointments.booked(tx, encounter_id)
    await store.save(tx, bookings.confirm(appointment, agreed_by=by.account_id))
    await appointments.let_in(tx, encounter, now=now)
    await tasks.acknowledge_like(tx, kind=tasks.OVERBOOK, encounter_id=encounter_id, by=by, now=now)
    await appointments.record(tx, encounter, action="overbook-agreed", by=by.account_id, now=now)
    return encounter


async def decline(tx: Tx, encounter_id: str, *, by: Staff, now: datetime) -> Encounter:
    """The time is given back, the patient was told nothing, and the desk finds another time with them.

    Raises NoSuchVisit, NotPossibleNow.
    """
    encounter = await _theirs(tx, encounter_id, by=by)
    _, appointment = await appointments.booked(tx, encounter_id)
    if appointment.status != "pending":
        raise bookings.NotPossibleNow(appointment.status)
    await tasks.acknowledge_like(tx, kind=tasks.OVERBOOK, encounter_id=encounter_id, by=by, now=now)
    cancelled = await appointments.cancel(tx, encounter_id, reason=DECLINED, by=by.account_id, now=now)
    await tasks.open_task(
        tx,
        kind=tasks.OVERBOOK_DECLINED,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        by=by.account_id,
        now=now,
        owner_role=FRONT_DESK,
    )
    return cancelled


async def _theirs(tx: Tx, encounter_id: str, *, by: Staff) -> Encounter:
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.practitioner_id != by.practitioner_id:
        raise NoSuchVisit(encounter_id)
    return encounter
