"""The clinic's practitioners, their hours with exceptions, and the kinds of visit it offers."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import Row, delete, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.accounts import account_roles, accounts
from server.store.tables.appointments import appointments
from server.store.tables.encounters import encounters
from server.store.tables.practice import (
    hours_exceptions,
    opening_hours,
    practitioner_languages,
    practitioners,
    visit_type_holders,
    visit_types,
    weekly_hours,
)


async def practitioner(tx: Tx, practitioner_id: str) -> Row[Any] | None:
    return await tx.one(select(practitioners).where(practitioners.c.id == practitioner_id))


async def set_mailed(tx: Tx, practitioner_id: str, mailed: str) -> None:
    statement = update(practitioners).where(practitioners.c.id == practitioner_id)
    await tx.run(statement.values(mailed=mailed))


async def all_practitioners(tx: Tx) -> Sequence[Row[Any]]:
    return await tx.all(select(practitioners).order_by(practitioners.c.name))


async def bookable(tx: Tx) -> frozenset[str]:
    """Ids of those whose account is enabled and still a clinician's."""
    statement = (
        select(practitioners.c.id)
        .join(accounts, accounts.c.id == practitioners.c.account_id)
        .join(account_roles, account_roles.c.account_id == accounts.c.id)
        .where(accounts.c.disabled_at.is_(None), account_roles.c.role == "clinician")
    )
    return frozenset(row.id for row in await tx.all(statement))


async def hours_of(tx: Tx, practitioner_ids: Collection[str]) -> Sequence[Row[Any]]:
    order = (weekly_hours.c.practitioner_id, weekly_hours.c.weekday, weekly_hours.c.opens)
    statement = select(weekly_hours).where(weekly_hours.c.practitioner_id.in_(practitioner_ids))
    return await tx.all(statement.order_by(*order))


async def opening_week(tx: Tx) -> Sequence[Row[Any]]:
    return await tx.all(select(opening_hours).order_by(opening_hours.c.weekday, opening_hours.c.opens))


async def set_opening_week(tx: Tx, hours: Iterable[tuple[int, time, time]], *, time_zone: str) -> None:
    """`hours` as (weekday with Monday 0, opens, closes) instead of those there were."""
    await tx.run(delete(opening_hours))
    rows = [
        {"id": new_id(), "weekday": weekday, "opens": opens, "closes": closes, "time_zone": time_zone}
        for weekday, opens, closes in hours
    ]
    await tx.run_each(opening_hours.insert(), rows)


async def exceptions_of(
    tx: Tx, practitioner_ids: Collection[str], *, since: date = date.min
) -> Sequence[Row[Any]]:
    order = (hours_exceptions.c.on_date, hours_exceptions.c.opens)
    statement = select(hours_exceptions).where(
        hours_exceptions.c.practitioner_id.in_(practitioner_ids), hours_exceptions.c.on_date >= since
    )
    return await tx.all(statement.order_by(*order))


async def languages_of(tx: Tx, practitioner_ids: Collection[str]) -> Sequence[Row[Any]]:
    statement = select(practitioner_languages).where(
        practitioner_languages.c.practitioner_id.in_(practitioner_ids)
    )
    return await tx.all(statement.order_by(practitioner_languages.c.language))


async def set_languages(tx: Tx, practitioner_id: str, languages: Iterable[str]) -> None:
    mine = practitioner_languages.c.practitioner_id == practitioner_id
    await tx.run(delete(practitioner_languages).where(mine))
    rows = [{"id": new_id(), "practitioner_id": practitioner_id, "language": each} for each in languages]
    await tx.run_each(practitioner_languages.insert(), rows)


async def insert_exception(
    tx: Tx, *, practitioner_id: str, on: date, closed: bool, opens: time | None, closes: time | None
) -> str:
    row_id = new_id()
    values = {"practitioner_id": practitioner_id, "on_date": on, "closed": closed}
    await tx.run(hours_exceptions.insert().values(id=row_id, opens=opens, closes=closes, **values))
    return row_id


async def delete_exception(tx: Tx, exception_id: str, *, practitioner_id: str) -> bool:
    """False when there is none of theirs."""
    statement = delete(hours_exceptions).where(
        hours_exceptions.c.id == exception_id, hours_exceptions.c.practitioner_id == practitioner_id
    )
    return bool(await tx.run(statement))


async def visit_type(tx: Tx, code: str) -> Row[Any] | None:
    return await tx.one(select(visit_types).where(visit_types.c.id == code))


async def all_visit_types(tx: Tx) -> Sequence[Row[Any]]:
    """The longest first: an intake comes before what follows it."""
    return await tx.all(select(visit_types).order_by(visit_types.c.minutes.desc(), visit_types.c.id))


async def all_holders(tx: Tx) -> Sequence[Row[Any]]:
    return await tx.all(select(visit_type_holders))


async def insert_visit_type(tx: Tx, values: dict[str, Any]) -> None:
    await tx.run(visit_types.insert().values(**values))


async def change_visit_type(tx: Tx, code: str, values: dict[str, Any]) -> None:
    await tx.run(update(visit_types).where(visit_types.c.id == code).values(**values))


async def set_holders(tx: Tx, code: str, practitioner_ids: Iterable[str]) -> None:
    await tx.run(delete(visit_type_holders).where(visit_type_holders.c.visit_type == code))
    rows = [{"id": new_id(), "visit_type": code, "practitioner_id": each} for each in practitioner_ids]
    await tx.run_each(visit_type_holders.insert(), rows)


async def used_visit_types(tx: Tx) -> frozenset[str]:
    """Those that a visit or a booking ever was of."""
    booked = select(appointments.c.visit_type).union(select(encounters.c.visit_type))
    return frozenset(row[0] for row in await tx.all(booked))
