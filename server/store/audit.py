"""The audit trail: one row per read and write of clinical content, chained so that a change shows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select

from server.care import audit as care
from server.store.database import Tx
from server.store.tables.audit import RESTORED, audit_events

__all__ = ["RESTORED"]

# Read in pieces, so that a long trail neither fills the memory nor stops the pages.
CHECKED_TOGETHER = 1000


async def append(
    tx: Tx,
    *,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    patient_id: str | None,
    now: datetime,
) -> None:
    """Must run in a write transaction: the writer's turn is what keeps the chain in one line."""
    last = await tx.one(
        select(audit_events.c.seq, audit_events.c.mac).order_by(audit_events.c.seq.desc()).limit(1)
    )
    event = care.AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=now,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        patient_id=patient_id,
    )
    mac = care.chain_mac(last.mac if last else b"", event, tx.keyring.key_for("audit"))
    await tx.run(
        audit_events.insert().values(
            seq=event.seq,
            at=now,
            actor=actor,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            patient_id=patient_id,
            mac=mac,
        )
    )


async def newest(
    tx: Tx,
    *,
    actor: str = "",
    patient_id: str = "",
    before: int | None = None,
    limit: int = 100,
) -> Sequence[Row[Any]]:
    """The newest entries, of one person or about one patient when given."""
    statement = select(audit_events).order_by(audit_events.c.seq.desc()).limit(limit)
    if actor:
        statement = statement.where(audit_events.c.actor == actor)
    if patient_id:
        statement = statement.where(audit_events.c.patient_id == patient_id)
    if before is not None:
        statement = statement.where(audit_events.c.seq < before)
    return await tx.all(statement)


async def last_restored(tx: Tx) -> datetime | None:
    """When a backup was put in last."""
    # Written out: of a value that comes later neither database knows that the small index has all there is.
    done = audit_events.c.action == literal(RESTORED, literal_execute=True)
    row = await tx.one(select(func.max(audit_events.c.at).label("last")).where(done))
    return row.last if row else None


async def is_known(tx: Tx, *, action: str, object_id: str) -> bool:
    """Whether this was done to it already, by whomever."""
    done = (audit_events.c.action == action, audit_events.c.object_id == object_id)
    return await tx.one(select(audit_events.c.seq).where(*done).limit(1)) is not None


async def of_object(
    tx: Tx, *, object_id: str, patient_id: str, actions: Collection[str]
) -> Sequence[Row[Any]]:
    """When these things were done to what is this patient's, and by whom, oldest first."""
    # By the patient, because the trail is long and has no order by what was done to.
    theirs = (audit_events.c.patient_id == patient_id, audit_events.c.object_id == object_id)
    done = select(audit_events).where(*theirs, audit_events.c.action.in_(actions))
    return await tx.all(done.order_by(audit_events.c.seq))


async def patients_of_object(
    tx: Tx, *, object_id: str, action: str, since: datetime, until: datetime
) -> list[str]:
    """On whose trails this was done to it from then until then, the first one first."""
    within = audit_events.c.at.between(since, until)
    done = (audit_events.c.object_id == object_id, audit_events.c.action == action)
    statement = select(audit_events.c.patient_id).where(within, *done, audit_events.c.patient_id.is_not(None))
    return list(dict.fromkeys(row.patient_id for row in await tx.all(statement.order_by(audit_events.c.seq))))


async def patients_about(tx: Tx, *, actor: str, action: str, since: datetime) -> frozenset[str]:
    """About whom this person has done this since then."""
    statement = select(audit_events.c.patient_id).where(
        audit_events.c.at > since,
        audit_events.c.actor == actor,
        audit_events.c.action == action,
        audit_events.c.patient_id.is_not(None),
    )
    return frozenset(row.patient_id for row in await tx.all(statement.distinct()))


async def last_seq(tx: Tx) -> int:
    row = await tx.one(select(func.max(audit_events.c.seq).label("last")))
    return int(row.last or 0) if row else 0


async def first_break(tx: Tx, *, after: int = 0) -> int | None:
    """The first entry after `after` that was changed, moved, or stands where another was taken out; else None.

    Entries cut off the end leave nothing to find: that takes a copy of the last entry kept elsewhere.
    """
    key = tx.keyring.key_for("audit")
    previous = b""
    if after:
        anchor = await tx.one(select(audit_events.c.mac).where(audit_events.c.seq == after))
        if anchor is None:
            return after
        previous = anchor.mac
    while True:
        statement = select(audit_events).where(audit_events.c.seq > after)
        rows = await tx.all(statement.order_by(audit_events.c.seq).limit(CHECKED_TOGETHER))
        for row in rows:
            if row.seq != after + 1 or row.mac != care.chain_mac(previous, _event(row), key):
                return after + 1
            after, previous = row.seq, row.mac
        if len(rows) < CHECKED_TOGETHER:
            return None


def _event(row: Row[Any]) -> care.AuditEvent:
    return care.AuditEvent(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        patient_id=row.patient_id,
    )
