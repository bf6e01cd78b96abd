"""Two records that may be one person's, and what somebody of the clinic said of it."""

from sqlalchemy import Column, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference

patient_twins = Table(
    "patient_twins",
    metadata,
    id_column(),
    # The smaller id first, so that a pair has one row.
    reference("one_id", "patients"),
    reference("other_id", "patients"),
    # "flagged": may be one person; "parted": they are two.
    Column("standing", String(10), nullable=False),
    reference("said_by", "accounts", index=False),
    instant("said_at"),
    UniqueConstraint("one_id", "other_id"),
)
