"""What a second factor is checked against: the phone's secret, sealed, and the hashes of the recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from server.store import sealing
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.accounts import recovery_codes, second_factors

PURPOSE = "second-factor"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactor:
    """An account's phone, once the first code from it was right."""

    secret: str
    confirmed_at: datetime
    codes_kept_at: datetime | None


async def put(tx: Tx, account_id: str, *, secret: str, step: int, now: datetime) -> None:
    """The account's phone from now on; the one before makes no codes any more. Recovery codes stay."""
    row_id = new_id()
    before = await of_account(tx, account_id)
    await tx.run(delete(second_factors).where(second_factors.c.account_id == account_id))
    await tx.run(
        second_factors.insert().values(
            id=row_id,
            account_id=account_id,
            secret=sealing.seal(tx.keyring.key_for(PURPOSE), secret, _where(row_id, account_id)),
            confirmed_at=now,
            last_step=step,
            codes_kept_at=before.codes_kept_at if before else None,
        )
    )


async def of_account(tx: Tx, account_id: str) -> SecondFactor | None:
    """Raises SealBroken when the row was moved here from another account."""
    row = await tx.one(select(second_factors).where(second_factors.c.account_id == account_id))
    if row is None:
        return None
    opened = sealing.unseal(tx.keyring.key_for(PURPOSE), row.secret, _where(row.id, account_id))
    return SecondFactor(secret=opened, confirmed_at=row.confirmed_at, codes_kept_at=row.codes_kept_at)


async def use_step(tx: Tx, account_id: str, step: int) -> bool:
    """False when a code of this step or a later one was taken before: of two tries with one code, one wins."""
    statement = update(second_factors).where(
        second_factors.c.account_id == account_id, second_factors.c.last_step < step
    )
    return await tx.run(statement.values(last_step=step)) == 1


async def remove(tx: Tx, account_id: str) -> bool:
    """The phone and the recovery codes. False when there were none."""
    await tx.run(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    return await tx.run(delete(second_factors).where(second_factors.c.account_id == account_id)) == 1


async def set_codes(tx: Tx, account_id: str, codes: Iterable[str]) -> None:
    """These and no others, and nobody has said yet that they keep them."""
    await tx.run(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    for code in codes:
        hashed = _code_hash(tx, account_id, code)
        await tx.run(
            recovery_codes.insert().values(id=new_id(), account_id=account_id, code_hash=hashed, used_at=None)
        )
    await _set_kept(tx, account_id, None)


async def keep_codes(tx: Tx, account_id: str, now: datetime) -> None:
    await _set_kept(tx, account_id, now)


async def _set_kept(tx: Tx, account_id: str, at: datetime | None) -> None:
    statement = update(second_factors).where(second_factors.c.account_id == account_id)
    await tx.run(statement.values(codes_kept_at=at))


async def use_code(tx: Tx, account_id: str, code: str, now: datetime) -> bool:
    """False for a code that was used or is none of this account's."""
    statement = update(recovery_codes).where(
        recovery_codes.c.account_id == account_id,
        recovery_codes.c.code_hash == _code_hash(tx, account_id, code),
        recovery_codes.c.used_at.is_(None),
    )
    return await tx.run(statement.values(used_at=now)) == 1


async def codes_left(tx: Tx, account_id: str) -> int:
    statement = (
        select(func.count().label("n"))
        .select_from(recovery_codes)
        .where(recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None))
    )
    row = await tx.one(statement)
    return int(row.n) if row else 0


def _code_hash(tx: Tx, account_id: str, code: str) -> bytes:
    return sealing.keyed_hash(tx.keyring.key_for("recovery-code"), f"{account_id}|{code}")


def _where(row_id: str, account_id: str) -> bytes:
    return sealing.place(table="second_factors", column="secret", row_id=row_id, patient_id=account_id)
