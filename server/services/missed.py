"""Following up what a patient has not done: two letters, then a task for the desk, then a clinician's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.reminders import QuietHours
from server.care import missed as care
from server.care.access import CLINICIAN, FRONT_DESK
from server.care.missed import Missing
from server.care.people import Patient
from server.care.safety import NO_ANSWER
from server.services import alarms, home, outgoing, patients, plans, tasks
from server.store import encounters
from server.store import journals as journals_store
from server.store import tasks as tasks_store
from server.store.database import Tx

SYSTEM = "system"
DESK_HAS = timedelta(days=1)
KINDS = (tasks.MISSED, NO_ANSWER)


async def follow(tx: Tx, patient_id: str, *, quiet: QuietHours, now: datetime) -> bool:
    """Whether something was done. By day only, and not while the course is on hold: then they are spoken to anyway."""
    patient = await patients.by_id(tx, patient_id)
    there = now.astimezone(ZoneInfo(patient.time_zone))
    course = await plans.course_of(tx, patient, now=now)
    late: list[Missing] = []
    if course.plan is not None and not course.on_hold:
        written = await journals_store.of_patient(tx, patient_id)
        shared = {each.session_id for each in written if each.shared}
        zone = ZoneInfo(patient.time_zone)
        late = care.missing(course.plan, shared=shared, today=course.today, zone=zone)
    if not course.on_hold:
        visits = await encounters.of_patient(tx, patient_id)
        late += care.missed_visit(visits, today=there.date(), zone=ZoneInfo(patient.time_zone))
    done = await _withdraw_what_came(tx, patient_id, {each.what for each in late}, now=now)
    if quiet.night(now, patient.time_zone):
        return done
    for each in late:
        if each.encounter_id is not None and each.days > care.FOLLOWED_UP_FOR:
            continue
        done |= await _step(tx, patient, each, there=there, now=now)
    return done


async def _step(tx: Tx, patient: Patient, late: Missing, *, there: datetime, now: datetime) -> bool:
    if late.step == care.NUDGE:
        return await _nudge(tx, patient, late, there=there, now=now)
    kind = NO_ANSWER if late.step == care.CLINICIAN else tasks.MISSED
    # A session of this number was missed before, in an earlier course or before the days were moved: that was then.
    since = there.date() - timedelta(days=late.days)
    known = {
        (each.kind, each.detail): each
        for each in await tasks_store.of_patient(tx, patient.id)
        if each.created_at.astimezone(there.tzinfo).date() >= since
    }
    # A server that was away for days does not go past the desk, which has its day.
    asked = known.get((tasks.MISSED, late.what))
    if asked is None or now - asked.created_at < DESK_HAS:
        kind = tasks.MISSED
    if (kind, late.what) in known:
        return False
    mine = await alarms.treating(tx, patient.id) if kind == NO_ANSWER else None
    await tasks.open_task(
        tx,
        kind=kind,
        patient_id=patient.id,
        encounter_id=late.encounter_id,
        detail=late.what,
        by=SYSTEM,
        now=now,
        owner_role=CLINICIAN if kind == NO_ANSWER else FRONT_DESK,
        owner_id=mine.account_id if mine else None,
    )
    return True


async def _nudge(tx: Tx, patient: Patient, late: Missing, *, there: datetime, now: datetime) -> bool:
    """The letter that says there is something on their own pages, or that they missed a visit; of each one a day.

    A link that wrong dates of birth have closed stays closed, and nobody is sent to a closed door.
    """
    kind = outgoing.QUESTIONS if late.encounter_id is None else outgoing.MISSED_VISIT
    last = await outgoing.last_written(tx, patient.id, kind)
    if not patient.channels or (last and last.astimezone(there.tzinfo).date() == there.date()):
        return False
    version = await home.version_to_mail(tx, patient.id, now=now)
    if version is None:
        return False
    await outgoing.queue_daily(tx, kind, patient=patient, version=version, on=there.date(), now=now)
    return True


async def _withdraw_what_came(tx: Tx, patient_id: str, late: set[str], *, now: datetime) -> bool:
    """A task whose reason is gone leaves the list under nobody's name."""
    gone = [
        each
        for each in await tasks.waiting_about(tx, patient_id=patient_id, kinds=KINDS)
        if each.detail not in late
    ]
    for each in gone:
        await tasks.withdraw_one(tx, each, by=SYSTEM, now=now)
    return bool(gone)
