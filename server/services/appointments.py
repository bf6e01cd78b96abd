"""Appointments: each verb changes appointment, visit, link, mail and audit trail in one transaction."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from scheduling import bookings
from scheduling.bookings import (
    Appointment,
    AppointmentId,
    EncounterId,
    PatientId,
    PractitionerId,
)
from server.care import encounter as care
from server.care.access import CLINICIAN
from server.care.encounter import Encounter, EncounterOver
from server.care.people import NewPatient
from server.care.visit_kinds import for_patient
from server.services import (
    calendar_mail,
    no_shows,
    outgoing,
    patients,
    practice,
    slot_holds,
    tasks,
    void_offers,
)
from server.store import appointments as store
from server.store import audit, encounters, guests, links, outbox
from server.store.database import Tx
from server.store.ids import new_id

PATIENT_SEAT = "patient"
NOW_VISIT_TYPE = "check-in"


class NoSuchVisit(Exception):
    """There is no such visit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overbook:
    """Why time that is not free is taken all the same. `agreed_by`: the clinician's account, when they book it."""

    reason: str
    agreed_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """What a known patient is booked for as a rule."""

    visit_type: str
    practitioner_id: str


async def book(
    tx: Tx,
    *,
    patient_id: str,
    practitioner_id: str,
    visit_type: str,
    starts_at: datetime,
    mode: str,
    booked_by: str,
    now: datetime,
    appointment_id: str | None = None,
    overbook: Overbook | None = None,
    confirm: bool = True,
    actor: str = "",
) -> Encounter:
    """Appointment, visit, link and, if `confirm`, confirmation.

    The same wish under a known `appointment_id` is the same visit. Another one is a form gone back to: a visit of its
    own, never an old one in its place. What is booked over others waits, without a link, for the clinician's word,
    unless they book it. `actor` is whom the trail names when nobody of the staff booked. Raises as `bookings.book`
    does; NoSuchPatient, practice.NoSuchChoice.
    """
    known = await encounters.by_appointment(tx, appointment_id) if appointment_id else None
    if known is not None:
        if (known.patient_id, known.planned_starts_at) == (patient_id, starts_at):
            return known
        appointment_id = None
    patient = await patients.by_id(tx, patient_id)
    kind = for_patient(await practice.booked_type(tx, visit_type), patient)
    await slot_holds.take(tx, appointment_id, held_by=booked_by, now=now)
    appointment = bookings.book(
        id=AppointmentId(appointment_id or new_id()),
        patient_id=PatientId(patient_id),
        practitioner_id=PractitionerId(practitioner_id),
        visit_type=kind,
        starts_at=starts_at,
        mode=mode,
        booked_by=booked_by,
        calendar=await practice.calendar(
            tx, practitioner_id, patient_id=patient_id, kind=kind, at=starts_at, now=now
        ),
        now=now,
        overbook=overbook.reason if overbook else None,
    )
    if overbook and appointment.overbook_reason is not None:
        if overbook.agreed_by is None:
            appointment = bookings.ask_first(appointment)
        appointment = replace(appointment, overbook_agreed_by=overbook.agreed_by)
    await store.insert(tx, appointment)
    encounter = _planned(appointment)
    await encounters.insert(tx, encounter)
    if appointment.status == "pending":
        await _ask_clinician(tx, encounter, by=booked_by, now=now)
    else:
        await let_in(tx, encounter, confirm=confirm, now=now)
    how = "overbooked" if appointment.overbook_reason else "booked"
    await record(tx, encounter, action=how, by=actor or booked_by, now=now)
    await void_offers.close(tx, now=now)
    return encounter


async def _ask_clinician(tx: Tx, encounter: Encounter, *, by: str, now: datetime) -> None:
    """Their time would be booked twice: nobody but they can say yes, and only they are asked."""
    whose = await practice.practitioner(tx, encounter.practitioner_id)
    await tasks.open_task(
        tx,
        kind=tasks.OVERBOOK,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        by=by,
        now=now,
        owner_role=CLINICIAN,
        owner_id=whose.account_id,
    )


async def let_in(tx: Tx, encounter: Encounter, *, confirm: bool = True, now: datetime) -> None:
    """The link, and word of it: from now on the visit is a promise to the patient."""
    await make_link(tx, encounter, now=now)
    if confirm:
        await tell(tx, outgoing.BOOKED, encounter, now=now)
        await calendar_mail.invite(tx, encounter, now=now)


