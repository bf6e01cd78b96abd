"""Messages to send, written in the same transaction as what they tell of."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    # kind|what it is about|version|…: the same message is never queued twice.
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    # Whom or whose visit it is about; null: somebody who is no patient yet and booked online.
    reference("patient_id", "patients", nullable=True),
    reference("encounter_id", "encounters", nullable=True),
    # Their request, then.
    reference("self_booking_id", "self_bookings", nullable=True, index=True),
    # The member of staff it goes to; null when it goes to the patient.
    reference("account_id", "accounts", nullable=True, index=False),
    # The link's version when it was queued; a newer one makes this message stale. Null when it carries no link.
    Column("link_version", Integer, nullable=True),
    Column("channel", String(10), nullable=False),
    # What the templates need beyond that, as JSON.
    sealed("facts", nullable=True),
    instant("created_at"),
    instant("due_at", index=True),
    # From then on it is of no use any more; null when it always is.
    instant("expires_at", nullable=True),
    Column("attempts", Integer, nullable=False),
    instant("claimed_until", nullable=True),
    instant("sent_at", nullable=True),
    instant("failed_at", nullable=True),
    Column("last_problem", String(200), nullable=True),
    # The text message gateway, by its place in the settings, that took it, or may have though its answer never came.
    Column("gateway", Integer, nullable=True),
    # The number that one gave it, and when it reported that the phone has it. One that reported that no phone will
    # have it leaves both `sent_at` and `failed_at`.
    Column("gateway_reference", String(100), nullable=True, index=True),
    instant("delivered_at", nullable=True),
)

# "I lost my link", until a job has answered it: only a keyed hash of what was typed, which patients are found by.
lost_links = Table(
    "lost_links",
    metadata,
    id_column(),
    Column("token", LargeBinary, nullable=False),
    instant("asked_at"),
)
