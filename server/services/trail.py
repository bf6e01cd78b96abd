"""The audit trail: who reads a patient's record, and the trail as an administrator reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.store import accounts as accounts_store
from server.store import audit
from server.store.database import Tx

PER_PAGE = 50
# Checked on every look; the whole trail is checked when asked for, because it may be long.
CHECKED_AT_ONCE = 2000
# A page that follows the clinic fetches its parts again at every change: so long that is still the look it began with.
ONE_LOOK = timedelta(hours=1)
# Somebody who writes on within this time is still in the same sitting.
SITTING = timedelta(minutes=30)


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


async def read(
    tx: Tx, *, action: str, patient_ids: Iterable[str], by: str, now: datetime, live: bool = False
) -> None:
    """One row for each patient whose record is looked at. `live`: a part of a page that is open already.

    A part leaves a row only where its reader's last one about that patient is older than ONE_LOOK, so that a page left
    open neither floods the trail nor goes unseen.
    """
    known = frozenset[str]()
    if live:
        known = await audit.patients_about(tx, actor=by, action=action, since=now - ONE_LOOK)
    for patient_id in sorted(frozenset(patient_ids) - known):
        await audit.append(
            tx,
            actor=by,
            action=action,
            object_kind="patient",
            object_id=patient_id,
            patient_id=patient_id,
            now=now,
        )


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
