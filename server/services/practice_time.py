"""A practitioner's time as it is changed: days that differ, leave, closures; and the bookings a new absence lies over.

Nothing here cancels a visit. Each booking under an absence, or outside other hours than it was booked in, becomes a
task of the desk's, which is taken off the list again when the visit is moved or cancelled, or when it lies well again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduling import bookings, wall
from scheduling.bookings import Appointment, hit_by
from scheduling.interval import Interval
from scheduling.schedule import Absence, DayException, Hours, Schedule
from server.services import practice, tasks, void_offers
from server.services.weekly_hours import WeeklyHours
from server.store import absences as store
from server.store import accounts as accounts_store
from server.store import appointments as appointments_store
from server.store import audit, encounters
from server.store import practice as practice_store
from server.store import tasks as tasks_store
from server.store.database import Tx

DAY = timedelta(days=1)
# Nothing is booked further ahead.
FURTHEST = timedelta(days=732)


class NoSuchAbsence(Exception):
    """There is no such leave, closure or day of theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An absence as it is written down. `practitioner_id` None: the clinic is closed."""

    id: str
    practitioner_id: str | None
    absence: Absence


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptDay:
    id: str
    day: DayException


async def absences_of(tx: Tx, practitioner_id: str, *, now: datetime) -> list[Kept]:
    """Those that are not over, the first one first."""
    return _not_over(await store.of(tx, [practitioner_id]), now)


async def closures(tx: Tx, *, now: datetime) -> list[Kept]:
    return _not_over(await store.closures(tx), now)


async def days_of(tx: Tx, practitioner_id: str, *, since: date) -> list[KeptDay]:
    found = await practice_store.exceptions_of(tx, [practitioner_id], since=since)
    return [
        KeptDay(
            id=row.id,
            day=DayException(on=row.on_date, closed=row.closed, opens=row.opens, closes=row.closes),
        )
        for row in found
    ]


async def set_hours(tx: Tx, practitioner_id: str, hours: WeeklyHours, *, by: str, now: datetime) -> list[str]:
    """The usual week from now on. The visits it shuts out become tasks, as under leave; their ids.

    Raises NoSuchChoice.
    """
    hit = await shut_out(tx, practitioner_id, hours, now=now)
    await accounts_store.set_weekly_hours(tx, practitioner_id, hours)
    await _record(tx, practitioner_id, practitioner_id, action="hours-changed", by=by, now=now)
    await _taken_in_again(tx, practitioner_id, by=by, now=now)
    await void_offers.close(tx, now=now)
    return await _open_tasks(tx, hit, subject_id=practitioner_id, by=by, now=now)


async def shut_out(tx: Tx, practitioner_id: str, hours: WeeklyHours, *, now: datetime) -> list[Appointment]:
    """The live bookings to come that lie in their hours, and would not in these. Raises NoSuchChoice."""
    before = await practice.schedule_of(tx, practitioner_id)
    week = tuple(Hours(weekday=day, opens=opens, closes=closes) for day, opens, closes in hours)
    found = await appointments_store.live_between(
        tx, starts_at=now, ends_at=now + FURTHEST, practitioner_id=practitioner_id
    )
    start, end = now - DAY, max((each.ends_at for each in found), default=now) + DAY
    return bookings.shut_out(
        found,
        before=before.open_between(start, end),
        after=replace(before, hours=week).open_between(start, end),
    )


async def _taken_in_again(tx: Tx, practitioner_id: str, *, by: str, now: datetime) -> None:
    """Of the visits their hours once shut out, those that lie in open time again are nobody's task any more."""
    waiting = await tasks_store.open_of_subject(tx, practitioner_id)
    schedule = await practice.schedule_of(tx, practitioner_id) if waiting else None
    for task in waiting:
        encounter = await encounters.by_id(tx, task.encounter_id or "")
        if schedule is None or encounter is None or task.kind != tasks.IN_ABSENCE:
            continue
        if _lies_in(schedule, encounter.planned_starts_at, encounter.planned_ends_at):
            await tasks.withdraw_one(tx, task, by=by, now=now)


