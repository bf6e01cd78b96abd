"""The secret addresses at which clinicians' own calendars follow their visits."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    # Rises with every new address; the ones before it are closed.
    Column("version", Integer, nullable=False),
    # SHA-256 of the token; the token itself can be made again from the clinic's link key.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    # How much of a visit the calendar is told: busy, kind, name.
    Column("shows", String(10), nullable=False),
    instant("created_at"),
    instant("fetched_at", nullable=True),
    instant("revoked_at", nullable=True),
    UniqueConstraint("practitioner_id", "version"),
)
