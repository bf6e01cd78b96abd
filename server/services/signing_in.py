"""Signing in without telling strangers which addresses exist, and out again, here or everywhere.

In two halves: the password, then what only the account's own phone knows. Only both together make a session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.services import passwords, second_factor, totp
from server.services.second_factor import CODE_LIVES, SET_UP_LIVES, SignInAgain
from server.services.tries import Tries
from server.store import accounts as store
from server.store import audit, second_factors, sessions, sign_in_steps
from server.store.database import Database, Tx
from server.store.sign_in_steps import Step


class SignInRefused(Exception):
    """The address and password do not belong together, or the account is disabled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """The password was right. `cookie` opens the page that asks for the second factor, and nothing else."""

    stage: str
    cookie: str
    lives: timedelta


async def begin(
    database: Database,
    *,
    email: str,
    password: str,
    client: str,
    tries: Tries,
    now: datetime,
    opens: str = "",
) -> Begun:
    """The first half of a sign-in; `opens` is kept for its end.

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
        return await _ask_for_the_second(tx, proven.id, opens=opens, now=now)


async def _ask_for_the_second(tx: Tx, account_id: str, *, opens: str, now: datetime) -> Begun:
    known = await second_factors.of_account(tx, account_id) is not None
    stage, lives = (sign_in_steps.CODE, CODE_LIVES) if known else (sign_in_steps.SET_UP, SET_UP_LIVES)
    cookie = sessions.new_cookie()
    await sign_in_steps.begin(
        tx,
        account_id=account_id,
        cookie=cookie,
        stage=stage,
        # Made anew for every browser: whoever saw an earlier one must not be able to make this one's codes.
        secret=None if known else totp.new_secret(),
        opens=opens,
        ends_at=now + lives,
        now=now,
    )
    return Begun(stage=stage, cookie=cookie, lives=lives)


async def go_on(tx: Tx, step: Step, *, typed: str, now: datetime) -> tuple[str, ...]:
    """The code was typed. Recovery codes that have to be shown first, or none: then `finish` it.

    Raises CodeRefused, SignInAgain.
    """
    if step.stage == sign_in_steps.SET_UP:
        await second_factor.set_up(tx, step, typed=typed, now=now)
    else:
        await second_factor.prove(tx, account_id=step.account_id, typed=typed, now=now)
    factor = await second_factors.of_account(tx, step.account_id)
    if factor is not None and factor.codes_kept_at is not None:
        return ()
    await sign_in_steps.go_on(tx, step.id, stage=sign_in_steps.RECOVERY_CODES, ends_at=now + SET_UP_LIVES)
    return await second_factor.new_codes(tx, account_id=step.account_id, now=now)


async def keep_codes(tx: Tx, step: Step, *, now: datetime) -> None:
    """They were shown and are kept: then `finish` it. Raises SignInAgain."""
    if step.stage != sign_in_steps.RECOVERY_CODES:
        raise SignInAgain
    await second_factors.keep_codes(tx, step.account_id, now)


async def finish(tx: Tx, step: Step, *, lives: timedelta, now: datetime, replaces: str | None = None) -> str:
    """The cookie of the new session; `replaces` is that of one which ends with it. Everything was proven before."""
    await sign_in_steps.end(tx, step.id)
    return await open_session(tx, account_id=step.account_id, lives=lives, now=now, replaces=replaces)


async def prove_password(
    database: Database, *, account_id: str, password: str, client: str, tries: Tries, now: datetime
) -> None:
    """Of somebody signed in already. Raises as begin does."""
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
