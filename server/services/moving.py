"""A visit gets another time, or another clinician: link, mail, tasks and the trail go along in one transaction.

Notes and drafts stay with whoever wrote them; what waits to be done about the visit goes to who sees the patient now.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from scheduling import bookings
from scheduling.bookings import Appointment, PractitionerId
from scheduling.visit_types import NotTheirKind
from server.care.encounter import Encounter, EncounterOver
from server.care.refusals import CareRefusal
from server.care.visit_kinds import Kind, for_patient
from server.services import (
    appointments,
    calendar_mail,
    outgoing,
    patients,
    practice,
    slot_holds,
    tasks,
    void_offers,
)
from server.store import appointments as store
from server.store import encounters, outbox, reassignments
from server.store import tasks as tasks_store
from server.store.database import Tx
from server.store.ids import new_id


class MovedMeanwhile(Exception):
    """Somebody else gave this visit another time, or somebody else, since the page was opened."""


class ReasonMissing(CareRefusal):
    """A patient gets another clinician only with a reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Another:
    """Somebody else for a visit, and why."""

    practitioner_id: str
    reason: str


async def reschedule(
    tx: Tx,
    encounter_id: str,
    *,
    starts_at: datetime,
    was_at: datetime,
    by: str,
    now: datetime,
    hold_id: str | None = None,
    another: Another | None = None,
) -> Encounter:
    """The same visit at another time, with a new link; the old one says that it was replaced.

    It stays with its clinician unless `another` says who else, and why. `was_at`: the start that whoever moves it had
    in view; `hold_id`: what keeps the new time for them. Raises NoSuchVisit, NotPossibleNow, MovedMeanwhile,
    ReasonMissing, and whatever `book` raises about the time.
    """
    encounter, appointment = await appointments.booked(tx, encounter_id)
    if another is not None and another.practitioner_id == appointment.practitioner_id:
        another = None
    if starts_at == appointment.starts_at and another is None:
        return encounter
    if encounter.status != "planned":
        raise bookings.NotPossibleNow(encounter.status)
    if was_at != appointment.starts_at:
        raise MovedMeanwhile
    await slot_holds.take(tx, hold_id, held_by=by, now=now)
    moved = await _moved(tx, appointment, starts_at, another, now=now)
    await store.save(tx, moved)
    after = replace(
        encounter,
        practitioner_id=moved.practitioner_id,
        planned_starts_at=moved.starts_at,
        planned_ends_at=moved.ends_at,
        link_version=encounter.link_version + 1,
        version=encounter.version + 1,
    )
    await encounters.save(tx, after)
    await outbox.withdraw(tx, after.id, now=now)
    for kind_of_task in (tasks.IN_ABSENCE, tasks.OVERBOOK):
        await tasks.withdraw(tx, kind=kind_of_task, encounter=after, by=by, now=now)
    if moved.status == "booked":
        await appointments.make_link(tx, after, now=now)
        told = outgoing.MOVED if appointment.status == "booked" else outgoing.BOOKED
        await appointments.tell(tx, told, after, now=now)
        await appointments.tell_guests(tx, outgoing.GUEST_MOVED, after, now=now)
        await calendar_mail.invite(tx, after, now=now)
    if another is not None:
        await _call_off(tx, appointment, encounter, after, now=now)
        await _hand_on(tx, encounter, another, by=by, now=now)
    await appointments.record(tx, after, action="rescheduled", by=by, now=now)
    await void_offers.close(tx, now=now)
    return after


async def _moved(
    tx: Tx, appointment: Appointment, starts_at: datetime, another: Another | None, *, now: datetime
) -> Appointment:
    kind = await kind_of(tx, appointment)
    if another is not None:
        if not another.reason.strip():
            raise ReasonMissing
        if not kind.may_be_held_by(another.practitioner_id):
            raise NotTheirKind
        appointment = replace(appointment, practitioner_id=PractitionerId(another.practitioner_id))
    calendar = await practice.calendar(
        tx,
        appointment.practitioner_id,
        patient_id=appointment.patient_id,
        kind=kind,
        at=starts_at,
        now=now,
        leave_out=appointment.id,
    )
    return bookings.reschedule(appointment, visit_type=kind, starts_at=starts_at, calendar=calendar, now=now)


