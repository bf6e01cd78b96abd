"""The clinic's hours, people and kinds of visit, as the rules want them; and the free times that follow."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduling.bookings import Calendar, PractitionerId
from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.schedule import Absence, DayException, Hours, Schedule
from scheduling.visit_types import TEST_CALL, VisitType
from server.care import people
from server.care.people import Practitioner
from server.care.visit_kinds import Kind
from server.services import licences
from server.services.default_visit_types import CHECK_IN, DEFAULT_VISIT_TYPES, INTAKE
from server.store import absences, feeds, patients, slot_holds
from server.store import appointments as appointments_store
from server.store import practice as store
from server.store.database import Tx

__all__ = ["CHECK_IN", "INTAKE"]

# Hours are looked up this far around a visit: more than any day is long.
AROUND = timedelta(days=2)
YEAR = timedelta(days=366)
# Of whom nothing is known that a time depends on.
ANYBODY = Patient(time_zone="UTC")


class NoSuchChoice(Exception):
    """There is no such practitioner or kind of visit."""


async def add_default_visit_types(tx: Tx) -> None:
    """Those a clinic begins with, into one that has none; safe to call again."""
    if not await store.all_visit_types(tx):
        for kind in DEFAULT_VISIT_TYPES:
            await store.insert_visit_type(tx, row_of(kind))


def row_of(kind: Kind) -> dict[str, Any]:
    """The kind as its row, but for who holds it and whether it is retired."""
    return {
        "id": kind.code,
        "name": kind.name,
        "name_es": kind.name_es,
        "minutes": minutes(kind.length),
        "buffer_before_minutes": minutes(kind.buffer_before),
        "buffer_after_minutes": minutes(kind.buffer_after),
        "minimum_notice_minutes": minutes(kind.minimum_notice),
        "horizon_minutes": None if kind.horizon is None else minutes(kind.horizon),
        "cut_off_minutes": minutes(kind.cut_off),
        "public": kind.public,
        "preparation": kind.preparation,
        "preparation_es": kind.preparation_es,
    }


def minutes(duration: timedelta) -> int:
    return int(duration.total_seconds() // 60)


async def visit_type(tx: Tx, code: str) -> Kind:
    """Also one that is not booked any more. Raises NoSuchChoice."""
    found = {kind.code: kind for kind in await every_visit_type(tx)}
    if code not in found:
        raise NoSuchChoice(code)
    return found[code]


async def booked_type(tx: Tx, code: str) -> Kind:
    """Raises NoSuchChoice, also of one that is not booked any more."""
    found = await visit_type(tx, code)
    if found.retired:
        raise NoSuchChoice(code)
    return found


async def visit_types(tx: Tx) -> list[Kind]:
    """Those that are booked, the longest first."""
    return [kind for kind in await every_visit_type(tx) if not kind.retired]


async def every_visit_type(tx: Tx) -> list[Kind]:
    """Those that are not booked any more, too: visits there were keep their kind."""
    holders: dict[str, set[str]] = {}
    for row in await store.all_holders(tx):
        holders.setdefault(row.visit_type, set()).add(row.practitioner_id)
    return [_kind(row, frozenset(holders.get(row.id, ()))) for row in await store.all_visit_types(tx)]


def _kind(row: Any, held_by: frozenset[str]) -> Kind:
    horizon = row.horizon_minutes
    return Kind(
        code=row.id,
        name=row.name,
        name_es=row.name_es,
        length=timedelta(minutes=row.minutes),
        buffer_before=timedelta(minutes=row.buffer_before_minutes),
        buffer_after=timedelta(minutes=row.buffer_after_minutes),
        minimum_notice=timedelta(minutes=row.minimum_notice_minutes),
        horizon=None if horizon is None else timedelta(minutes=horizon),
        cut_off=timedelta(minutes=row.cut_off_minutes),
        preparation=row.preparation,
        preparation_es=row.preparation_es,
        held_by=held_by,
        public=row.public,
        retired=row.retired_at is not None,
    )


async def practitioner(tx: Tx, practitioner_id: str) -> Practitioner:
    """Raises NoSuchChoice."""
    row = await store.practitioner(tx, practitioner_id)
    if row is None:
        raise NoSuchChoice(practitioner_id)
    return _practitioner(row, list(await store.languages_of(tx, [practitioner_id])))


async def practitioners(tx: Tx) -> list[Practitioner]:
    """By name."""
    found = await store.all_practitioners(tx)
    spoken = by_practitioner(await store.languages_of(tx, [row.id for row in found]))
    return [_practitioner(row, spoken.get(row.id, [])) for row in found]


def _practitioner(row: Any, spoken: list[Any]) -> Practitioner:
    return Practitioner(
        id=PractitionerId(row.id),
        account_id=row.account_id,
        name=row.name,
        time_zone=row.time_zone,
        languages=frozenset(each.language for each in spoken),
    )


async def schedule_of(tx: Tx, practitioner_id: str) -> Schedule:
    """As `schedules`, of one. Raises NoSuchChoice."""
    found = await schedules(tx, [practitioner_id])
    if practitioner_id not in found:
        raise NoSuchChoice(practitioner_id)
    return found[practitioner_id]


async def schedules(tx: Tx, practitioner_ids: Collection[str]) -> dict[str, Schedule]:
    """By id, in as many statements for a hundred people as for one; whoever may not be booked has no hours."""
    asked = [each for each in await practitioners(tx) if each.id in practitioner_ids]
    ids = [each.id for each in asked]
    bookable = await store.bookable(tx)
    hours = by_practitioner(await store.hours_of(tx, ids))
    exceptions = by_practitioner(await store.exceptions_of(tx, ids))
    leave = by_practitioner(await absences.of(tx, ids))
    closures = tuple(absence(row) for row in await absences.closures(tx))
    busy = by_practitioner(await feeds.busy_of(tx, ids))
    return {
        each.id: Schedule(
            practitioner_id=each.id,
            time_zone=each.time_zone,
            hours=tuple(
                Hours(weekday=h.weekday, opens=h.opens, closes=h.closes)
                for h in hours.get(each.id, ())
                if each.id in bookable
            ),
            exceptions=tuple(exception(row) for row in exceptions.get(each.id, ()) if each.id in bookable),
            leave=tuple(absence(row) for row in leave.get(each.id, ())),
            closures=closures,
            elsewhere=tuple(Interval(start=b.starts_at, end=b.ends_at) for b in busy.get(each.id, ())),
        )
        for each in asked
    }


def by_practitioner(rows: Collection[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.practitioner_id, []).append(row)
    return found


def exception(row: Any) -> DayException:
    return DayException(on=row.on_date, closed=row.closed, opens=row.opens, closes=row.closes)


def absence(row: Any) -> Absence:
    return Absence(starts=row.starts, ends=row.ends, time_zone=row.time_zone, reason=row.reason)


async def open_extra(tx: Tx, *, practitioner_id: str, on: date, opens: time, closes: time) -> None:
    """Extra hours on one date, in the practitioner's wall time. Overlapping the usual ones is no mistake."""
    await store.insert_exception(
        tx, practitioner_id=practitioner_id, on=on, closed=False, opens=opens, closes=closes
    )


