"""The second factor of a sign-in: proving it, setting up a phone, recovery codes, and a reset for a lost phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.services import totp
from server.services.accounts import NoSuchAccount
from server.services.tries import Tries
from server.store import accounts, audit, sessions, sign_in_steps
from server.store import second_factors as store
from server.store.database import Tx
from server.store.sign_in_steps import Step

# For typing six digits.
CODE_LIVES = timedelta(minutes=5)
# For finding an app, and for putting ten codes in a safe place.
SET_UP_LIVES = timedelta(minutes=15)


class CodeRefused(Exception):
    """No code of about now, one that was used before, or no recovery code of this account."""


class SignInAgain(Exception):
    """What was between password and session is over: it took too long, or was overtaken from elsewhere."""


class NotForOneself(Exception):
    """Whoever stands before an unattended screen must not get past the second factor with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How somebody's sign-in is protected now."""

    since: datetime
    codes_left: int


@contextmanager
def counted(tries: Tries, *, account_id: str, client: str, now: datetime) -> Iterator[None]:
    """Around a try with a code: slowed like passwords, but by a count of its own.

    A right password must not forgive wrong codes, or whoever knows it could try codes for ever. Raises TooManyTries.
    """
    tries.check(address=account_id, client=client, now=now)
    tries.wrong(address=account_id, client=client, now=now)
    yield
    tries.right(address=account_id, client=client, now=now)


async def prove(tx: Tx, *, account_id: str, typed: str, now: datetime) -> None:
    """With a code from the app, or with a recovery code, which is spent by it. Raises CodeRefused."""
    code = totp.plain(typed)
    if totp.is_digits(code):
        factor = await store.of_account(tx, account_id)
        step = totp.step_of(factor.secret, code, now=now) if factor else None
        if step is None or not await store.use_step(tx, account_id, step):
            raise CodeRefused
        return
    if not await store.use_code(tx, account_id, code, now):
        raise CodeRefused
    await _record(tx, account_id, action="recovery-code-used", by=account_id, now=now)


async def set_up(tx: Tx, step: Step, *, typed: str, now: datetime) -> None:
    """The phone that was shown this step's secret is the account's from now on. Raises CodeRefused, SignInAgain."""
    if step.secret is None:
        raise SignInAgain
    if step.stage == sign_in_steps.SET_UP and await store.of_account(tx, step.account_id) is not None:
        # Set up meanwhile from another browser: a password alone must not put another phone in its place.
        raise SignInAgain
    found = totp.step_of(step.secret, totp.plain(typed), now=now)
    if found is None:
        raise CodeRefused
    await store.put(tx, step.account_id, secret=step.secret, step=found, now=now)
    await _record(tx, step.account_id, action="second-factor-set-up", by=step.account_id, now=now)


async def begin_new_phone(tx: Tx, *, account_id: str, now: datetime) -> str:
    """The cookie of a step in which another phone is set up. Until its first code is right, the old one stays."""
    cookie = sessions.new_cookie()
    await sign_in_steps.begin(
        tx,
        account_id=account_id,
        cookie=cookie,
        stage=sign_in_steps.NEW_PHONE,
        secret=totp.new_secret(),
        ends_at=now + SET_UP_LIVES,
        now=now,
    )
    return cookie


async def new_codes(tx: Tx, *, account_id: str, now: datetime, kept: bool = False) -> tuple[str, ...]:
    """Ten recovery codes, shown now and never again; those before no longer work. `kept` when nobody will ask."""
    codes = totp.new_recovery_codes()
    await store.set_codes(tx, account_id, codes)
    if kept:
        await store.keep_codes(tx, account_id, now)
    await _record(tx, account_id, action="recovery-codes-made", by=account_id, now=now)
    return tuple(totp.grouped(code) for code in codes)


async def status(tx: Tx, account_id: str) -> Status | None:
    """None while nothing is set up: the next sign-in with a password asks for it."""
    factor = await store.of_account(tx, account_id)
    if factor is None:
        return None
    return Status(since=factor.confirmed_at, codes_left=await store.codes_left(tx, account_id))


async def reset(tx: Tx, *, account_id: str, by: str, now: datetime) -> None:
    """For a lost phone: signed out everywhere, and the next sign-in sets up another.

    Raises NoSuchAccount, NotForOneself.
    """
    if account_id == by:
        raise NotForOneself
    if await accounts.by_id(tx, account_id) is None:
        raise NoSuchAccount(account_id)
    await sessions.end_sessions_of(tx, account_id)
    await store.remove(tx, account_id)
    await _record(tx, account_id, action="second-factor-reset", by=by, now=now)


async def _record(tx: Tx, account_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx, actor=by, action=action, object_kind="account", object_id=account_id, patient_id=None, now=now
    )
