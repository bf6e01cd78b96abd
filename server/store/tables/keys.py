"""Wrapped keys. Deleting a patient's row here makes everything sealed for them unreadable for good."""

from sqlalchemy import Column, LargeBinary, String, Table

from server.store.tables.columns import id_column, metadata

clinic_keys = Table(
    "clinic_keys",
    metadata,
    id_column(),
    Column("kid", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

patient_keys = Table(
    "patient_keys",
    metadata,
    id_column(),
    Column("kid", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
