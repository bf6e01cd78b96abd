"""Third parties in a visit: who was invited to which seat, and the browsers that came through their links."""

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

invitations = Table(
    "invitations",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    # Whose key seals the names.
    reference("patient_id", "patients"),
    # The role and a number, never used twice in one visit: sitter-1.
    Column("seat", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    sealed("name"),
    # Where the link was mailed; null when it was handed over.
    sealed("email", nullable=True),
    # What they called themselves.
    sealed("said_name", nullable=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    reference("invited_by", "accounts", index=False),
    instant("created_at"),
    # Withdrawn, or put out of the call: the link is refused.
    instant("revoked_at", nullable=True),
    UniqueConstraint("encounter_id", "seat"),
)

guest_sessions = Table(
    "guest_sessions",
    metadata,
    id_column(),
    Column("cookie_hash", LargeBinary, nullable=False, index=True),
    reference("invitation_id", "invitations"),
    instant("created_at"),
    instant("ends_at"),
    # Null until they said who they are.
    instant("introduced_at", nullable=True),
    # Set while this browser is let in: it may come back by itself, another one with the same link waits again.
    instant("admitted_at", nullable=True),
    UniqueConstraint("cookie_hash", "invitation_id"),
)
