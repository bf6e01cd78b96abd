"""The programme booked as one: its protocol's steps, each with its day and, if it takes somebody's time, its visit."""

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Time, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference

series = Table(
    "series",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # The time of day wished for, on the wall in this zone.
    Column("at", Time, nullable=False),
    Column("zone", String(64), nullable=False),
    reference("made_by", "accounts", index=False),
    instant("made_at"),
    instant("ended_at", nullable=True),
)

series_steps = Table(
    "series_steps",
    metadata,
    id_column(),
    reference("series_id", "series"),
    Column("position", Integer, nullable=False),
    Column("key", String(40), nullable=False),
    Column("day", Integer, nullable=False),
    Column("within", Integer, nullable=False),
    Column("session", Boolean, nullable=False),
    reference("visit_type", "visit_types", nullable=True, index=False),
    Column("on_date", Date, nullable=False),
    reference("encounter_id", "encounters", nullable=True),
    UniqueConstraint("series_id", "key"),
)
