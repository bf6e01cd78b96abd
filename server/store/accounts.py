"""Staff accounts and the practitioners behind them."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.accounts import account_roles, accounts
from server.store.tables.practice import practitioners, weekly_hours


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


async def set_weekly_hours(tx: Tx, practitioner_id: str, hours: tuple[tuple[int, time, time], ...]) -> None:
    """`hours` as (weekday with Monday 0, opens, closes), wall time in the practitioner's zone."""
    await tx.run(delete(weekly_hours).where(weekly_hours.c.practitioner_id == practitioner_id))
    for weekday, opens, closes in hours:
        values = {"practitioner_id": practitioner_id, "weekday": weekday, "opens": opens, "closes": closes}
        await tx.run(weekly_hours.insert().values(id=new_id(), **values))


async def practitioner_of(tx: Tx, account_id: str) -> Row[Any] | None:
    return await tx.one(select(practitioners).where(practitioners.c.account_id == account_id))


def _with_practice() -> Select[Any]:
    shown = (
        practitioners.c.id.label("practitioner_id"),
        practitioners.c.name.label("shown_name"),
        practitioners.c.time_zone,
    )
    joined = accounts.outerjoin(practitioners, practitioners.c.account_id == accounts.c.id)
    return select(accounts, *shown).select_from(joined)


async def with_practice(tx: Tx, account_id: str) -> Row[Any] | None:
    """The account, and the practitioner behind it if there is one."""
    return await tx.one(_with_practice().where(accounts.c.id == account_id))


async def everyone(tx: Tx) -> Sequence[Row[Any]]:
    """Enabled accounts first, by name."""
    return await tx.all(_with_practice().order_by(accounts.c.disabled_at.is_not(None), accounts.c.name))


async def all_roles(tx: Tx) -> dict[str, frozenset[str]]:
    """Roles by account."""
    found: dict[str, frozenset[str]] = {}
    for row in await tx.all(select(account_roles.c.account_id, account_roles.c.role)):
        found[row.account_id] = found.get(row.account_id, frozenset()) | {row.role}
    return found


async def names(tx: Tx) -> dict[str, str]:
    """Every account's name by its id."""
    return {row.id: row.name for row in await tx.all(select(accounts.c.id, accounts.c.name))}


async def rename(tx: Tx, account_id: str, *, name: str, email: str) -> None:
    """Raises ConstraintBroken when the address is taken."""
    statement = update(accounts).where(accounts.c.id == account_id)
    await tx.run(statement.values(name=name, email=email.lower()))


async def set_disabled(tx: Tx, account_id: str, at: datetime | None) -> None:
    await tx.run(update(accounts).where(accounts.c.id == account_id).values(disabled_at=at))


async def set_phone(tx: Tx, account_id: str, phone: str | None) -> None:
    await tx.run(update(accounts).where(accounts.c.id == account_id).values(phone=phone))


async def enabled_with(tx: Tx, role: str) -> list[str]:
    """Ids of the enabled accounts that hold `role`."""
    joined = accounts.join(account_roles, account_roles.c.account_id == accounts.c.id)
    statement = select(accounts.c.id).select_from(joined)
    statement = statement.where(account_roles.c.role == role, accounts.c.disabled_at.is_(None))
    return [row.id for row in await tx.all(statement.order_by(accounts.c.name))]


async def count_enabled_with(tx: Tx, role: str) -> int:
    """How many enabled accounts hold `role`."""
    statement = (
        select(func.count().label("n"))
        .select_from(accounts.join(account_roles, account_roles.c.account_id == accounts.c.id))
        .where(account_roles.c.role == role, accounts.c.disabled_at.is_(None))
    )
    row = await tx.one(statement)
    return int(row.n) if row else 0


async def change_practitioner(tx: Tx, practitioner_id: str, *, name: str, time_zone: str) -> None:
    statement = update(practitioners).where(practitioners.c.id == practitioner_id)
    await tx.run(statement.values(name=name, time_zone=time_zone))


async def weekly_hours_of(tx: Tx, practitioner_id: str) -> tuple[tuple[int, time, time], ...]:
    order = (weekly_hours.c.weekday, weekly_hours.c.opens)
    statement = select(weekly_hours).where(weekly_hours.c.practitioner_id == practitioner_id)
    return tuple((row.weekday, row.opens, row.closes) for row in await tx.all(statement.order_by(*order)))


async def may_be_booked(tx: Tx, practitioner_id: str) -> bool:
    """Whether the practitioner's account is enabled and still a clinician's."""
    statement = (
        select(accounts.c.id)
        .join(practitioners, practitioners.c.account_id == accounts.c.id)
        .join(account_roles, account_roles.c.account_id == accounts.c.id)
        .where(
            practitioners.c.id == practitioner_id,
            accounts.c.disabled_at.is_(None),
            account_roles.c.role == "clinician",
        )
    )
    return await tx.one(statement) is not None
