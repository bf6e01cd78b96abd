"""Staff accounts and the practitioners behind them."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, delete, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.accounts import account_roles, accounts
from server.store.tables.practice import practitioners, visit_types, weekly_hours


async def insert(tx: Tx, *, name: str, email: str, password_hash: str | None, now: datetime) -> str:
    """The new account's id. Raises ConstraintBroken when the address is taken."""
    account_id = new_id()
    values = {"name": name, "email": email.lower(), "password_hash": password_hash}
    await tx.run(accounts.insert().values(id=account_id, created_at=now, disabled_at=None, **values))
    return account_id


async def set_roles(tx: Tx, account_id: str, roles: frozenset[str]) -> None:
    await tx.run(delete(account_roles).where(account_roles.c.account_id == account_id))
    for role in sorted(roles):
        await tx.run(account_roles.insert().values(id=new_id(), account_id=account_id, role=role))


async def by_email(tx: Tx, email: str) -> Row[Any] | None:
    return await tx.one(select(accounts).where(accounts.c.email == email.lower()))


async def by_id(tx: Tx, account_id: str) -> Row[Any] | None:
    return await tx.one(select(accounts).where(accounts.c.id == account_id))


async def set_password(tx: Tx, account_id: str, password_hash: str) -> None:
    await tx.run(update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash))


async def insert_practitioner(tx: Tx, *, account_id: str, name: str, time_zone: str) -> str:
    practitioner_id = new_id()
    values = {"account_id": account_id, "name": name, "time_zone": time_zone}
    await tx.run(practitioners.insert().values(id=practitioner_id, **values))
    return practitioner_id


async def set_weekly_hours(
    tx: Tx, practitioner_id: str, hours: tuple[tuple[int, time, time], ...]
) -> None:
    """`hours` as (weekday with Monday 0, opens, closes), wall time in the practitioner's zone."""
    await tx.run(delete(weekly_hours).where(weekly_hours.c.practitioner_id == practitioner_id))
    for weekday, opens, closes in hours:
        values = {"practitioner_id": practitioner_id, "weekday": weekday, "opens": opens, "closes": closes}
        await tx.run(weekly_hours.insert().values(id=new_id(), **values))


async def insert_visit_type(tx: Tx, **values: Any) -> None:
    await tx.run(visit_types.insert().values(**values))


async def practitioner_of(tx: Tx, account_id: str) -> Row[Any] | None:
    return await tx.one(select(practitioners).where(practitioners.c.account_id == account_id))
