"""Accounts: creating them, and proving a password without telling strangers which addresses exist."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from server.care.access import Staff
from server.store import accounts as store
from server.store import sessions
from server.store.database import ConstraintBroken, Database, Tx

# OWASP's Argon2id figures: about 25 ms each; the RFC's first choice costs ten times that and would let a
# few sign-ins at once slow everybody's pages.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Two at a time: hashing never takes both cores from the pages for long.
HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
QUEUE_LIMIT = 20
SHORTEST_PASSWORD = 12
# Verified when the address is unknown, so that the answer takes as long as for a known one.
NOBODYS_HASH = HASHER.hash("no account has this password")


class SignInRefused(Exception):
    """The address and password do not belong together; or too many tries (TooManyTries)."""


class TooManyTries(SignInRefused):
    """The limit for this address, or the server's own, is reached for now."""


class AddressTaken(Exception):
    """Another account has this e-mail address."""


class PasswordTooShort(Exception):
    """Fewer than SHORTEST_PASSWORD characters."""


@dataclass(slots=True)
class Tries:
    """Wrong passwords per address: ten in fifteen minutes, then a pause. In memory: a restart forgives."""

    limit: int = 10
    window: timedelta = timedelta(minutes=15)
    _wrong: dict[str, list[datetime]] = field(default_factory=dict)

    def check(self, address: str, now: datetime) -> None:
        """Raises TooManyTries."""
        recent = [at for at in self._wrong.get(address, []) if at > now - self.window]
        if recent:
            self._wrong[address] = recent
        else:
            self._wrong.pop(address, None)
        if len(recent) >= self.limit:
            raise TooManyTries

    def wrong(self, address: str, now: datetime) -> None:
        self._wrong.setdefault(address, []).append(now)


async def hashed(password: str) -> str:
    """Raises PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return await asyncio.get_running_loop().run_in_executor(HASHING, HASHER.hash, password)


async def sign_in(
    database: Database, *, email: str, password: str, lives: timedelta, tries: Tries, now: datetime
) -> tuple[str, str]:
    """(account id, new session cookie). Raises SignInRefused, TooManyTries.

    Takes the database and not a transaction: hashing must not hold one open.
    """
    address = email.lower()
    tries.check(address, now)
    async with database.read() as tx:
        account = await store.by_email(tx, address)
    usable = account is not None and account.password_hash and account.disabled_at is None
    known_hash = account.password_hash if account is not None and usable else NOBODYS_HASH
    if not await _matches(known_hash, password) or account is None or not usable:
        tries.wrong(address, now)
        raise SignInRefused
    fresh = await hashed(password) if HASHER.check_needs_rehash(known_hash) else None
    cookie = sessions.new_cookie()
    async with database.write() as tx:
        if fresh:
            await store.set_password(tx, account.id, fresh)
        await sessions.open_session(tx, account_id=account.id, cookie=cookie, ends_at=now + lives, now=now)
    return account.id, cookie


async def _matches(known_hash: str, password: str) -> bool:
    if HASHING._work_queue.qsize() > QUEUE_LIMIT:
        raise TooManyTries

    def verify() -> bool:
        try:
            return HASHER.verify(known_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    return await asyncio.get_running_loop().run_in_executor(HASHING, verify)


async def create(
    tx: Tx, *, name: str, email: str, roles: frozenset[str], password_hash: str | None, now: datetime
) -> str:
    """The new account's id. Raises AddressTaken."""
    try:
        account_id = await store.insert(tx, name=name, email=email, password_hash=password_hash, now=now)
    except ConstraintBroken as problem:
        raise AddressTaken from problem
    await store.set_roles(tx, account_id, roles)
    return account_id


async def add_practitioner(
    tx: Tx, *, account_id: str, name: str, time_zone: str, hours: tuple[tuple[int, time, time], ...]
) -> str:
    """Makes the account's person bookable; returns the practitioner's id."""
    practitioner_id = await store.insert_practitioner(
        tx, account_id=account_id, name=name, time_zone=time_zone
    )
    await store.set_weekly_hours(tx, practitioner_id, hours)
    return practitioner_id


async def staff_of(tx: Tx, account_id: str) -> Staff:
    """Raises LookupError for an id that is no account."""
    account = await store.by_id(tx, account_id)
    if account is None:
        raise LookupError(account_id)
    practitioner = await store.practitioner_of(tx, account_id)
    return Staff(
        account_id=account_id,
        name=account.name,
        roles=await sessions.roles_of(tx, account_id),
        practitioner_id=practitioner.id if practitioner else None,
    )
