"""Consult notes (FHIR Composition). Every saved version stays; after signing only addenda are added."""

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed
from server.store.tables.guards import on_postgresql, on_sqlite, refusing, stays

notes = Table(
    "notes",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # Null when a note was started without a visit.
    reference("encounter_id", "encounters", nullable=True),
    reference("author_id", "accounts"),
    Column("visit_type", String(64), nullable=False),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    # The answers by field name, as JSON.
    sealed("body"),
    instant("created_at"),
    instant("saved_at"),
    instant("signed_at", nullable=True),
    reference("signed_by", "accounts", nullable=True, index=False),
    UniqueConstraint("encounter_id"),
)

note_versions = Table(
    "note_versions",
    metadata,
    id_column(),
    reference("note_id", "notes"),
    reference("patient_id", "patients", index=False),
    Column("version", Integer, nullable=False),
    sealed("body"),
    reference("saved_by", "accounts", index=False),
    instant("saved_at"),
    # Which page saved it and its own count, so that a retried save is recognised and not doubled.
    Column("page", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    UniqueConstraint("note_id", "version"),
    UniqueConstraint("note_id", "page", "sequence"),
)

note_addenda = Table(
    "note_addenda",
    metadata,
    id_column(),
    reference("note_id", "notes"),
    reference("patient_id", "patients", index=False),
    reference("author_id", "accounts", index=False),
    sealed("reason"),
    sealed("text"),
    instant("added_at"),
)

SIGNED_IS_FINAL = """
CREATE TRIGGER notes_signed_is_final BEFORE UPDATE ON notes
WHEN OLD.signed_at IS NOT NULL AND (NEW.body <> OLD.body OR NEW.signed_at IS NOT OLD.signed_at)
BEGIN SELECT RAISE(ABORT, 'note_already_signed'); END
"""
stays(
    notes,
    "notes_signed",
    final="signed_at IS NOT NULL",
    same="other.id = NEW.id OR other.encounter_id = NEW.encounter_id",
)
on_sqlite(notes, SIGNED_IS_FINAL)
on_postgresql(
    notes,
    refusing(
        "notes_signed_is_final",
        "BEFORE UPDATE ON notes WHEN OLD.signed_at IS NOT NULL"
        " AND (NEW.body <> OLD.body OR NEW.signed_at IS DISTINCT FROM OLD.signed_at)",
        reason="note_already_signed",
    ),
)
