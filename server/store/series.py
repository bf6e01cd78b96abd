"""Series: one that runs per patient, with its steps in their order."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.store.database import Tx
from server.store.tables.series import series, series_steps


async def insert(tx: Tx, values: dict[str, Any], steps: Sequence[dict[str, Any]]) -> None:
    await tx.run(series.insert().values(**values))
    await tx.run_each(series_steps.insert(), steps)


async def running_of(tx: Tx, patient_id: str) -> Row[Any] | None:
    mine = (series.c.patient_id == patient_id, series.c.ended_at.is_(None))
    return await tx.one(select(series).where(*mine).order_by(series.c.made_at.desc()))


async def steps_of(tx: Tx, series_id: str) -> Sequence[Row[Any]]:
    statement = select(series_steps).where(series_steps.c.series_id == series_id)
    return await tx.all(statement.order_by(series_steps.c.position))


async def encounter_ids(tx: Tx, series_id: str) -> list[str]:
    return [each.encounter_id for each in await steps_of(tx, series_id) if each.encounter_id]


async def move_step(tx: Tx, step_id: str, *, on: date) -> None:
    await tx.run(update(series_steps).where(series_steps.c.id == step_id).values(on_date=on))


async def end(tx: Tx, series_id: str, *, now: datetime) -> bool:
    """False when it already had ended."""
    statement = update(series).where(series.c.id == series_id, series.c.ended_at.is_(None))
    return bool(await tx.run(statement.values(ended_at=now)))
