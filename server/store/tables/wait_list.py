"""Who would come earlier, and the times they were offered: of one time at most one offer is ever taken."""

from sqlalchemy import Column, Date, Index, LargeBinary, String, Table, text

from server.store.tables.columns import id_column, instant, metadata, reference

wait_list = Table(
    "wait_list",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    # The visit that would become earlier; null: a wish without a visit.
    reference("encounter_id", "encounters", nullable=True, index=False),
    reference("visit_type", "visit_types", index=False),
    # Nobody but them; null: whoever may.
    reference("practitioner_id", "practitioners", nullable=True, index=False),
    # Days and part of the day on the patient's own calendar and clock.
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("part", String(20), nullable=False),
    # An account, or the patient by their link.
    Column("asked_by", String(64), nullable=False),
    instant("asked_at"),
    instant("ended_at", nullable=True, index=True),
    Column("ended_why", String(20), nullable=True),
)
Index(
    "uq_wait_list_one_place_a_visit",
    wait_list.c.encounter_id,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

wait_offers = Table(
    "wait_offers",
    metadata,
    id_column(),
    # All offers of one time; also the id of the hold that keeps it meanwhile.
    Column("round_id", String(64), nullable=False, index=True),
    reference("waiting_id", "wait_list"),
    reference("patient_id", "patients", index=False),
    reference("practitioner_id", "practitioners", index=False),
    instant("starts_at"),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("offered_by", String(64), nullable=False),
    instant("offered_at"),
    instant("expires_at", index=True),
    instant("taken_at", nullable=True),
    # Taken by somebody else, or withdrawn.
    instant("closed_at", nullable=True),
)
# The first yes wins, whatever was checked before.
Index(
    "uq_wait_offers_first_yes",
    wait_offers.c.round_id,
    unique=True,
    sqlite_where=text("taken_at IS NOT NULL"),
    postgresql_where=text("taken_at IS NOT NULL"),
)