async def diaries(
    tx: Tx, practitioner_ids: Collection[str], *, start: datetime, end: datetime, leave_out: str | None = None
) -> list[Diary]:
    """What a search asks of everybody, in as many statements for a hundred people as for one."""
    known: dict[str, Practitioner] = {person.id: person for person in await practitioners(tx)}
    held = await appointments_store.held_between(
        tx, practitioner_ids, starts_at=start, ends_at=end, leave_out=leave_out
    )
    kept = by_practitioner(await licences.of(tx, practitioner_ids))
    return [
        Diary(
            schedule=schedule,
            name=known[id_].name,
            busy=tuple(held.get(id_, ())),
            languages=known[id_].languages,
            licences=tuple(each.licence for each in kept.get(id_, ())),
        )
        for id_, schedule in (await schedules(tx, practitioner_ids)).items()
    ]


async def as_asked(tx: Tx, patient: Patient, *, kind: VisitType) -> Patient:
    """The patient without a state where no licence is asked for: of a test call, and where the clinic keeps none."""
    if patient.state is None or (kind.code != TEST_CALL and await licences.any_kept(tx)):
        return patient
    return replace(patient, state=None)


async def search(
    tx: Tx,
    *,
    practitioner_ids: Collection[str],
    kind: VisitType,
    start: datetime,
    end: datetime,
    now: datetime,
    patient: Patient = ANYBODY,
    leave_out: str | None = None,
) -> tuple[Iterator[Slot], list[Diary]]:
    """What can be booked in [start, end), earliest first, found while it is read; and what was asked of everybody.

    `leave_out` is an appointment about to move: the time it holds now counts as free.
    """
    around = kind.buffer_before + kind.with_interpreter().length + kind.buffer_after
    found = await diaries(tx, practitioner_ids, start=start - around, end=end + around, leave_out=leave_out)
    patient = await as_asked(tx, patient, kind=kind)
    wanted = Wanted(kind=kind, patient=patient, start=start, end=end)
    return find(wanted, found, now=now), found


