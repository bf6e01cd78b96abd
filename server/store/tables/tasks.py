"""Tasks: where every alarm ends. An alarm stays until somebody acknowledges it by name; an errand whose reason is
gone (a patient to call who is back on video) is withdrawn, under nobody's name."""

from sqlalchemy import Column, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

tasks = Table(
    "tasks",
    metadata,
    id_column(),
    Column("kind", String(40), nullable=False),
    reference("patient_id", "patients", nullable=True),
    reference("encounter_id", "encounters", nullable=True),
    # What else it is about: an absence, a licence.
    Column("subject_id", String(64), nullable=True, index=True),
    # Who must act: a role, and whose it is first until it is due.
    Column("owner_role", String(20), nullable=False),
    reference("owner_id", "accounts", nullable=True),
    # Only tasks about a patient carry words, and those are sealed.
    sealed("detail", nullable=True),
    instant("created_at"),
    instant("due_at", index=True),
    instant("acknowledged_at", nullable=True),
    reference("acknowledged_by", "accounts", nullable=True, index=False),
    # When its owner took it over themself; a task that was only given to somebody has none.
    instant("taken_at", nullable=True),
    # What whoever did it says of it; like the detail, only of tasks about a patient.
    sealed("note", nullable=True),
)
