"""Measures (FHIR QuestionnaireResponse): PHQ-9 and GAD-7, answer by answer."""

from sqlalchemy import Column, Integer, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed
from server.store.tables.guards import guard, stays

measure_responses = Table(
    "measure_responses",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    Column("instrument", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    # The answers by item, as JSON. The score is never stored: it follows from them.
    sealed("answers"),
    Column("version", Integer, nullable=False),
    instant("begun_at"),
    instant("saved_at"),
    instant("completed_at", nullable=True),
)
stays(measure_responses, "measure_sent", final="completed_at IS NOT NULL")
guard(
    measure_responses,
    "measure_sent_is_fixed",
    "BEFORE UPDATE ON measure_responses WHEN OLD.completed_at IS NOT NULL",
)