async def free_times(
    tx: Tx,
    *,
    practitioner_ids: Collection[str],
    kind: VisitType,
    start: datetime,
    end: datetime,
    now: datetime,
    leave_out: str | None = None,
) -> list[Slot]:
    """All that can be booked with any of these people in [start, end), earliest first, for anybody."""
    slots, _ = await search(
        tx,
        practitioner_ids=practitioner_ids,
        kind=kind,
        start=start,
        end=end,
        now=now,
        leave_out=leave_out,
    )
    return list(slots)


async def as_known(
    tx: Tx, patient: people.Patient, *, now: datetime, leave_out: str | None = None
) -> Patient:
    """The patient as a search sees them by what is known: where they live, an interpreter, their other visits."""
    return Patient(
        time_zone=patient.time_zone,
        state=patient.state,
        interpreter=patient.interpreter_language is not None,
        busy=await busy_of_patient(tx, patient.id, start=now, end=now + YEAR, leave_out=leave_out),
    )


async def busy_of_patient(
    tx: Tx, patient_id: str, *, start: datetime, end: datetime, leave_out: str | None = None
) -> tuple[Interval, ...]:
    """The patient's other visits."""
    theirs = await appointments_store.live_of_patient(tx, patient_id, starts_at=start, ends_at=end)
    return tuple(Interval(start=a.starts_at, end=a.ends_at) for a in theirs if a.id != leave_out)


async def calendar(
    tx: Tx,
    practitioner_id: str,
    *,
    patient_id: str,
    kind: VisitType,
    at: datetime,
    now: datetime,
    leave_out: str | None = None,
    own_hold: str = "",
) -> Calendar:
    """What the rules check against, with what is kept for others now. `leave_out`: the appointment about to move;
    `own_hold`: what keeps the time for whoever asks."""
    schedule = await schedule_of(tx, practitioner_id)
    start, end = at - AROUND, at + AROUND
    busy = await appointments_store.live_of_practitioner(tx, practitioner_id, starts_at=start, ends_at=end)
    kept = await slot_holds.between(tx, [practitioner_id], starts_at=start, ends_at=end, now=now)
    return Calendar(
        open=tuple(schedule.open_between(start, end)),
        busy=(
            *(a.held for a in busy if a.id != leave_out),
            *(each.held for each in kept if each.id != own_hold),
            *schedule.elsewhere,
        ),
        patient_busy=await busy_of_patient(tx, patient_id, start=start, end=end, leave_out=leave_out),
        licensed=await licences.licensed(tx, practitioner_id, patient_id=patient_id, visit_type=kind.code),
        of_age_from=await _of_age_from(tx, patient_id, kind=kind),
    )


async def _of_age_from(tx: Tx, patient_id: str, *, kind: VisitType) -> datetime | None:
    """Of nobody yet, and for a call that only tries the line, no age is asked."""
    row = await patients.by_id(tx, patient_id) if patient_id and kind.code != TEST_CALL else None
    return people.of_age_from(date.fromisoformat(row["date_of_birth"]), row["time_zone"]) if row else None
