"""Who saw and did what (FHIR AuditEvent). Rows are chained: each carries a keyed hash over the one before."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, text

from server.store.tables.columns import instant, metadata

audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    instant("at", index=True),
    # An account's id, "patient" by link, or "system".
    Column("actor", String(64), nullable=False, index=True),
    Column("action", String(40), nullable=False),
    Column("object_kind", String(40), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("patient_id", String(64), nullable=True, index=True),
    Column("mac", LargeBinary, nullable=False),
)
# A backup was put in. Asked for with every link and reminder, and hardly ever done.
RESTORED = "restored"
Index(
    "ix_audit_events_restored",
    audit_events.c.at,
    sqlite_where=text(f"action = '{RESTORED}'"),
    postgresql_where=text(f"action = '{RESTORED}'"),
)
