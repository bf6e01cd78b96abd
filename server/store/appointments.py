"""Appointments: rows the database itself keeps from overlapping."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from scheduling.bookings import Appointment, PatientBusy, SlotTaken
from scheduling.interval import Interval
from server.store import rows
from server.store.database import ConstraintBroken, Tx
from server.store.tables.appointments import LIVE, appointments

FIELDS = tuple(field.name for field in fields(Appointment) if field.name in appointments.c)


class StaleAppointment(Exception):
    """Somebody else changed this appointment since it was read; nothing was written."""


@contextmanager
def _overlaps_named() -> Iterator[None]:
    """What the triggers raise, under the names the rules give it."""
    try:
        yield
    except ConstraintBroken as problem:
        if "slot_taken" in problem.reason:
            raise SlotTaken from problem
        if "patient_busy" in problem.reason:
            raise PatientBusy from problem
        raise


async def _value(tx: Tx, row: Row[Any]) -> Appointment:
    opened = await rows.open_row(tx, appointments, row)
    return Appointment(**{name: opened[name] for name in FIELDS})


async def _row(tx: Tx, appointment: Appointment) -> dict[str, Any]:
    return await rows.seal_row(tx, appointments, {name: getattr(appointment, name) for name in FIELDS})


async def insert(tx: Tx, appointment: Appointment) -> None:
    """Raises SlotTaken, PatientBusy: the database's own answer, whatever was checked before."""
    with _overlaps_named():
        await tx.run(appointments.insert().values(await _row(tx, appointment)))


async def save(tx: Tx, appointment: Appointment) -> Appointment:
    """Writes over the version before this one, which the rules raised by one.

    Raises StaleAppointment, and SlotTaken or PatientBusy as `insert` does.
    """
    where = (appointments.c.id == appointment.id, appointments.c.version == appointment.version - 1)
    values = await _row(tx, appointment)
    with _overlaps_named():
        changed = await tx.run(update(appointments).where(*where).values(values))
    if not changed:
        raise StaleAppointment(appointment.id)
    return appointment


async def by_id(tx: Tx, appointment_id: str) -> Appointment | None:
    row = await tx.one(select(appointments).where(appointments.c.id == appointment_id))
    return None if row is None else await _value(tx, row)


async def version_of(tx: Tx, appointment_id: str | None) -> int | None:
    """None where there is no appointment."""
    if appointment_id is None:
        return None
    row = await tx.one(select(appointments.c.version).where(appointments.c.id == appointment_id))
    return None if row is None else int(row.version)


async def live_of_practitioner(
    tx: Tx, practitioner_id: str, *, starts_at: datetime, ends_at: datetime
) -> list[Appointment]:
    """Those that keep the practitioner busy somewhere in [starts_at, ends_at), buffers included."""
    statement = select(appointments).where(
        appointments.c.practitioner_id == practitioner_id,
        appointments.c.status.in_(LIVE),
        appointments.c.busy_from < ends_at,
        appointments.c.busy_until > starts_at,
    )
    return [await _value(tx, row) for row in await tx.all(statement.order_by(appointments.c.starts_at))]


async def held_between(
    tx: Tx,
    practitioner_ids: Collection[str],
    *,
    starts_at: datetime,
    ends_at: datetime,
    leave_out: str | None = None,
) -> dict[str, list[Interval]]:
    """What bookings hold of each one's time somewhere in [starts_at, ends_at), buffers included; one statement."""
    statement = select(
        appointments.c.id, appointments.c.practitioner_id, appointments.c.busy_from, appointments.c.busy_until
    ).where(
        appointments.c.practitioner_id.in_(practitioner_ids),
        appointments.c.status.in_(LIVE),
        appointments.c.busy_from < ends_at,
        appointments.c.busy_until > starts_at,
    )
    found: dict[str, list[Interval]] = {}
    for row in await tx.all(statement.order_by(appointments.c.busy_from)):
        if row.id != leave_out:
            held = Interval(start=row.busy_from, end=row.busy_until)
            found.setdefault(row.practitioner_id, []).append(held)
    return found


async def live_between(
    tx: Tx, *, starts_at: datetime, ends_at: datetime, practitioner_id: str | None = None
) -> list[Appointment]:
    """Those whose visit meets [starts_at, ends_at): one practitioner's, or everybody's."""
    statement = select(appointments).where(
        appointments.c.status.in_(LIVE),
        appointments.c.starts_at < ends_at,
        appointments.c.ends_at > starts_at,
    )
    if practitioner_id is not None:
        statement = statement.where(appointments.c.practitioner_id == practitioner_id)
    return [await _value(tx, row) for row in await tx.all(statement.order_by(appointments.c.starts_at))]


async def starting_at(tx: Tx, patient_id: str, starts_at: datetime) -> list[Appointment]:
    """The patient's live ones that begin then."""
    statement = select(appointments).where(
        appointments.c.patient_id == patient_id,
        appointments.c.status.in_(LIVE),
        appointments.c.starts_at == starts_at,
    )
    return [await _value(tx, row) for row in await tx.all(statement)]


async def live_of_patient(
    tx: Tx, patient_id: str, *, starts_at: datetime, ends_at: datetime
) -> list[Appointment]:
    """The patient's own that overlap [starts_at, ends_at)."""
    statement = select(appointments).where(
        appointments.c.patient_id == patient_id,
        appointments.c.status.in_(LIVE),
        appointments.c.starts_at < ends_at,
        appointments.c.ends_at > starts_at,
    )
    return [await _value(tx, row) for row in await tx.all(statement.order_by(appointments.c.starts_at))]


async def standing_of(tx: Tx, appointment_ids: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Of each its status, and whether it was booked over others; nothing sealed is opened for that."""
    statement = select(
        appointments.c.id, appointments.c.status, appointments.c.overbook_reason.is_not(None).label("over")
    ).where(appointments.c.id.in_(appointment_ids))
    return {row.id: (row.status, bool(row.over)) for row in await tx.all(statement)}
