"""Accounts: who may sign in, as what; and what an administrator changes about them, each change on the trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.care.access import ADMINISTRATOR, CLINICIAN, ROLES, Staff
from server.services import practice_time, void_offers
from server.services.weekly_hours import WeeklyHours
from server.store import accounts as store
from server.store import audit, sessions
from server.store import practice as practice_store
from server.store.database import ConstraintBroken, Tx


class AddressTaken(Exception):
    """Another account has this e-mail address."""


class NoSuchAccount(Exception):
    """No account has this id or address."""


class LastAdministrator(Exception):
    """Without this one nobody could manage accounts any more."""


class RolesUnfit(Exception):
    """No role at all, one that does not exist, or hours for somebody patients cannot be booked with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Practice:
    """How patients see a clinician: the name shown to them, the zone they work in, and when."""

    name: str
    time_zone: str
    hours: WeeklyHours
    practitioner_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A staff account as an administrator sees it."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    has_password: bool
    disabled_at: datetime | None
    practice: Practice | None = None
    # Where they are texted when somebody waits; for nothing else.
    phone: str | None = None


async def create(
    tx: Tx,
    *,
    name: str,
    email: str,
    roles: frozenset[str],
    password_hash: str | None,
    now: datetime,
    by: str = "system",
) -> str:
    """The new account's id. Raises AddressTaken, RolesUnfit."""
    _check_roles(roles)
    try:
        account_id = await store.insert(tx, name=name, email=email, password_hash=password_hash, now=now)
    except ConstraintBroken as problem:
        raise AddressTaken from problem
    await store.set_roles(tx, account_id, roles)
    await _record(tx, account_id, action="account-added", by=by, now=now)
    return account_id


async def add_practitioner(
    tx: Tx,
    *,
    account_id: str,
    name: str,
    time_zone: str,
    hours: WeeklyHours,
    languages: tuple[str, ...] = ("en",),
) -> str:
    """Makes the account's person bookable; returns the practitioner's id."""
    practitioner_id = await store.insert_practitioner(
        tx, account_id=account_id, name=name, time_zone=time_zone
    )
    await store.set_weekly_hours(tx, practitioner_id, hours)
    await practice_store.set_languages(tx, practitioner_id, languages)
    return practitioner_id


async def change(
    tx: Tx,
    *,
    account_id: str,
    name: str,
    email: str,
    roles: frozenset[str],
    practice: Practice | None,
    by: str,
    now: datetime,
) -> None:
    """`practice` is needed for a clinician and nobody else; a former clinician's stays, for the visits they had.

    Raises NoSuchAccount, RolesUnfit, LastAdministrator, AddressTaken.
    """
    account = await get(tx, account_id)
    _check_roles(roles)
    if (CLINICIAN in roles) != (practice is not None):
        raise RolesUnfit
    if ADMINISTRATOR in account.roles - roles:
        await _check_others_administer(tx, account)
    try:
        await store.rename(tx, account_id, name=name, email=email)
    except ConstraintBroken as problem:
        raise AddressTaken from problem
    if practice is not None:
        await _set_practice(tx, account, practice, by=by, now=now)
    elif account.practice is not None and account.practice.practitioner_id:
        # Nobody can be booked with them any more.
        await practice_time.set_hours(tx, account.practice.practitioner_id, (), by=by, now=now)
    # Not before: whose role is gone has no hours that visits could be shut out of.
    await store.set_roles(tx, account_id, roles)
    await _record(tx, account_id, action="account-changed", by=by, now=now)


async def _set_practice(tx: Tx, account: Account, practice: Practice, *, by: str, now: datetime) -> None:
    known = account.practice.practitioner_id if account.practice else None
    if known is None:
        await add_practitioner(
            tx,
            account_id=account.id,
            name=practice.name,
            time_zone=practice.time_zone,
            hours=practice.hours,
        )
        return
    if account.practice and account.practice.hours != practice.hours:
        await practice_time.set_hours(tx, known, practice.hours, by=by, now=now)
    await store.change_practitioner(tx, known, name=practice.name, time_zone=practice.time_zone)


