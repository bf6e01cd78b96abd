"""The clinic's practitioners, their time, licences and languages, and the kinds of visit it offers."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
)

from server.store.tables.columns import id_column, instant, metadata, reference

practitioners = Table(
    "practitioners",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    Column("name", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    # How much of their visits they are mailed for a calendar of their own: no, busy, kind, name.
    Column("mailed", String(10), nullable=False, server_default="no"),
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

# When the clinic itself is open, by the wall clock of `time_zone`; without a row nobody has said.
opening_hours = Table(
    "opening_hours",
    metadata,
    id_column(),
    Column("weekday", Integer, nullable=False),
    Column("opens", Time, nullable=False),
    Column("closes", Time, nullable=False),
    Column("time_zone", String(64), nullable=False),
)

hours_exceptions = Table(
    "hours_exceptions",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("on_date", Date, nullable=False),
    # Closed for the whole day or from `opens` to `closes`, or open then beside the usual hours.
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
    # None: as far ahead as one likes.
    Column("horizon_minutes", Integer, nullable=True),
    Column("cut_off_minutes", Integer, nullable=False),
    Column("public", Boolean, nullable=False),
    # The clinic's own words in Spanish; empty: the English ones are shown.
    Column("name_es", String(100), nullable=False),
    Column("preparation_es", Text, nullable=False),
    # Not booked any more; the visits there were keep their kind.
    instant("retired_at", nullable=True),
)

# Who holds this kind of visit; without a row everybody does.
visit_type_holders = Table(
    "visit_type_holders",
    metadata,
    id_column(),
    reference("visit_type", "visit_types"),
    reference("practitioner_id", "practitioners", index=False),
    UniqueConstraint("visit_type", "practitioner_id"),
)

# What a practitioner treats in without an interpreter; codes as a patient's language.
practitioner_languages = Table(
    "practitioner_languages",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("language", String(16), nullable=False),
    UniqueConstraint("practitioner_id", "language"),
)

licences = Table(
    "licences",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("state", String(8), nullable=False),
    Column("number", String(60), nullable=False),
    Column("first_on", Date, nullable=False),
    # None: without end.
    Column("last_on", Date, nullable=True),
    # How many days before the end was warned of last; None: not yet.
    Column("warned_days", Integer, nullable=True),
)

# Leave of one practitioner, or the clinic closed where there is none. Both ends are wall time in `time_zone`.
absences = Table(
    "absences",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners", nullable=True),
    Column("starts", DateTime, nullable=False),
    Column("ends", DateTime, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    reference("created_by", "accounts", index=False),
    instant("created_at"),
)

# A practitioner's calendar elsewhere, read only. Its address opens it to anybody, so it is sealed (store/feeds.py).
busy_feeds = Table(
    "busy_feeds",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    Column("url", LargeBinary, nullable=False),
    instant("tried_at", nullable=True),
    instant("fetched_at", nullable=True),
    # Why the last try failed, as a word; None: it did not.
    Column("problem", String(40), nullable=True),
    UniqueConstraint("practitioner_id"),
)

# When that calendar says they are taken: never what with.
busy_times = Table(
    "busy_times",
    metadata,
    id_column(),
    reference("practitioner_id", "practitioners"),
    instant("starts_at"),
    instant("ends_at"),
)