async def set_languages(
    tx: Tx, practitioner_id: str, languages: list[str], *, by: str, now: datetime
) -> None:
    await practice_store.set_languages(tx, practitioner_id, languages)
    await _record(tx, practitioner_id, practitioner_id, action="languages-changed", by=by, now=now)


async def add_day(tx: Tx, practitioner_id: str, day: DayException, *, by: str, now: datetime) -> list[str]:
    """One date that differs. The visits it shuts out become tasks, as under leave; their ids."""
    row_id = await practice_store.insert_exception(
        tx,
        practitioner_id=practitioner_id,
        on=day.on,
        closed=day.closed,
        opens=day.opens,
        closes=day.closes,
    )
    await _record(tx, practitioner_id, row_id, action="day-changed", by=by, now=now)
    await void_offers.close(tx, now=now)
    person = await practice_store.practitioner(tx, practitioner_id)
    if person is None or not day.closed:
        return []
    found = await hit(tx, closed_part(day, person.time_zone), practitioner_id=practitioner_id, now=now)
    return await _open_tasks(tx, found, subject_id=row_id, by=by, now=now)


async def remove_day(tx: Tx, practitioner_id: str, day_id: str, *, by: str, now: datetime) -> None:
    """Its tasks go with it, as an absence's do. Raises NoSuchAbsence."""
    known = {each[0]: each[1] for each in await _closed_days(tx, [practitioner_id])}
    if not await practice_store.delete_exception(tx, day_id, practitioner_id=practitioner_id):
        raise NoSuchAbsence
    await tasks.withdraw_about(tx, subject_id=day_id, by=by, now=now)
    if day_id in known:
        await _again_under_others(tx, known[day_id], practitioner_id=practitioner_id, by=by, now=now)
    await _record(tx, practitioner_id, day_id, action="day-changed", by=by, now=now)
    await void_offers.close(tx, now=now)


def closed_part(day: DayException, zone: str) -> Absence:
    """What a date that is closed, or partly, takes away."""
    opens, closes = day.opens or time(0), day.closes or time(0)
    ends = datetime.combine(day.on + DAY if closes == time(0) else day.on, closes)
    return Absence(starts=datetime.combine(day.on, opens), ends=ends, time_zone=zone)


async def hit(tx: Tx, absence: Absence, *, practitioner_id: str | None, now: datetime) -> list[Appointment]:
    """The live bookings from now on that an absence lies over: one practitioner's, or with None everybody's."""
    start, end = (wall.instant_of(minute) for minute in absence.span)
    found = await appointments_store.live_between(
        tx, starts_at=max(start, now), ends_at=end, practitioner_id=practitioner_id
    )
    return hit_by(absence, found)


async def add_absence(
    tx: Tx, absence: Absence, *, practitioner_id: str | None, by: str, now: datetime
) -> list[str]:
    """Leave, or with None the clinic closed. Opens one task for each booking it lies over; their ids."""
    row_id = await store.insert(
        tx,
        practitioner_id=practitioner_id,
        starts=absence.starts,
        ends=absence.ends,
        time_zone=absence.time_zone,
        reason=absence.reason,
        created_by=by,
        now=now,
    )
    action = "leave-added" if practitioner_id else "closure-added"
    await _record(tx, practitioner_id, row_id, action=action, by=by, now=now)
    await void_offers.close(tx, now=now)
    found = await hit(tx, absence, practitioner_id=practitioner_id, now=now)
    return await _open_tasks(tx, found, subject_id=row_id, by=by, now=now)


async def remove_absence(
    tx: Tx, absence_id: str, *, practitioner_id: str | None, by: str, now: datetime
) -> None:
    """Its tasks go with it, but for bookings that another absence still lies over. Raises NoSuchAbsence."""
    row = await store.by_id(tx, absence_id)
    if row is None or row.practitioner_id != practitioner_id:
        raise NoSuchAbsence
    await store.remove(tx, absence_id)
    await tasks.withdraw_about(tx, subject_id=absence_id, by=by, now=now)
    await _again_under_others(tx, _kept(row).absence, practitioner_id=practitioner_id, by=by, now=now)
    action = "leave-removed" if practitioner_id else "closure-removed"
    await _record(tx, practitioner_id, absence_id, action=action, by=by, now=now)


