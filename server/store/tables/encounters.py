"""Visits as they happen (FHIR Encounter): the links that lead in, who was there when, and how the call was."""

from sqlalchemy import Column, Float, Integer, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

encounters = Table(
    "encounters",
    metadata,
    id_column(),
    # Null for a call started on the spot.
    reference("appointment_id", "appointments", nullable=True),
    reference("patient_id", "patients"),
    reference("practitioner_id", "practitioners"),
    reference("visit_type", "visit_types", index=False),
    Column("mode", String(10), nullable=False),
    Column("status", String(20), nullable=False),
    instant("planned_starts_at", index=True),
    instant("planned_ends_at"),
    instant("arrived_at", nullable=True),
    instant("started_at", nullable=True),
    instant("finished_at", nullable=True),
    Column("version", Integer, nullable=False),
    # Rises when the visit moves or its link is withdrawn; older links then answer "this link was replaced".
    Column("link_version", Integer, nullable=False),
    # The entry questions' answers as JSON: where, call-back number, who is there, when agreed to which words.
    sealed("entry_answers", nullable=True),
    # The last connection test as JSON; no clinical content, but it tells about a person's devices.
    sealed("device_test", nullable=True),
    # When somebody of the clinic decided that the patient did not come; gone when they come after all.
    instant("no_show_at", nullable=True),
    UniqueConstraint("appointment_id"),
)

join_links = Table(
    "join_links",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    Column("seat", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    # SHA-256 of the token; the token itself can be made again from the clinic's link key.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    # SHA-256 of the token's beginning, which is all a text message has room for.
    Column("short_hash", LargeBinary, nullable=True, unique=True, index=True),
    Column("wrong_dates", Integer, nullable=False),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    UniqueConstraint("encounter_id", "seat", "version"),
)

# What a browser may see after "Continue": one cookie may hold several visits.
visitor_sessions = Table(
    "visitor_sessions",
    metadata,
    id_column(),
    Column("cookie_hash", LargeBinary, nullable=False, index=True),
    reference("encounter_id", "encounters"),
    reference("join_link_id", "join_links"),
    instant("created_at"),
    instant("ends_at"),
    # Null until the date of birth was given.
    instant("verified_at", nullable=True),
    # Set when a clinician let this browser in: it may come back by itself, another device with the same link may not.
    instant("admitted_at", nullable=True),
    UniqueConstraint("cookie_hash", "encounter_id"),
)

presence_events = Table(
    "presence_events",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    Column("seat", String(20), nullable=False),
    Column("kind", String(30), nullable=False),
    instant("at"),
)

# How the call was, seat by seat, every ten seconds: figures only, nothing that was said, nobody's address.
call_samples = Table(
    "call_samples",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    Column("seat", String(32), nullable=False),
    instant("at", index=True),
    # udp, tcp, turn-udp, turn-tcp, turn-tls; null when it was not known.
    Column("route", String(10)),
    # As it was judged then: good, fair, weak, lost; and where the trouble was: up, down, both.
    Column("word", String(10), nullable=False),
    Column("side", String(10)),
    Column("rtt_ms", Float),
    Column("jitter_ms", Float),
    Column("loss_up", Float),
    Column("loss_down", Float),
    Column("bitrate_up", Float),
    Column("bitrate_down", Float),
    Column("fps_down", Float),
    Column("frozen_ms", Float),
    Column("concealed", Float),
)

# How the patient says the call was: good, fair, bad; and what troubled it, names with spaces between.
call_ratings = Table(
    "call_ratings",
    metadata,
    id_column(),
    reference("encounter_id", "encounters"),
    Column("word", String(10), nullable=False),
    Column("troubles", String(100), nullable=False),
    instant("at", index=True),
)

# Word to the patient that the visit begins late: so many minutes, or in somebody's own words.
delays = Table(
    "delays",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("encounter_id", "encounters"),
    Column("minutes", Integer, nullable=True),
    sealed("words", nullable=True),
    reference("said_by", "accounts", index=False),
    instant("said_at"),
)
