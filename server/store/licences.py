"""Licences to practise, by practitioner."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.practice import licences


async def of(tx: Tx, practitioner_ids: Collection[str]) -> Sequence[Row[Any]]:
    order = (licences.c.state, licences.c.first_on, licences.c.id)
    return await tx.all(
        select(licences).where(licences.c.practitioner_id.in_(practitioner_ids)).order_by(*order)
    )


async def any_kept(tx: Tx) -> bool:
    """Whether the clinic keeps anybody's licences here at all."""
    return await tx.one(select(licences.c.id).limit(1)) is not None


async def by_id(tx: Tx, licence_id: str) -> Row[Any] | None:
    return await tx.one(select(licences).where(licences.c.id == licence_id))


async def insert(
    tx: Tx, *, practitioner_id: str, state: str, number: str, first_on: date, last_on: date | None
) -> str:
    row_id = new_id()
    values = {"state": state, "number": number, "first_on": first_on, "last_on": last_on}
    await tx.run(
        licences.insert().values(id=row_id, practitioner_id=practitioner_id, warned_days=None, **values)
    )
    return row_id


async def remove(tx: Tx, licence_id: str) -> None:
    await tx.run(delete(licences).where(licences.c.id == licence_id))


async def ending(tx: Tx, *, until: date) -> Sequence[Row[Any]]:
    """Those whose last day comes by then, the soonest first."""
    order = (licences.c.last_on, licences.c.id)
    return await tx.all(select(licences).where(licences.c.last_on <= until).order_by(*order))


async def set_warned(tx: Tx, licence_id: str, days: int) -> None:
    await tx.run(update(licences).where(licences.c.id == licence_id).values(warned_days=days))
