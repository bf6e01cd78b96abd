"""Text between a patient and the clinic, kept with the visit it belongs to."""

from sqlalchemy import Column, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

messages = Table(
    "messages",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("encounter_id", "encounters"),
    # "patient" or "clinic"; the account only when staff wrote it.
    Column("sender", String(20), nullable=False),
    reference("account_id", "accounts", nullable=True, index=False),
    sealed("text"),
    instant("sent_at", index=True),
)
