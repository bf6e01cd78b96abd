"""A clinician cannot hold their visits: who could, those most at risk first; one press gives all of them on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling.bookings import PractitionerId
from scheduling.diary import Diary
from scheduling.diary import Patient as Seen
from scheduling.interval import Interval
from scheduling.reassign import Cover, ToCover, rank
from scheduling.refusals import SchedulingRefusal
from server.care.cover_risk import risk_of
from server.care.encounter import Encounter
from server.care.people import Patient
from server.care.visit_kinds import Kind, for_patient
from server.services import appointments, moving, patients, practice
from server.store import encounters, holds, slot_holds
from server.store.database import Tx

AROUND = timedelta(days=1)


class NotAllFit(Exception):
    """One of the visits cannot be given on as planned, so none was; `problem` says why."""

    def __init__(self, encounter_id: str, problem: SchedulingRefusal) -> None:
        super().__init__(encounter_id)
        self.encounter_id = encounter_id
        self.problem = problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A visit to give on, with its patient and everybody who can, or cannot and why."""

    encounter: Encounter
    patient: Patient
    kind: Kind
    cover: Cover
    on_hold: bool


async def of_day(tx: Tx, practitioner_id: str, *, start: datetime, end: datetime) -> list[Encounter]:
    """Their visits that have not begun."""
    found = await encounters.between(tx, start, end, practitioner_id=practitioner_id)
    return [each for each in found if may_be_given(each)]


def may_be_given(encounter: Encounter) -> bool:
    return encounter.appointment_id is not None and encounter.status in ("planned", "arrived")


async def lines(
    tx: Tx, visits: Collection[Encounter], *, chosen: Mapping[str, str], now: datetime
) -> list[Line]:
    """Those most at risk first, then by time. `chosen`: who was picked, by the visit's id."""
    people_of = await patients.by_ids(tx, {each.patient_id for each in visits})
    wanted = [await _to_cover(tx, each, people_of[each.patient_id]) for each in visits]
    known = {line.cover_of.appointment.id: line for line in wanted}
    if not known:
        return []
    away = {each.practitioner_id for each in visits}
    start = min(each.planned_starts_at for each in visits) - AROUND
    end = max(each.planned_ends_at for each in visits) + AROUND
    people = [each for each in await _diaries(tx, start=start, end=end, now=now) if each.id not in away]
    picks: dict[str, PractitionerId] = {
        line.cover_of.appointment.id: PractitionerId(chosen[line.encounter.id])
        for line in wanted
        if chosen.get(line.encounter.id)
    }
    return [
        Line(
            encounter=known[cover.visit.appointment.id].encounter,
            patient=known[cover.visit.appointment.id].patient,
            kind=known[cover.visit.appointment.id].kind,
            on_hold=known[cover.visit.appointment.id].on_hold,
            cover=cover,
        )
        for cover in rank((line.cover_of for line in wanted), people, chosen=picks)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    encounter: Encounter
    patient: Patient
    kind: Kind
    on_hold: bool
    cover_of: ToCover


async def _to_cover(tx: Tx, encounter: Encounter, patient: Patient) -> _Wanted:
    _, appointment = await appointments.booked(tx, encounter.id)
    theirs = await holds.of_patient(tx, patient.id)
    kind = for_patient(await practice.visit_type(tx, appointment.visit_type), patient)
    seen = Seen(
        time_zone=patient.time_zone,
        state=patient.state,
        language=patient.language,
        interpreter=patient.interpreter_language is not None,
    )
    return _Wanted(
        encounter=encounter,
        patient=patient,
        kind=kind,
        on_hold=any(hold.open for hold in theirs),
        cover_of=ToCover(
            appointment=appointment,
            kind=kind,
            patient=await practice.as_asked(tx, seen, kind=kind),
            risk=risk_of(visit_type=encounter.visit_type, holds=theirs),
        ),
    )


async def _diaries(tx: Tx, *, start: datetime, end: datetime, now: datetime) -> list[Diary]:
    ids = [each.id for each in await practice.practitioners(tx)]
    kept: dict[str, list[Interval]] = {}
    for each in await slot_holds.between(tx, ids, starts_at=start, ends_at=end, now=now):
        kept.setdefault(each.practitioner_id, []).append(each.held)
    return [
        replace(diary, busy=(*diary.busy, *kept.get(diary.id, ())))
        for diary in await practice.diaries(tx, ids, start=start, end=end)
    ]


async def give_all(
    tx: Tx, plan: Mapping[str, str], *, was_with: str, reason: str, by: str, now: datetime
) -> list[Encounter]:
    """Every visit of the plan to whom it says, by the visit's id; or none of them.

    Raises NotAllFit, moving.MovedMeanwhile, moving.ReasonMissing, NoSuchVisit, EncounterOver.
    """
    given = []
    for encounter_id, to in plan.items():
        try:
            given.append(
                await moving.reassign(
                    tx, encounter_id, to=to, was_with=was_with, reason=reason, by=by, now=now
                )
            )
        except SchedulingRefusal as problem:
            raise NotAllFit(encounter_id, problem) from problem
    return given