async def _again_under_others(
    tx: Tx, gone: Absence, *, practitioner_id: str | None, by: str, now: datetime
) -> None:
    """Where absences overlap, one booking has one task; it goes to the absence that stays, or to the hours that were
    changed meanwhile and shut it out.
    """
    was_hit = {each.id: each for each in await hit(tx, gone, practitioner_id=practitioner_id, now=now)}
    whose = [practitioner_id] if practitioner_id else await _everybody(tx)
    for each in whose:
        await _taken_in_again(tx, each, by=by, now=now)
    rows = [*await store.closures(tx), *await store.of(tx, whose)]
    others = [(row.id, _kept(row).absence, row.practitioner_id) for row in rows]
    for subject_id, absence, theirs in (*others, *await _closed_days(tx, whose)):
        found = await hit(tx, absence, practitioner_id=theirs, now=now)
        await _open_tasks(
            tx, [each for each in found if each.id in was_hit], subject_id=subject_id, by=by, now=now
        )
    for each in whose:
        outside = await _outside_hours(tx, each, list(was_hit.values()))
        await _open_tasks(tx, outside, subject_id=each, by=by, now=now)


async def _outside_hours(tx: Tx, practitioner_id: str, found: list[Appointment]) -> list[Appointment]:
    """Of these their own in time that is not open; not one that was put there deliberately."""
    mine = [
        each for each in found if each.practitioner_id == practitioner_id and each.overbook_reason is None
    ]
    schedule = await practice.schedule_of(tx, practitioner_id) if mine else None
    return [each for each in mine if schedule and not _lies_in(schedule, each.starts_at, each.ends_at)]


def _lies_in(schedule: Schedule, starts_at: datetime, ends_at: datetime) -> bool:
    visit = Interval(start=starts_at, end=ends_at)
    return any(each.contains(visit) for each in schedule.open_between(starts_at - DAY, ends_at + DAY))


async def _closed_days(tx: Tx, practitioner_ids: list[str]) -> list[tuple[str, Absence, str]]:
    """The dates that are closed, or partly: id, what they take away, and whose."""
    zones = {row.id: row.time_zone for row in await practice_store.all_practitioners(tx)}
    return [
        (row.id, closed_part(practice.exception(row), zones[row.practitioner_id]), row.practitioner_id)
        for row in await practice_store.exceptions_of(tx, practitioner_ids)
        if row.closed
    ]


async def _everybody(tx: Tx) -> list[str]:
    return [row.id for row in await practice_store.all_practitioners(tx)]


async def _open_tasks(
    tx: Tx, hit: list[Appointment], *, subject_id: str, by: str, now: datetime
) -> list[str]:
    """One a booking, however many absences lie over it."""
    opened = []
    for appointment in hit:
        encounter = await encounters.by_appointment(tx, appointment.id)
        if encounter is None or encounter.status != "planned":
            continue
        opened.append(
            await tasks.open_task(
                tx,
                kind=tasks.IN_ABSENCE,
                patient_id=appointment.patient_id,
                encounter_id=encounter.id,
                detail=None,
                by=by,
                now=now,
                # The sooner the visit, the sooner somebody has to ring.
                due_at=min(now + DAY, max(now, appointment.starts_at - 2 * DAY)),
                subject_id=subject_id,
            )
        )
    return opened


def _not_over(rows: Any, now: datetime) -> list[Kept]:
    kept = [_kept(row) for row in rows]
    return [each for each in kept if wall.instant_of(each.absence.span[1]) > now]


def _kept(row: Any) -> Kept:
    absence = Absence(starts=row.starts, ends=row.ends, time_zone=row.time_zone, reason=row.reason)
    return Kept(id=row.id, practitioner_id=row.practitioner_id, absence=absence)


async def _record(
    tx: Tx, practitioner_id: str | None, row_id: str, *, action: str, by: str, now: datetime
) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="practitioner" if practitioner_id else "closure",
        object_id=practitioner_id or row_id,
        patient_id=None,
        now=now,
    )