async def book_for_new_patient(
    tx: Tx,
    *,
    patient: NewPatient,
    practitioner_id: str,
    visit_type: str,
    starts_at: datetime,
    mode: str,
    booked_by: str,
    now: datetime,
    appointment_id: str,
    overbook: Overbook | None = None,
    actor: str = "",
) -> Encounter:
    """Registers and books in one go, so that a refused time leaves no half-known patient. Raises as `book`."""
    known = await encounters.by_appointment(tx, appointment_id)
    before = await patients.by_id(tx, known.patient_id) if known is not None else None
    if known and before and (before.name, known.planned_starts_at) == (patient.name, starts_at):
        return known
    registered = await patients.register(tx, **asdict(patient), by=actor or booked_by, now=now)
    return await book(
        tx,
        patient_id=registered.id,
        practitioner_id=practitioner_id,
        visit_type=visit_type,
        starts_at=starts_at,
        mode=mode,
        booked_by=booked_by,
        now=now,
        appointment_id=appointment_id,
        overbook=overbook,
        actor=actor,
    )


async def habit_of(tx: Tx, patient_id: str) -> Habit | None:
    """None before the first visit. Whoever they saw, or will see, last; a cancelled visit makes no habit."""
    visits = [each for each in await encounters.of_patient(tx, patient_id) if each.status != "cancelled"]
    if not visits:
        return None
    last = max(visits, key=lambda visit: visit.planned_starts_at)
    booked = [kind.code for kind in await practice.visit_types(tx)]
    # A clinic may book check-ins no more: then the same again, or whatever it does book.
    usual = next((code for code in (practice.CHECK_IN.code, last.visit_type) if code in booked), booked[0])
    return Habit(visit_type=usual, practitioner_id=last.practitioner_id)


async def cancel(tx: Tx, encounter_id: str, *, reason: str, by: str, now: datetime) -> Encounter:
    """Gives the time back and tells the patient. Raises NoSuchVisit, EncounterOver, NotPossibleNow."""
    before = await visit(tx, encounter_id)
    encounter = care.cancel(before)
    promised = encounter.appointment_id is not None and encounter.planned_ends_at > now
    if encounter.appointment_id is not None:
        _, appointment = await booked(tx, encounter_id)
        promised = promised and appointment.status != "pending"
        await store.save(tx, bookings.cancel(appointment, reason=reason))
    await encounters.save(tx, encounter)
    await outbox.withdraw(tx, encounter.id, now=now)
    for kind in (tasks.IN_ABSENCE, tasks.OVERBOOK, tasks.DECLINED_CLINICIAN):
        await tasks.withdraw(tx, kind=kind, encounter=encounter, by=by, now=now)
    if promised:
        await tell(tx, outgoing.CANCELLED, encounter, now=now)
        await tell_guests(tx, outgoing.GUEST_CANCELLED, encounter, now=now)
        await calendar_mail.call_off(tx, before, after=encounter, now=now)
    await record(tx, encounter, action="cancelled", by=by, now=now)
    await void_offers.close(tx, now=now)
    return encounter


async def check_in(tx: Tx, encounter_id: str, *, by: str, now: datetime) -> Encounter:
    """The desk saw the patient arrive. Twice is as good as once. Raises NoSuchVisit, EncounterOver."""
    encounter = await visit(tx, encounter_id)
    here = care.arrive(encounter, now)
    if here is encounter:
        return encounter
    await no_shows.came_after_all(tx, encounter, by=by, now=now)
    if encounter.appointment_id is not None and encounter.no_show_at is None:
        _, appointment = await booked(tx, encounter_id)
        arrived = bookings.check_in(appointment)
        if arrived is not appointment:
            await store.save(tx, arrived)
    await encounters.save(tx, here)
    await record(tx, here, action="checked-in", by=by, now=now)
    return here


async def is_locked(tx: Tx, encounter_id: str) -> bool:
    """Whether too many wrong dates of birth have closed the patient's link."""
    return await links.wrong_dates(tx, encounter_id=encounter_id, seat=PATIENT_SEAT) >= care.WRONG_DATES


