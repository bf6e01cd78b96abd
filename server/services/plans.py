"""The course of treatment: made and moved by a clinician, gone through by the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduling.bookings import PatientId, PractitionerId
from server.care import plan as care
from server.care import safety as rules
from server.care.access import Staff
from server.care.journal import JournalEntry
from server.care.people import Patient
from server.care.plan import CarePlan, DosingSession, PlanId, SessionId
from server.care.safety import Hold
from server.services import journals, patients
from server.store import audit
from server.store import holds as holds_store
from server.store import plans as store
from server.store.database import Tx
from server.store.ids import new_id


class NoPlan(Exception):
    """The patient has no active course."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """A patient's course as it stands: the plan if there is one, and every hold that is open."""

    plan: CarePlan | None
    holds: tuple[Hold, ...]
    today: date

    @property
    def on_hold(self) -> bool:
        return rules.on_hold(self.holds)

    @property
    def next(self) -> DosingSession | None:
        return self.plan.next if self.plan else None


def today_of(patient: Patient, now: datetime) -> date:
    """The day on the patient's own calendar."""
    return now.astimezone(ZoneInfo(patient.time_zone)).date()


async def course_of(tx: Tx, patient: Patient, *, now: datetime) -> Course:
    holds = [hold for hold in await holds_store.of_patient(tx, patient.id) if hold.open]
    return Course(
        plan=await store.active_of(tx, patient.id), holds=tuple(holds), today=today_of(patient, now)
    )


async def numbers_of(tx: Tx, patient_id: str) -> dict[str, int]:
    """The number of every session there was, by its id."""
    return {each.id: each.number for plan in await store.of_patient(tx, patient_id) for each in plan.sessions}


async def make(
    tx: Tx, *, patient_id: str, practitioner_id: str, days: Sequence[date], by: Staff, now: datetime
) -> CarePlan:
    """Four sessions on these days. Raises NoSuchPatient, PlanAlreadyThere, DatesUnfit."""
    patient = await patients.by_id(tx, patient_id)
    if await store.active_of(tx, patient_id) is not None:
        raise care.PlanAlreadyThere
    plan = care.make(
        id=PlanId(new_id()),
        patient_id=PatientId(patient_id),
        practitioner_id=PractitionerId(practitioner_id),
        made_by=by.account_id,
        sessions=[(SessionId(new_id()), day) for day in days],
        today=today_of(patient, now),
        now=now,
    )
    await store.insert(tx, plan)
    await _record(tx, plan, action="course-planned", by=by.account_id, now=now)
    return plan


async def move(tx: Tx, *, patient_id: str, days: Sequence[date], by: Staff, now: datetime) -> CarePlan:
    """Other days for what is still ahead. Raises NoPlan, DatesUnfit, SessionAlreadyDone."""
    patient = await patients.by_id(tx, patient_id)
    plan = await _active(tx, patient_id)
    moved = care.move(plan, days, today=today_of(patient, now))
    await store.save(tx, moved)
    await _record(tx, moved, action="course-moved", by=by.account_id, now=now)
    return moved


async def finish_session(tx: Tx, *, patient_id: str, session_id: str, now: datetime) -> JournalEntry:
    """ "Session done": its journal entry, which is begun now if it is not there yet. Raises NoPlan, SessionNotYet."""
    patient = await patients.by_id(tx, patient_id)
    plan = await _active(tx, patient_id)
    done = care.finish_session(plan, session_id, today=today_of(patient, now), now=now)
    if done != plan:
        await store.save(tx, done)
        await _record(tx, done, action="session-done", by=rules.PATIENT, now=now)
    return await journals.after_session(tx, patient_id=patient_id, session_id=SessionId(session_id), now=now)


async def _active(tx: Tx, patient_id: str) -> CarePlan:
    plan = await store.active_of(tx, patient_id)
    if plan is None:
        raise NoPlan
    return plan


async def _record(tx: Tx, plan: CarePlan, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="course",
        object_id=plan.id,
        patient_id=plan.patient_id,
        now=now,
    )
