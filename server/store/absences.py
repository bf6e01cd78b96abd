"""Leave, and the clinic closed: stretches of wall time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.practice import absences


async def of(tx: Tx, practitioner_ids: Collection[str]) -> Sequence[Row[Any]]:
    statement = select(absences).where(absences.c.practitioner_id.in_(practitioner_ids))
    return await tx.all(statement.order_by(absences.c.starts, absences.c.id))


async def closures(tx: Tx) -> Sequence[Row[Any]]:
    statement = select(absences).where(absences.c.practitioner_id.is_(None))
    return await tx.all(statement.order_by(absences.c.starts, absences.c.id))


async def by_id(tx: Tx, absence_id: str) -> Row[Any] | None:
    return await tx.one(select(absences).where(absences.c.id == absence_id))


async def insert(
    tx: Tx,
    *,
    practitioner_id: str | None,
    starts: datetime,
    ends: datetime,
    time_zone: str,
    reason: str,
    created_by: str,
    now: datetime,
) -> str:
    row_id = new_id()
    values = {"starts": starts, "ends": ends, "time_zone": time_zone, "reason": reason}
    who = {"practitioner_id": practitioner_id, "created_by": created_by, "created_at": now}
    await tx.run(absences.insert().values(id=row_id, **values, **who))
    return row_id


async def remove(tx: Tx, absence_id: str) -> None:
    await tx.run(delete(absences).where(absences.c.id == absence_id))