async def set_phone(tx: Tx, *, account_id: str, phone: str | None, by: str, now: datetime) -> None:
    """None takes it away. Raises NoSuchAccount."""
    if (await get(tx, account_id)).phone == phone:
        return
    await store.set_phone(tx, account_id, phone)
    await _record(tx, account_id, action="account-number", by=by, now=now)


async def set_password(tx: Tx, *, account_id: str, password_hash: str, by: str, now: datetime) -> None:
    """Ends the account's sessions: whoever knew the old password is out. Raises NoSuchAccount."""
    await get(tx, account_id)
    await store.set_password(tx, account_id, password_hash)
    await sessions.end_sessions_of(tx, account_id)
    await _record(tx, account_id, action="password-set", by=by, now=now)


async def disable(tx: Tx, *, account_id: str, by: str, now: datetime) -> None:
    """The account keeps its name on what it did, and opens nothing. Raises NoSuchAccount, LastAdministrator."""
    account = await get(tx, account_id)
    if account.disabled_at is not None:
        return
    if ADMINISTRATOR in account.roles:
        await _check_others_administer(tx, account)
    await store.set_disabled(tx, account_id, now)
    await sessions.end_sessions_of(tx, account_id)
    await _record(tx, account_id, action="account-disabled", by=by, now=now)
    await void_offers.close(tx, now=now)


async def enable(tx: Tx, *, account_id: str, by: str, now: datetime) -> None:
    """Raises NoSuchAccount."""
    account = await get(tx, account_id)
    if account.disabled_at is None:
        return
    await store.set_disabled(tx, account_id, None)
    await _record(tx, account_id, action="account-enabled", by=by, now=now)


async def everybody(tx: Tx) -> list[Account]:
    """Who can sign in first, then the disabled ones, each by name."""
    roles = await store.all_roles(tx)
    return [await _account(tx, row, roles.get(row.id, frozenset())) for row in await store.everyone(tx)]


async def get(tx: Tx, account_id: str) -> Account:
    """Raises NoSuchAccount."""
    row = await store.with_practice(tx, account_id)
    if row is None:
        raise NoSuchAccount(account_id)
    return await _account(tx, row, await sessions.roles_of(tx, account_id))


async def get_by_email(tx: Tx, email: str) -> Account:
    """Raises NoSuchAccount."""
    row = await store.by_email(tx, email)
    if row is None:
        raise NoSuchAccount(email)
    return await get(tx, row.id)


async def staff_of(tx: Tx, account_id: str) -> Staff:
    """Raises NoSuchAccount."""
    account = await get(tx, account_id)
    return Staff(
        account_id=account_id,
        name=account.name,
        roles=account.roles,
        practitioner_id=account.practice.practitioner_id if account.practice else None,
    )


async def _account(tx: Tx, row: Any, roles: frozenset[str]) -> Account:
    practice = None
    if row.practitioner_id is not None:
        practice = Practice(
            name=row.shown_name,
            time_zone=row.time_zone,
            hours=await store.weekly_hours_of(tx, row.practitioner_id),
            practitioner_id=row.practitioner_id,
        )
    return Account(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=roles,
        has_password=bool(row.password_hash),
        disabled_at=row.disabled_at,
        practice=practice,
        phone=row.phone,
    )


def _check_roles(roles: frozenset[str]) -> None:
    if not roles or not roles <= set(ROLES):
        raise RolesUnfit


async def _check_others_administer(tx: Tx, account: Account) -> None:
    counted = await store.count_enabled_with(tx, ADMINISTRATOR)
    if counted - (account.disabled_at is None) < 1:
        raise LastAdministrator


async def _record(tx: Tx, account_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx, actor=by, action=action, object_kind="account", object_id=account_id, patient_id=None, now=now
    )
