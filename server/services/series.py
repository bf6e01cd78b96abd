"""The whole programme booked as one: proposed with its conflicts, saved in one transaction, moved and cancelled as one.

The course's sessions are the course's own (plans.py); the series keeps their days and the visits around them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling import series as rules
from scheduling.bookings import PractitionerId
from scheduling.diary import Diary
from scheduling.diary import Patient as Seen
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.protocol import Protocol, Step
from scheduling.series import Conflict, Finder, Planned, Proposal, Series
from server.care.access import Staff
from server.care.encounter import Encounter
from server.care.people import Patient
from server.care.plan import CourseRules
from server.care.visit_kinds import Kind, for_patient
from server.services import appointments, moving, patients, plans, practice, series_news
from server.store import appointments as appointments_store
from server.store import audit, encounters, slot_holds
from server.store import series as store
from server.store.database import Tx
from server.store.ids import new_id

# Around the series' days: the alternatives of its last step are looked for this much further.
AROUND = timedelta(days=rules.LOOK_ON + 7)


class NoSeries(Exception):
    """The patient has no series that runs."""


class SeriesAlreadyThere(Exception):
    """The patient has a series that runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A series as it stands, and the visit of every step that has one, by the step's key.

    `practitioner_id`: whose patient it is, by the course.
    """

    id: str
    practitioner_id: str
    series: Series
    step_ids: Mapping[str, str]
    visits: Mapping[str, Encounter]


async def propose(
    tx: Tx,
    patient: Patient,
    protocol: Protocol,
    *,
    practitioner_id: str,
    anchor: date,
    at: time,
    zone: str,
    now: datetime,
) -> Proposal:
    """Every step with its day and time, or why it has none. Nothing is kept or booked."""
    last = anchor + timedelta(days=protocol.steps[-1].day)
    finder = await _finder(tx, patient, [practitioner_id], anchor, last, zone=zone, now=now)
    return rules.propose(protocol, anchor=anchor, at=at, zone=zone, find=finder, now=now)


async def save(
    tx: Tx,
    patient_id: str,
    proposal: Proposal,
    choices: Mapping[str, Slot],
    *,
    practitioner_id: str,
    by: Staff,
    now: datetime,
    course_rules: CourseRules,
) -> Series:
    """Books every visit and plans the course's days in this clinician's name, or nothing.

    Raises StepsOpen, OutOfOrder, SessionsTooClose, SeriesAlreadyThere, and as `appointments.book` and `plans` do.
    """
    if await store.running_of(tx, patient_id) is not None:
        raise SeriesAlreadyThere
    accepted = rules.accept(proposal, choices)
    booked: dict[str, str] = {}
    for each in accepted.steps:
        if each.slot is not None and each.step.visit_type is not None:
            visit = await appointments.book(
                tx,
                patient_id=patient_id,
                practitioner_id=each.slot.practitioner_id,
                visit_type=each.step.visit_type,
                starts_at=each.slot.starts_at,
                mode="video",
                booked_by=by.account_id,
                now=now,
            )
            booked[each.step.key] = visit.id
    days = accepted.session_days
    whose = practitioner_id
    await _plan_days(tx, patient_id, days, practitioner_id=whose, by=by, now=now, course_rules=course_rules)
    series_id = await _keep(tx, patient_id, accepted, booked, by=by, now=now)
    await _tell(tx, series_id, patient_id, practitioner_id=practitioner_id, by=by, now=now)
    return accepted


async def _plan_days(
    tx: Tx,
    patient_id: str,
    days: Sequence[date],
    *,
    practitioner_id: str,
    by: Staff,
    now: datetime,
    course_rules: CourseRules,
) -> None:
    course = await plans.course_of(tx, await patients.by_id(tx, patient_id), now=now)
    if course.plan is not None:
        await plans.move(tx, patient_id=patient_id, days=days, by=by, now=now, rules=course_rules)
    else:
        await plans.make(
            tx,
            patient_id=patient_id,
            practitioner_id=practitioner_id,
            days=days,
            by=by,
            now=now,
            rules=course_rules,
        )


async def _keep(
    tx: Tx, patient_id: str, made: Series, booked: Mapping[str, str], *, by: Staff, now: datetime
) -> str:
    """The series' id."""
    series_id = new_id()
    values = {
        "id": series_id,
        "patient_id": patient_id,
        "at": made.at,
        "zone": made.zone,
        "made_by": by.account_id,
        "made_at": now,
    }
    steps = [
        {
            "id": new_id(),
            "series_id": series_id,
            "position": position,
            "key": each.step.key,
            "day": each.step.day,
            "within": each.step.within,
            "session": each.step.session,
            "visit_type": each.step.visit_type,
            "on_date": each.on,
            "encounter_id": booked.get(each.step.key),
        }
        for position, each in enumerate(made.steps)
    ]
    await store.insert(tx, values, steps)
    await _record(tx, series_id, patient_id, action="series-booked", by=by, now=now)
    return series_id


