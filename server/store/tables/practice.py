"""The clinic's practitioners, their hours, and the kinds of visit it offers."""

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Text, Time, UniqueConstraint

from server.store.tables.columns import id_column, metadata, reference

practitioners = Table(
    "practitioners",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    Column("name", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    UniqueConstraint("account_id"),
)

# Wall-clock hours in the practitioner's own zone: they stay the same hours when the clocks change.
weekly_hours = Table(
    "weekly_hours",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("weekday", Integer, nullable=False),
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False),
)

hours_exceptions = Table(
    "hours_exceptions",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("on_date", Date, nullable=False),
    # Closed for the whole day, or open for these extra hours.
    Column("closed", Boolean, nullable=False),
    Column("opens", Time, nullable=True),
    Column("closes", Time, nullable=True),
)

visit_types = Table(
    "visit_types",
    metadata,
    # The code: "intake", "check-in".
    id_column(),
    Column("name", String(100), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("buffer_before_minutes", Integer, nullable=False),
    Column("buffer_after_minutes", Integer, nullable=False),
    Column("minimum_notice_minutes", Integer, nullable=False),
    Column("preparation", Text, nullable=False),
)
