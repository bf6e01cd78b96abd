"""The audit trail: one row per read and write of clinical content, chained so that a change shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from server.care import audit as care
from server.store.database import Tx
from server.store.tables.audit import audit_events


async def append(
    tx: Tx, *, actor: str, action: str, object_kind: str, object_id: str, patient_id: str | None, now: datetime
) -> None:
    """Must run in a write transaction: the writer's turn is what keeps the chain in one line."""
    last = await tx.one(select(audit_events.c.seq, audit_events.c.mac).order_by(audit_events.c.seq.desc()).limit(1))
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


async def newest(tx: Tx, *, before: int | None = None, limit: int = 100) -> list[Row[Any]]:
    statement = select(audit_events).order_by(audit_events.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(audit_events.c.seq < before)
    return list(await tx.all(statement))