async def resend_link(tx: Tx, encounter_id: str, *, by: str, now: datetime) -> Encounter:
    """Mails the same link again, or a new one when too many wrong dates of birth have locked it.

    Raises NoSuchVisit, EncounterOver, outgoing.NoAddress.
    """
    encounter = await visit(tx, encounter_id)
    if encounter.over:
        raise EncounterOver
    if await is_locked(tx, encounter_id):
        renewed = replace(encounter, link_version=encounter.link_version + 1, version=encounter.version + 1)
        encounter = await encounters.save(tx, renewed)
        await make_link(tx, encounter, now=now)
    patient = await patients.by_id(tx, encounter.patient_id)
    await outgoing.queue_again(tx, encounter=encounter, patient=patient, now=now)
    await record(tx, encounter, action="link-resent", by=by, now=now)
    return encounter


async def call_now(
    tx: Tx, *, patient_id: str, practitioner_id: str, by: str, now: datetime
) -> tuple[Encounter, str]:
    """A visit that starts now, without an appointment: the visit and its link's token, which is also mailed.

    Pressed again while such a visit is still open and its time not over, it is the same call.
    """
    for known in await encounters.of_patient(tx, patient_id):
        on_the_spot = known.appointment_id is None and known.practitioner_id == practitioner_id
        if on_the_spot and not known.over and known.planned_ends_at > now:
            return known, token_of(tx, known)
    kind = await practice.visit_type(tx, NOW_VISIT_TYPE)
    encounter = Encounter(
        id=EncounterId(new_id()),
        appointment_id=None,
        patient_id=PatientId(patient_id),
        practitioner_id=PractitionerId(practitioner_id),
        visit_type=kind.code,
        mode="video",
        status="planned",
        planned_starts_at=now,
        planned_ends_at=now + kind.length,
    )
    await encounters.insert(tx, encounter)
    token = await make_link(tx, encounter, now=now)
    await tell(tx, outgoing.NOW, encounter, now=now)
    await record(tx, encounter, action="call-started", by=by, now=now)
    return encounter, token


async def visit(tx: Tx, encounter_id: str) -> Encounter:
    """Raises NoSuchVisit."""
    encounter = await encounters.by_id(tx, encounter_id)
    if encounter is None:
        raise NoSuchVisit(encounter_id)
    return encounter


async def booked(tx: Tx, encounter_id: str) -> tuple[Encounter, Appointment]:
    """A visit that has an appointment, and the appointment. Raises NoSuchVisit."""
    encounter = await visit(tx, encounter_id)
    appointment = await store.by_id(tx, encounter.appointment_id) if encounter.appointment_id else None
    if appointment is None:
        raise NoSuchVisit(encounter_id)
    return encounter, appointment


async def sequence_of(tx: Tx, encounter: Encounter) -> int:
    """The number that rises with everything a calendar has to be told of this visit."""
    return await store.version_of(tx, encounter.appointment_id) or encounter.version


def token_of(tx: Tx, encounter: Encounter) -> str:
    """The token of the patient's link that is valid now, for somebody who reads it out or copies it."""
    return links.token_for(tx, encounter_id=encounter.id, seat=PATIENT_SEAT, version=encounter.link_version)


async def record(tx: Tx, encounter: Encounter, *, action: str, by: str, now: datetime) -> None:
    """The audit trail's line about this visit."""
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="visit",
        object_id=encounter.id,
        patient_id=encounter.patient_id,
        now=now,
    )


def _planned(appointment: Appointment) -> Encounter:
    return Encounter(
        id=EncounterId(new_id()),
        appointment_id=appointment.id,
        patient_id=appointment.patient_id,
        practitioner_id=appointment.practitioner_id,
        visit_type=appointment.visit_type,
        mode=appointment.mode,
        status="planned",
        planned_starts_at=appointment.starts_at,
        planned_ends_at=appointment.ends_at,
    )


async def make_link(tx: Tx, encounter: Encounter, *, now: datetime) -> str:
    """The link of this version of the visit, which is valid from now on; its token."""
    return await links.create(
        tx, encounter_id=encounter.id, seat=PATIENT_SEAT, version=encounter.link_version, now=now
    )


async def tell_guests(tx: Tx, kind: str, encounter: Encounter, *, now: datetime) -> None:
    """Those whose invitation was mailed; who was handed a link is told by who handed it."""
    for each in await guests.of_encounter(tx, encounter.id):
        if each.email is not None and each.revoked_at is None:
            await outgoing.queue_guest_news(tx, kind=kind, invitation=each, encounter=encounter, now=now)


async def tell(tx: Tx, kind: str, encounter: Encounter, *, now: datetime) -> None:
    """Queues a message about the visit to its patient."""
    patient = await patients.by_id(tx, encounter.patient_id)
    await outgoing.queue(tx, kind=kind, encounter=encounter, patient=patient, now=now)
