"""The clinic's practitioners, their hours with exceptions, and the kinds of visit it offers."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import Row, select

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.practice import hours_exceptions, practitioners, visit_types, weekly_hours


async def practitioner(tx: Tx, practitioner_id: str) -> Row[Any] | None:
    return await tx.one(select(practitioners).where(practitioners.c.id == practitioner_id))


async def all_practitioners(tx: Tx) -> Sequence[Row[Any]]:
    return await tx.all(select(practitioners).order_by(practitioners.c.name))


async def weekly_hours_of(tx: Tx, practitioner_id: str) -> Sequence[Row[Any]]:
    order = (weekly_hours.c.weekday, weekly_hours.c.opens)
    return await tx.all(
        select(weekly_hours).where(weekly_hours.c.practitioner_id == practitioner_id).order_by(*order)
    )


async def exceptions_of(tx: Tx, practitioner_id: str) -> Sequence[Row[Any]]:
    order = (hours_exceptions.c.on_date, hours_exceptions.c.opens)
    return await tx.all(
        select(hours_exceptions).where(hours_exceptions.c.practitioner_id == practitioner_id).order_by(*order)
    )


async def insert_closed_day(tx: Tx, *, practitioner_id: str, on: date) -> None:
    values = {
        "practitioner_id": practitioner_id,
        "on_date": on,
        "closed": True,
        "opens": None,
        "closes": None,
    }
    await tx.run(hours_exceptions.insert().values(id=new_id(), **values))


async def insert_extra_hours(tx: Tx, *, practitioner_id: str, on: date, opens: time, closes: time) -> None:
    values = {
        "practitioner_id": practitioner_id,
        "on_date": on,
        "closed": False,
        "opens": opens,
        "closes": closes,
    }
    await tx.run(hours_exceptions.insert().values(id=new_id(), **values))


async def visit_type(tx: Tx, code: str) -> Row[Any] | None:
    return await tx.one(select(visit_types).where(visit_types.c.id == code))


async def all_visit_types(tx: Tx) -> Sequence[Row[Any]]:
    """The longest first: an intake comes before what follows it."""
    return await tx.all(select(visit_types).order_by(visit_types.c.minutes.desc(), visit_types.c.id))


async def insert_visit_type(tx: Tx, values: dict[str, Any]) -> None:
    await tx.run(visit_types.insert().values(**values))