async def reassign(
    tx: Tx, encounter_id: str, *, to: str, was_with: str, reason: str, by: str, now: datetime
) -> Encounter:
    """The same visit, time and link with somebody else, and the patient is told who.

    `was_with`: whose it was in view of whoever gives it on. Raises NoSuchVisit, EncounterOver, MovedMeanwhile,
    ReasonMissing, NoSuchChoice, and as `bookings.reassign` does.
    """
    encounter, appointment = await appointments.booked(tx, encounter_id)
    if encounter.over or encounter.status == "in-progress":
        raise EncounterOver
    if encounter.practitioner_id != was_with:
        raise MovedMeanwhile
    if not reason.strip():
        raise ReasonMissing
    kind = await kind_of(tx, appointment)
    await slot_holds.take(tx, None, held_by=by, now=now)
    given = bookings.reassign(
        appointment,
        practitioner_id=PractitionerId(to),
        visit_type=kind,
        calendar=await practice.calendar(
            tx,
            to,
            patient_id=appointment.patient_id,
            kind=kind,
            at=appointment.starts_at,
            now=now,
            leave_out=appointment.id,
        ),
    )
    await store.save(tx, given)
    after = replace(encounter, practitioner_id=PractitionerId(to), version=encounter.version + 1)
    await encounters.save(tx, after)
    for kind_of_task in (tasks.IN_ABSENCE, tasks.OVERBOOK, tasks.DECLINED_CLINICIAN):
        await tasks.withdraw(tx, kind=kind_of_task, encounter=after, by=by, now=now)
    await _hand_on(tx, encounter, Another(practitioner_id=to, reason=reason), by=by, now=now)
    if given.status == "booked" and appointment.status == "pending":
        # Their time is free: nobody has to be asked, and the patient hears of the visit for the first time.
        await appointments.let_in(tx, after, now=now)
    elif given.status != "pending":
        patient = await patients.by_id(tx, after.patient_id)
        await outgoing.queue(tx, kind=outgoing.REASSIGNED, encounter=after, patient=patient, now=now)
        await calendar_mail.invite(tx, after, now=now)
    await _call_off(tx, appointment, encounter, after, now=now)
    await appointments.record(tx, after, action="reassigned", by=by, now=now)
    await void_offers.close(tx, now=now)
    return after


async def _call_off(tx: Tx, was: Appointment, before: Encounter, after: Encounter, *, now: datetime) -> None:
    """Out of the calendar of whoever had it, unless it never was in there: they had not agreed yet."""
    if was.status != "pending":
        await calendar_mail.call_off(tx, before, after=after, now=now)


async def stands_in_for(tx: Tx, encounter: Encounter) -> tuple[str, str] | None:
    """Whose visit it was when it was booked, and why it is no longer theirs; None while, or again, it is."""
    given = await reassignments.of_visit(tx, encounter.id)
    if not given or given[0]["from_practitioner_id"] == encounter.practitioner_id:
        return None
    return (await practice.practitioner(tx, given[0]["from_practitioner_id"])).name, given[-1]["reason"]


async def kind_of(tx: Tx, appointment: Appointment) -> Kind:
    """The visit's kind, as long as it is for its patient."""
    patient = await patients.by_id(tx, appointment.patient_id)
    return for_patient(await practice.visit_type(tx, appointment.visit_type), patient)


async def _hand_on(tx: Tx, before: Encounter, another: Another, *, by: str, now: datetime) -> None:
    """Who covers for whom, and why; and the tasks about this visit that were the one's are the other's."""
    old = await practice.practitioner(tx, before.practitioner_id)
    new = await practice.practitioner(tx, another.practitioner_id)
    await reassignments.insert(
        tx,
        {
            "id": new_id(),
            "encounter_id": before.id,
            "patient_id": before.patient_id,
            "from_practitioner_id": old.id,
            "to_practitioner_id": new.id,
            "reason": another.reason.strip(),
            "by": by,
            "at": now,
        },
    )
    await tasks_store.give_all_of_visit(tx, before.id, owner_id=old.account_id, to=new.account_id)
