"""Between password and session: a row found by the hash of a cookie of its own, which opens one page and no more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from server.store import sealing
from server.store.database import Tx
from server.store.ids import new_id
from server.store.second_factors import PURPOSE
from server.store.sessions import cookie_hash
from server.store.tables.accounts import accounts, sign_in_steps

# What is asked for next.
CODE = "code"
SET_UP = "set-up"
RECOVERY_CODES = "recovery-codes"
NEW_PHONE = "new-phone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`secret` is that of a phone which is being set up."""

    id: str
    account_id: str
    stage: str
    secret: str | None
    opens: str


async def begin(
    tx: Tx,
    *,
    account_id: str,
    cookie: str,
    stage: str,
    ends_at: datetime,
    now: datetime,
    secret: str | None = None,
    opens: str = "",
) -> None:
    await tx.run(delete(sign_in_steps).where(sign_in_steps.c.ends_at <= now))
    step_id, sealed = new_id(), None
    if secret is not None:
        sealed = sealing.seal(tx.keyring.key_for(PURPOSE), secret, _where(step_id, account_id))
    await tx.run(
        sign_in_steps.insert().values(
            id=step_id,
            cookie_hash=cookie_hash(cookie),
            account_id=account_id,
            stage=stage,
            secret=sealed,
            opens=opens,
            created_at=now,
            ends_at=ends_at,
        )
    )


async def living(tx: Tx, cookie: str, now: datetime) -> Step | None:
    """None when it ended, was too slow, or its account was disabled."""
    statement = (
        select(sign_in_steps)
        .join(accounts, accounts.c.id == sign_in_steps.c.account_id)
        .where(
            sign_in_steps.c.cookie_hash == cookie_hash(cookie),
            sign_in_steps.c.ends_at > now,
            accounts.c.disabled_at.is_(None),
        )
    )
    row = await tx.one(statement)
    if row is None:
        return None
    secret = None
    if row.secret is not None:
        where = _where(row.id, row.account_id)
        secret = sealing.unseal(tx.keyring.key_for(PURPOSE), row.secret, where)
    return Step(id=row.id, account_id=row.account_id, stage=row.stage, secret=secret, opens=row.opens)


async def go_on(tx: Tx, step_id: str, *, stage: str, ends_at: datetime) -> None:
    """The next thing is asked for; a secret that was shown has done its work."""
    statement = update(sign_in_steps).where(sign_in_steps.c.id == step_id)
    await tx.run(statement.values(stage=stage, secret=None, ends_at=ends_at))


async def end(tx: Tx, step_id: str) -> None:
    await tx.run(delete(sign_in_steps).where(sign_in_steps.c.id == step_id))


def _where(step_id: str, account_id: str) -> bytes:
    return sealing.place(table="sign_in_steps", column="secret", row_id=step_id, patient_id=account_id)