async def running(tx: Tx, patient_id: str, *, now: datetime, course_rules: CourseRules) -> Running | None:
    """As it stands now: a visit moved by itself stands where it was moved, a session where the course has it."""
    row = await store.running_of(tx, patient_id)
    if row is None:
        return None
    course = await plans.course_of(tx, await patients.by_id(tx, patient_id), now=now)
    plan = course.plan or course.past
    sessions = iter(plan.sessions if plan else ())
    steps, ids, visits = [], {}, {}
    for each in await store.steps_of(tx, row.id):
        step = Step(
            key=each.key, day=each.day, visit_type=each.visit_type, within=each.within, session=each.session
        )
        ids[step.key] = each.id
        session = next(sessions, None) if step.session else None
        visit = await encounters.by_id(tx, each.encounter_id) if each.encounter_id else None
        if visit is not None:
            visits[step.key] = visit
            steps.append(_visit_step(step, visit, row.zone, now))
        else:
            on = session.planned_on if session else each.on_date
            steps.append(Planned(step=step, on=on, begun=bool(session and session.done_at)))
    protocol = Protocol(steps=tuple(each.step for each in steps), min_between=course_rules.min_between)
    made = Series(protocol=protocol, at=row.at, zone=row.zone, steps=tuple(steps))
    whose = plan.practitioner_id if plan else next(iter(visits.values())).practitioner_id
    return Running(id=row.id, practitioner_id=whose, series=made, step_ids=ids, visits=visits)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Which of how many visits of its patient's programme a visit is; `number` is 0 for one that is none of them."""

    number: int
    of: int


async def standing_of(tx: Tx, visit: Encounter) -> Standing | None:
    """None while the patient has no programme that runs."""
    row = await store.running_of(tx, visit.patient_id)
    if row is None:
        return None
    ids = await store.encounter_ids(tx, row.id)
    return Standing(number=ids.index(visit.id) + 1 if visit.id in ids else 0, of=len(ids))


def _visit_step(step: Step, visit: Encounter, zone: str, now: datetime) -> Planned:
    slot = Slot(
        starts_at=visit.planned_starts_at,
        ends_at=visit.planned_ends_at,
        practitioner_id=visit.practitioner_id,
    )
    # What was cancelled by itself stays out of the way, as what has begun does.
    begun = visit.status != "planned" or visit.planned_starts_at <= now
    return Planned(
        step=step, on=visit.planned_starts_at.astimezone(ZoneInfo(zone)).date(), slot=slot, begun=begun
    )


async def propose_move(tx: Tx, patient: Patient, there: Running, *, by_days: int, now: datetime) -> Proposal:
    """All that has not begun, so many days later: with its conflicts, nothing moved yet. Raises NothingToMove.

    A visit that was cancelled by itself is no step any more that others would have to come after.
    """
    cancelled = {key for key, visit in there.visits.items() if visit.status == "cancelled"}
    steps = tuple(each for each in there.series.steps if each.step.key not in cancelled)
    if not steps:
        raise rules.NothingToMove
    days = [each.on for each in steps]
    own = frozenset(visit.appointment_id or "" for visit in there.visits.values())
    # Some may have been given to somebody else.
    ids = list(dict.fromkeys(each.slot.practitioner_id for each in steps if each.slot))
    finder = await _finder(
        tx,
        patient,
        ids,
        min(days) + min(by_days, 0) * rules.DAY,
        max(days) + max(by_days, 0) * rules.DAY,
        zone=there.series.zone,
        now=now,
        own=own,
    )
    proposal = rules.move(replace(there.series, steps=steps), by=by_days, find=finder, now=now)
    return replace(proposal, steps=tuple(_with_their_own(each, there.visits) for each in proposal.steps))


def _with_their_own(step: Planned | Conflict, visits: Mapping[str, Encounter]) -> Planned | Conflict:
    """A visit moves with whoever holds it; another clinician is a reassignment, which needs a reason."""
    visit = visits.get(step.step.key)
    if visit is None or not isinstance(step, Conflict):
        return step
    theirs = (each for each in step.alternatives if each.practitioner_id == visit.practitioner_id)
    return replace(step, alternatives=tuple(theirs))


