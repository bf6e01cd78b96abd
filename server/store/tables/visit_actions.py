"""What staff did about a visit whose patient waits or does not come. Rows are only added."""

from sqlalchemy import Column, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

visit_actions = Table(
    "visit_actions",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    reference("patient_id", "patients"),
    Column("kind", String(30), nullable=False),
    # Of a no-show: what was done about it.
    Column("outcome", String(30), nullable=True),
    sealed("words", nullable=True),
    # Null when the server did it by itself.
    reference("account_id", "accounts", nullable=True, index=False),
    instant("at"),
)
