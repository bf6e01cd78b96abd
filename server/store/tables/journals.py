"""The patient's journal (FHIR QuestionnaireResponse): entries and their versions, private until shared."""

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed
from server.store.tables.guards import on_postgresql, on_sqlite, refusing, stays

journal_entries = Table(
    "journal_entries",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # The session it was written after; null for an entry of its own.
    reference("session_id", "dosing_sessions", nullable=True),
    instant("begun_at"),
)

journal_versions = Table(
    "journal_versions",
    metadata,
    id_column(),
    reference("entry_id", "journal_entries"),
    reference("patient_id", "patients", index=False),
    Column("version", Integer, nullable=False),
    # How often this version was saved: a page that knows an older count has not seen the newest words.
    Column("edit", Integer, nullable=False),
    # The answers by prompt, as JSON.
    sealed("body"),
    instant("saved_at"),
    instant("shared_at", nullable=True),
    UniqueConstraint("entry_id", "version"),
)

SHARED_IS_FIXED = """
CREATE TRIGGER journal_shared_is_fixed BEFORE UPDATE ON journal_versions
WHEN OLD.shared_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'journal_already_shared'); END
"""
stays(
    journal_versions,
    "journal_shared",
    final="shared_at IS NOT NULL",
    same="other.id = NEW.id OR (other.entry_id = NEW.entry_id AND other.version = NEW.version)",
)
on_sqlite(journal_versions, SHARED_IS_FIXED)
on_postgresql(
    journal_versions,
    refusing(
        "journal_shared_is_fixed",
        "BEFORE UPDATE ON journal_versions WHEN OLD.shared_at IS NOT NULL",
        reason="journal_already_shared",
    ),
)
