"""Holds on a patient's course: opened once, rung as often as it is pressed, lifted once."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row, Select, select, update

from server.care.safety import Alarm, Hold
from server.store import rows
from server.store.database import Tx
from server.store.tables.course import hold_events, holds

FIELDS = tuple(field.name for field in fields(Hold))
OF_AN_ALARM = tuple(field.name for field in fields(Alarm))


def _text(level: int) -> str | None:
    return str(level) if level else None


async def _value(tx: Tx, row: Row[Any]) -> Hold:
    opened = await rows.open_row(tx, holds, row)
    return Hold(**{name: opened[name] for name in FIELDS} | {"level": int(opened["level"] or 0)})


async def _row(tx: Tx, hold: Hold) -> dict[str, Any]:
    return await rows.seal_row(tx, holds, asdict(hold) | {"level": _text(hold.level)})


async def insert(tx: Tx, hold: Hold) -> None:
    await tx.run(holds.insert().values(await _row(tx, hold)))


async def add_alarm(tx: Tx, alarm: Alarm) -> None:
    values = asdict(alarm) | {"level": _text(alarm.level)}
    await tx.run(hold_events.insert().values(await rows.seal_row(tx, hold_events, values)))


async def save(tx: Tx, hold: Hold) -> None:
    """What comes to an open hold afterwards: words, or a worse answer."""
    sealed = await _row(tx, hold)
    added = {name: sealed[name] for name in ("words", "reply", "level")}
    await tx.run(update(holds).where(holds.c.id == hold.id).values(added))


async def save_lift(tx: Tx, hold: Hold) -> bool:
    """False when somebody already had: the first name stays."""
    sealed = await _row(tx, hold)
    statement = update(holds).where(holds.c.id == hold.id, holds.c.lifted_at.is_(None))
    lifted = {name: sealed[name] for name in ("lifted_at", "lifted_by", "lift_reason")}
    return bool(await tx.run(statement.values(lifted)))


async def by_id(tx: Tx, hold_id: str) -> Hold | None:
    return await _one(tx, select(holds).where(holds.c.id == hold_id))


async def by_alarm(tx: Tx, alarm_id: str) -> Hold | None:
    """The hold that this press opened or found open."""
    joined = select(holds).join(hold_events, hold_events.c.hold_id == holds.c.id)
    return await _one(tx, joined.where(hold_events.c.id == alarm_id))


async def _one(tx: Tx, statement: Select[Any]) -> Hold | None:
    row = await tx.one(statement)
    return None if row is None else await _value(tx, row)


async def of_patient(tx: Tx, patient_id: str) -> list[Hold]:
    """All there were, oldest first."""
    statement = select(holds).where(holds.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(holds.c.opened_at, holds.c.id))
    return [await _value(tx, row) for row in found]


async def alarms_of_patient(tx: Tx, patient_id: str) -> list[Alarm]:
    """All there were, oldest first."""
    statement = select(hold_events).where(hold_events.c.patient_id == patient_id)
    found = []
    for row in await tx.all(statement.order_by(hold_events.c.received_at, hold_events.c.id)):
        opened = await rows.open_row(tx, hold_events, row)
        values = {name: opened[name] for name in OF_AN_ALARM}
        found.append(Alarm(**values | {"level": int(opened["level"] or 0)}))
    return found


async def open_ones(tx: Tx) -> list[Hold]:
    """Of everybody, oldest first."""
    statement = select(holds).where(holds.c.lifted_at.is_(None))
    return [await _value(tx, row) for row in await tx.all(statement.order_by(holds.c.opened_at, holds.c.id))]
