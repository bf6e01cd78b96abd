"""The audit trail as an administrator reads it: the newest first, and whether it is still whole."""

from dataclasses import dataclass
from datetime import datetime

from server.store import accounts as accounts_store
from server.store import audit
from server.store.database import Tx

PER_PAGE = 50
# Checked on every look; the whole trail is checked when asked for, because it may be long.
CHECKED_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Never any clinical text. `account` is whose account it was about, by name."""

    seq: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    patient_id: str | None
    account: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """`broken_at` is the first entry that does not follow from the one before; None while all do."""

    total: int
    checked: int
    broken_at: int | None


async def entries(
    tx: Tx, *, actor: str = "", patient_id: str = "", before: int | None = None
) -> tuple[list[Entry], bool]:
    """One page of them, and whether there are older ones."""
    found = await audit.newest(tx, actor=actor, patient_id=patient_id, before=before, limit=PER_PAGE + 1)
    names = await people(tx)
    page = [
        Entry(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_kind=row.object_kind,
            patient_id=row.patient_id,
            account=names.get(row.object_id) if row.object_kind == "account" else None,
        )
        for row in found[:PER_PAGE]
    ]
    return page, len(found) > PER_PAGE


async def people(tx: Tx) -> dict[str, str]:
    """Everybody who ever had an account: name by id."""
    return await accounts_store.names(tx)


async def condition(tx: Tx, *, whole: bool) -> Condition:
    total = await audit.last_seq(tx)
    checked = total if whole else min(total, CHECKED_AT_ONCE)
    return Condition(
        total=total, checked=checked, broken_at=await audit.first_break(tx, after=total - checked)
    )
