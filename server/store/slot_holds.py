"""Times kept while a form is filled in: rows that end by themselves."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select

from scheduling.bookings import SlotTaken
from scheduling.holds import Hold
from server.store.database import ConstraintBroken, Tx
from server.store.tables.slot_holds import slot_holds

FIELDS = tuple(field.name for field in fields(Hold))


def _value(row: Row[Any]) -> Hold:
    values = {name: getattr(row, name) for name in FIELDS}
    return Hold(**values | {"held_by": values["held_by"] or ""})


async def insert(tx: Tx, hold: Hold) -> None:
    """Raises SlotTaken: the database's own answer, whatever was checked before."""
    values = {name: getattr(hold, name) for name in FIELDS}
    try:
        await tx.run(slot_holds.insert().values(**values | {"held_by": hold.held_by or None}))
    except ConstraintBroken as problem:
        if "slot_taken" in problem.reason:
            raise SlotTaken from problem
        raise


async def by_id(tx: Tx, hold_id: str) -> Hold | None:
    row = await tx.one(select(slot_holds).where(slot_holds.c.id == hold_id))
    return None if row is None else _value(row)


async def between(
    tx: Tx, practitioner_ids: Collection[str], *, starts_at: datetime, ends_at: datetime, now: datetime
) -> list[Hold]:
    """Those that count now and hold some of [starts_at, ends_at), buffers included; earliest first."""
    statement = select(slot_holds).where(
        slot_holds.c.practitioner_id.in_(practitioner_ids),
        slot_holds.c.held_from < ends_at,
        slot_holds.c.held_until > starts_at,
        slot_holds.c.expires_at > now,
    )
    return [_value(row) for row in await tx.all(statement.order_by(slot_holds.c.starts_at))]


async def count_of_visitors(tx: Tx, *, but: str, now: datetime) -> int:
    """How many times are kept now for nobody of the staff, but for those whose id begins so."""
    public = (
        slot_holds.c.held_by.is_(None),
        slot_holds.c.expires_at > now,
        slot_holds.c.id.not_like(f"{but}%"),
    )
    row = await tx.one(select(func.count()).where(*public))
    return int(row[0]) if row else 0


async def remove(tx: Tx, hold_id: str) -> bool:
    return bool(await tx.run(delete(slot_holds).where(slot_holds.c.id == hold_id)))


async def sweep(tx: Tx, *, now: datetime) -> None:
    """Takes away what has expired: the database's own rules know no time."""
    await tx.run(delete(slot_holds).where(slot_holds.c.expires_at <= now))
