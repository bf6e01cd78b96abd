"""The clinic's hours, people and kinds of visit, as the rules want them; and the free times that follow."""

from datetime import date, datetime, time, timedelta
from typing import Any

from scheduling.bookings import Calendar, PractitionerId
from scheduling.interval import Interval
from scheduling.schedule import DayException, Hours, Schedule
from scheduling.slots import Slot, free_slots
from scheduling.visit_types import VisitType
from server.care.people import Practitioner
from server.store import accounts, slot_holds
from server.store import appointments as appointments_store
from server.store import practice as store
from server.store.database import Tx

INTAKE = VisitType(
    code="intake",
    name="First visit",
    length=timedelta(minutes=60),
    buffer_after=timedelta(minutes=15),
    preparation="Have a list of what you take and your medical papers at hand.",
)
CHECK_IN = VisitType(
    code="check-in",
    name="Check-in",
    length=timedelta(minutes=30),
    buffer_after=timedelta(minutes=10),
    preparation="Find a quiet place where nobody overhears you.",
)
DEFAULT_VISIT_TYPES = (INTAKE, CHECK_IN)
# Hours are looked up this far around a visit: more than any day is long.
AROUND = timedelta(days=2)


class NoSuchChoice(Exception):
    """There is no such practitioner or kind of visit."""


async def add_default_visit_types(tx: Tx) -> None:
    """Those the clinic does not have yet; safe to call again."""
    for kind in DEFAULT_VISIT_TYPES:
        if await store.visit_type(tx, kind.code) is None:
            await add_visit_type(tx, kind)


async def add_visit_type(tx: Tx, kind: VisitType) -> None:
    values = {
        "id": kind.code,
        "name": kind.name,
        "minutes": _minutes(kind.length),
        "buffer_before_minutes": _minutes(kind.buffer_before),
        "buffer_after_minutes": _minutes(kind.buffer_after),
        "minimum_notice_minutes": _minutes(kind.minimum_notice),
        "preparation": kind.preparation,
    }
    await store.insert_visit_type(tx, values)


def _minutes(duration: timedelta) -> int:
    return int(duration.total_seconds() // 60)


async def visit_type(tx: Tx, code: str) -> VisitType:
    """Raises NoSuchChoice."""
    row = await store.visit_type(tx, code)
    if row is None:
        raise NoSuchChoice(code)
    return _visit_type(row)


async def visit_types(tx: Tx) -> list[VisitType]:
    return [_visit_type(row) for row in await store.all_visit_types(tx)]


def _visit_type(row: Any) -> VisitType:
    return VisitType(
        code=row.id,
        name=row.name,
        length=timedelta(minutes=row.minutes),
        buffer_before=timedelta(minutes=row.buffer_before_minutes),
        buffer_after=timedelta(minutes=row.buffer_after_minutes),
        minimum_notice=timedelta(minutes=row.minimum_notice_minutes),
        preparation=row.preparation,
    )


async def practitioner(tx: Tx, practitioner_id: str) -> Practitioner:
    """Raises NoSuchChoice."""
    row = await store.practitioner(tx, practitioner_id)
    if row is None:
        raise NoSuchChoice(practitioner_id)
    return _practitioner(row)


async def practitioners(tx: Tx) -> list[Practitioner]:
    """By name."""
    return [_practitioner(row) for row in await store.all_practitioners(tx)]


def _practitioner(row: Any) -> Practitioner:
    return Practitioner(
        id=PractitionerId(row.id), account_id=row.account_id, name=row.name, time_zone=row.time_zone
    )


async def schedule_of(tx: Tx, practitioner_id: str) -> Schedule:
    """The practitioner's hours with their exceptions; none for somebody who may not be booked any more.

    Raises NoSuchChoice.
    """
    person = await practitioner(tx, practitioner_id)
    if not await accounts.may_be_booked(tx, practitioner_id):
        return Schedule(practitioner_id=practitioner_id, time_zone=person.time_zone, hours=())
    hours = await store.weekly_hours_of(tx, practitioner_id)
    exceptions = await store.exceptions_of(tx, practitioner_id)
    return Schedule(
        practitioner_id=practitioner_id,
        time_zone=person.time_zone,
        hours=tuple(Hours(weekday=h.weekday, opens=h.opens, closes=h.closes) for h in hours),
        exceptions=tuple(
            DayException(on=e.on_date, closed=e.closed, opens=e.opens, closes=e.closes) for e in exceptions
        ),
    )


async def open_extra(tx: Tx, *, practitioner_id: str, on: date, opens: time, closes: time) -> None:
    """Extra hours on one date, in the practitioner's wall time. Overlapping the usual ones is no mistake."""
    await store.insert_extra_hours(tx, practitioner_id=practitioner_id, on=on, opens=opens, closes=closes)


async def free_times(
    tx: Tx,
    *,
    practitioner_ids: list[str],
    kind: VisitType,
    start: datetime,
    end: datetime,
    now: datetime,
    leave_out: str | None = None,
) -> list[Slot]:
    """What can be booked with any of these people in [start, end), earliest first.

    `leave_out` is an appointment about to move: the time it holds now counts as free.
    """
    start = max(start, now + kind.minimum_notice)
    if start >= end:
        return []
    found: list[Slot] = []
    for practitioner_id in practitioner_ids:
        until = end + kind.length + kind.buffer_after
        busy = await appointments_store.live_of_practitioner(
            tx, practitioner_id, starts_at=start - kind.buffer_before, ends_at=until
        )
        held = [appointment.held for appointment in busy if appointment.id != leave_out]
        schedule = await schedule_of(tx, practitioner_id)
        found += free_slots(schedule, visit_type=kind, busy=held, start=start, end=end)
    return sorted(found)


async def calendar(
    tx: Tx,
    practitioner_id: str,
    *,
    patient_id: str,
    kind: VisitType,
    at: datetime,
    now: datetime,
    leave_out: str | None = None,
) -> Calendar:
    """What the rules check against, with what is kept for others now. `leave_out`: the appointment about to move."""
    schedule = await schedule_of(tx, practitioner_id)
    start, end = at - AROUND, at + AROUND
    busy = await appointments_store.live_of_practitioner(tx, practitioner_id, starts_at=start, ends_at=end)
    kept = await slot_holds.between(tx, [practitioner_id], starts_at=start, ends_at=end, now=now)
    theirs = await appointments_store.live_of_patient(tx, patient_id, starts_at=start, ends_at=end)
    return Calendar(
        open=tuple(schedule.open_between(start, end)),
        busy=(*(a.held for a in busy if a.id != leave_out), *(each.held for each in kept)),
        patient_busy=tuple(Interval(start=a.starts_at, end=a.ends_at) for a in theirs if a.id != leave_out),
    )
