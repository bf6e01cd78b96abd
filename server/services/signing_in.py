"""Signing in without telling strangers which addresses exist, and out again, here or everywhere."""

from datetime import datetime, timedelta
from typing import Any

from server.services import passwords
from server.services.tries import Tries
from server.store import accounts as store
from server.store import audit, sessions
from server.store.database import Database, Tx


class SignInRefused(Exception):
    """The address and password do not belong together, or the account is disabled."""


async def sign_in(
    database: Database,
    *,
    email: str,
    password: str,
    client: str,
    lives: timedelta,
    tries: Tries,
    now: datetime,
    replaces: str | None = None,
) -> tuple[str, str]:
    """(account id, new session cookie); `replaces` is the cookie of a session that ends with it.

    Raises SignInRefused, TooManyTries, TooBusy. Takes the database and not a transaction: hashing must not
    hold one open.
    """
    async with database.read() as tx:
        account = await store.by_email(tx, email)
    proven = await _prove(account, email=email, password=password, client=client, tries=tries, now=now)
    fresh = await _rehashed(proven.password_hash, password)
    async with database.write() as tx:
        if fresh:
            await store.set_password(tx, proven.id, fresh)
        cookie = await open_session(tx, account_id=proven.id, lives=lives, now=now, replaces=replaces)
    return proven.id, cookie


async def prove_password(
    database: Database, *, account_id: str, password: str, client: str, tries: Tries, now: datetime
) -> None:
    """Of somebody signed in already. Raises as sign_in does."""
    async with database.read() as tx:
        account = await store.by_id(tx, account_id)
    email = account.email if account is not None else ""
    await _prove(account, email=email, password=password, client=client, tries=tries, now=now)


async def _prove(account: Any, *, email: str, password: str, client: str, tries: Tries, now: datetime) -> Any:
    """The account, if the password is its own. Takes as long for an address nobody has."""
    address = email.lower()
    tries.check(address=address, client=client, now=now)
    tries.wrong(address=address, client=client, now=now)
    usable = account is not None and account.password_hash and account.disabled_at is None
    known_hash = account.password_hash if usable else passwords.NOBODYS_HASH
    try:
        proven = await passwords.matches(known_hash, password)
    except passwords.TooBusy:
        tries.take_back(address=address, client=client, now=now)
        raise
    if not proven or not usable:
        raise SignInRefused
    tries.right(address=address, client=client, now=now)
    return account


async def _rehashed(known_hash: str, password: str) -> str | None:
    """The password hashed with today's figures, when the stored one was made with others."""
    if not passwords.HASHER.check_needs_rehash(known_hash):
        return None
    try:
        return await passwords.hashed(password)
    except (passwords.PasswordUnfit, passwords.TooBusy):
        # It is right, so it opens the door; it gets its new figures another time.
        return None


async def open_session(
    tx: Tx, *, account_id: str, lives: timedelta, now: datetime, replaces: str | None = None
) -> str:
    """The cookie of a new session. The browser's old one ends, so that nobody can plant a cookie they know."""
    if replaces:
        await sessions.end_session(tx, replaces)
    await sessions.forget_ended(tx, now)
    cookie = sessions.new_cookie()
    await sessions.open_session(tx, account_id=account_id, cookie=cookie, ends_at=now + lives, now=now)
    await _record(tx, account_id, action="signed-in", now=now)
    return cookie


async def sign_out(tx: Tx, *, account_id: str, cookie: str, now: datetime) -> None:
    await sessions.end_session(tx, cookie)
    await _record(tx, account_id, action="signed-out", now=now)


async def sign_out_everywhere(tx: Tx, *, account_id: str, now: datetime) -> None:
    await sessions.end_sessions_of(tx, account_id)
    await _record(tx, account_id, action="signed-out-everywhere", now=now)


async def _record(tx: Tx, account_id: str, *, action: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=account_id,
        action=action,
        object_kind="account",
        object_id=account_id,
        patient_id=None,
        now=now,
    )
