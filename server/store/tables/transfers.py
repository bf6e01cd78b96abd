"""Visits that were handed from one clinician to another while their patient was there."""

from sqlalchemy import Table

from server.store.tables.columns import id_column, instant, metadata, reference

transfers = Table(
    "transfers",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    reference("from_practitioner_id", "practitioners", index=False),
    reference("to_practitioner_id", "practitioners", index=False),
    reference("handed_by", "accounts", index=False),
    instant("at"),
    # When the new clinician came into the call; until then the one before may still be in it.
    instant("joined_at", nullable=True),
)
