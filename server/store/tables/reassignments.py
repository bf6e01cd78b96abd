"""Visits that were given to another clinician before they began: who covers for whom, since when, and why."""

from sqlalchemy import Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

reassignments = Table(
    "reassignments",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    reference("patient_id", "patients"),
    reference("from_practitioner_id", "practitioners", index=False),
    reference("to_practitioner_id", "practitioners", index=False),
    sealed("reason"),
    reference("by", "accounts", index=False),
    instant("at"),
)
