"""Holds on a patient's course: opened once for each press, lifted once."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row, select, update

from server.care.safety import Hold
from server.store import rows
from server.store.database import Tx
from server.store.tables.course import holds

FIELDS = tuple(field.name for field in fields(Hold))


async def _value(tx: Tx, row: Row[Any]) -> Hold:
    opened = await rows.open_row(tx, holds, row)
    return Hold(**{name: opened[name] for name in FIELDS} | {"level": int(opened["level"] or 0)})


async def _row(tx: Tx, hold: Hold) -> dict[str, Any]:
    return await rows.seal_row(tx, holds, asdict(hold) | {"level": str(hold.level) if hold.level else None})


async def insert(tx: Tx, hold: Hold) -> None:
    await tx.run(holds.insert().values(await _row(tx, hold)))


async def save_words(tx: Tx, hold: Hold) -> None:
    """What is added to a press afterwards: the patient's words, or a worse answer."""
    sealed = await _row(tx, hold)
    said = {name: sealed[name] for name in ("words", "level")}
    await tx.run(update(holds).where(holds.c.id == hold.id).values(said))


async def save_lift(tx: Tx, hold: Hold) -> bool:
    """False when somebody already had: the first name stays."""
    sealed = await _row(tx, hold)
    statement = update(holds).where(holds.c.id == hold.id, holds.c.lifted_at.is_(None))
    lifted = {name: sealed[name] for name in ("lifted_at", "lifted_by", "lift_reason")}
    return bool(await tx.run(statement.values(lifted)))


async def by_id(tx: Tx, hold_id: str) -> Hold | None:
    row = await tx.one(select(holds).where(holds.c.id == hold_id))
    return None if row is None else await _value(tx, row)


async def by_event(tx: Tx, event_id: str) -> Hold | None:
    row = await tx.one(select(holds).where(holds.c.event_id == event_id))
    return None if row is None else await _value(tx, row)


async def of_patient(tx: Tx, patient_id: str) -> list[Hold]:
    """All there were, oldest first."""
    statement = select(holds).where(holds.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(holds.c.opened_at, holds.c.id))
    return [await _value(tx, row) for row in found]


async def open_ones(tx: Tx) -> list[Hold]:
    """Of everybody, oldest first."""
    statement = select(holds).where(holds.c.lifted_at.is_(None))
    return [await _value(tx, row) for row in await tx.all(statement.order_by(holds.c.opened_at, holds.c.id))]
