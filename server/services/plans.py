"""The course of treatment: made and moved by a clinician, gone through by the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduling.bookings import PatientId, PractitionerId
from server.care import plan as care
from server.care.access import Staff
from server.care.journal import JournalEntry
from server.care.people import Patient
from server.care.plan import STANDARD, CarePlan, CourseRules, DosingSession, PlanId, SessionId
from server.care.safety import PATIENT, TOO_SOON, Hold, on_hold
from server.services import completion, journals, patients, safety
from server.store import audit
from server.store import holds as holds_store
from server.store import plans as store
from server.store.database import Tx
from server.store.ids import new_id


class NoPlan(Exception):
    """The patient has no active course."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """A patient's course as it stands: the plan that runs if there is one, and every hold that is open.

    `past` is the newest one that does not run any more, while no other does.
    """

    plan: CarePlan | None
    past: CarePlan | None
    holds: tuple[Hold, ...]
    today: date

    @property
    def on_hold(self) -> bool:
        return on_hold(self.holds)

    @property
    def next(self) -> DosingSession | None:
        return self.plan.next if self.plan else None


def today_of(patient: Patient, now: datetime) -> date:
    """The day on the patient's own calendar."""
    return now.astimezone(ZoneInfo(patient.time_zone)).date()


async def course_of(tx: Tx, patient: Patient, *, now: datetime) -> Course:
    holds = [hold for hold in await holds_store.of_patient(tx, patient.id) if hold.open]
    courses = await store.of_patient(tx, patient.id)
    running = next((plan for plan in courses if plan.status == care.ACTIVE), None)
    return Course(
        plan=running,
        past=courses[-1] if courses and running is None else None,
        holds=tuple(holds),
        today=today_of(patient, now),
    )


async def numbers_of(tx: Tx, patient_id: str) -> dict[str, int]:
    """The number of every session there was, by its id."""
    return {each.id: each.number for plan in await store.of_patient(tx, patient_id) for each in plan.sessions}


async def make(
    tx: Tx,
    *,
    patient_id: str,
    practitioner_id: str,
    days: Sequence[date],
    by: Staff,
    now: datetime,
    rules: CourseRules = STANDARD,
) -> CarePlan:
    """Four sessions on these days. Raises NoSuchPatient, PlanAlreadyThere, DatesUnfit, DatesTooClose."""
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
        rules=rules,
    )
    await store.insert(tx, plan)
    await _record(tx, plan, action="course-planned", by=by.account_id, now=now)
    return plan


async def move(
    tx: Tx,
    *,
    patient_id: str,
    days: Sequence[date],
    by: Staff,
    now: datetime,
    rules: CourseRules = STANDARD,
) -> CarePlan:
    """Other days for what is still ahead. Raises NoPlan, DatesUnfit, DatesTooClose, SessionAlreadyDone."""
    patient = await patients.by_id(tx, patient_id)
    plan = await _active(tx, patient_id)
    moved = care.move(plan, days, today=today_of(patient, now), rules=rules)
    await store.save(tx, moved)
    await _record(tx, moved, action="course-moved", by=by.account_id, now=now)
    return moved


async def end(tx: Tx, *, patient_id: str, by: Staff, reason: str, now: datetime) -> CarePlan:
    """A clinician ends the course before it is complete; another can be planned then.

    Raises NoPlan, EndReasonMissing.
    """
    ended = care.end(await _active(tx, patient_id), by=by.account_id, reason=reason, now=now)
    await store.save(tx, ended)
    await _record(tx, ended, action="course-ended", by=by.account_id, now=now)
    return ended


async def finish_session(
    tx: Tx, *, patient_id: str, session_id: str, now: datetime, rules: CourseRules = STANDARD
) -> JournalEntry:
    """ "Session done": its journal entry, which is begun now if it is not there yet.

    One that was held sooner than the protocol allows is written down and puts the course on hold. Raises NoPlan,
    SessionNotYet, SessionJustDone, CourseOver.
    """
    patient = await patients.by_id(tx, patient_id)
    plan = await store.of_session(tx, session_id)
    if plan is None or plan.patient_id != patient_id:
        raise NoPlan
    done = care.finish_session(plan, session_id, today=today_of(patient, now), now=now)
    if done != plan:
        await store.save(tx, done)
        await _record(tx, done, action="session-done", by=PATIENT, now=now)
        if care.too_soon(plan, rules=rules, now=now):
            event_id = f"session|{session_id}"
            await safety.press(tx, patient_id=patient_id, kind=TOO_SOON, event_id=event_id, now=now)
        await completion.settle(tx, patient_id, by=PATIENT, now=now)
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