async def move(
    tx: Tx,
    patient_id: str,
    there: Running,
    proposal: Proposal,
    choices: Mapping[str, Slot],
    *,
    by: Staff,
    now: datetime,
    course_rules: CourseRules,
) -> None:
    """Moves every visit and session ahead, or nothing. Raises as `save` and `moving.reschedule` do."""
    accepted = rules.accept(proposal, choices)
    before = {each.step.key: each for each in there.series.steps}
    ahead = [each for each in accepted.steps if not each.begun]
    later = bool(ahead) and ahead[0].on > before[ahead[0].step.key].on
    # From the far end, so that no step needs the time of one that is still to move.
    for each in reversed(ahead) if later else ahead:
        visit = there.visits.get(each.step.key)
        if visit is not None and each.slot is not None:
            await moving.reschedule(
                tx,
                visit.id,
                starts_at=each.slot.starts_at,
                was_at=visit.planned_starts_at,
                by=by.account_id,
                now=now,
            )
        await store.move_step(tx, there.step_ids[each.step.key], on=each.on)
    await plans.move(
        tx, patient_id=patient_id, days=accepted.session_days, by=by, now=now, rules=course_rules
    )
    await _record(tx, there.id, patient_id, action="series-moved", by=by, now=now)
    await _tell(tx, there.id, patient_id, practitioner_id=there.practitioner_id, by=by, now=now)


async def cancel(tx: Tx, patient_id: str, there: Running, *, reason: str, by: Staff, now: datetime) -> None:
    """Cancels every visit ahead and ends the course. What has begun stays. Raises as `plans.end` does."""
    for each in there.series.steps:
        visit = there.visits.get(each.step.key)
        if visit is not None and not each.begun:
            await appointments.cancel(tx, visit.id, reason=reason, by=by.account_id, now=now)
    course = await plans.course_of(tx, await patients.by_id(tx, patient_id), now=now)
    if course.plan is not None:
        await plans.end(tx, patient_id=patient_id, by=by, reason=reason, now=now)
    await store.end(tx, there.id, now=now)
    await _record(tx, there.id, patient_id, action="series-cancelled", by=by, now=now)
    await _tell(tx, there.id, patient_id, practitioner_id=there.practitioner_id, by=by, now=now)


async def _tell(
    tx: Tx, series_id: str, patient_id: str, *, practitioner_id: str, by: Staff, now: datetime
) -> None:
    patient = await patients.by_id(tx, patient_id)
    await series_news.tell_patient(tx, series_id, patient, now=now)
    if by.practitioner_id != practitioner_id:
        await series_news.tell_clinician(tx, patient_id, practitioner_id, by=by, now=now)


async def _finder(
    tx: Tx,
    patient: Patient,
    ids: Sequence[str],
    first: date,
    last: date,
    *,
    zone: str,
    now: datetime,
    own: frozenset[str] = frozenset(),
) -> Finder:
    """The free times of these practitioners for this patient, out of what the database says once."""
    start = datetime.combine(first, time(), ZoneInfo(zone)) - AROUND
    end = datetime.combine(last, time(), ZoneInfo(zone)) + AROUND
    kinds = {
        kind.code: for_patient(kind, patient)
        for kind in await practice.every_visit_type(tx)
        # What is booked already may be moved, but nothing new of the kind is booked.
        if own or not kind.retired
    }
    people = await practice.diaries(tx, ids, start=start, end=end)
    busy = [
        each
        for id_ in ids
        for each in await appointments_store.live_of_practitioner(tx, id_, starts_at=start, ends_at=end)
        if each.id not in own
    ]
    theirs = await appointments_store.live_of_patient(tx, patient.id, starts_at=start, ends_at=end)
    seen = Seen(
        time_zone=patient.time_zone,
        state=patient.state,
        own=PractitionerId(ids[0]) if ids else None,
        busy=tuple(Interval(start=each.starts_at, end=each.ends_at) for each in theirs if each.id not in own),
    )
    asked = await practice.as_asked(tx, seen, kind=next(iter(kinds.values())))
    kept = await slot_holds.between(tx, ids, starts_at=start, ends_at=end, now=now)
    taken = [
        *((each.practitioner_id, each.held) for each in busy),
        *((each.practitioner_id, each.held) for each in kept),
    ]
    diaries = [
        replace(diary, busy=tuple(held for whose, held in taken if whose == diary.id)) for diary in people
    ]
    return _find_in(kinds, diaries, asked, now)


def _find_in(kinds: Mapping[str, Kind], diaries: Sequence[Diary], patient: Seen, now: datetime) -> Finder:
    def free(visit_type: str, start: datetime, end: datetime) -> list[Slot]:
        if visit_type not in kinds:
            return []
        wanted = Wanted(kind=kinds[visit_type], patient=patient, start=start, end=end)
        return list(find(wanted, diaries, now=now))

    return free


async def _record(tx: Tx, series_id: str, patient_id: str, *, action: str, by: Staff, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by.account_id,
        action=action,
        object_kind="series",
        object_id=series_id,
        patient_id=patient_id,
        now=now,
    )
