"""Requests from the public page: who asks, for which time, and what became of it.

Whoever asks is no patient yet: a request has a key of its own, and its rows go when nobody needs them any longer.
"""

from sqlalchemy import Column, LargeBinary, String, Table

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

self_bookings = Table(
    "self_bookings",
    metadata,
    # The form's own key, and that of what it keeps of a practitioner's time.
    id_column(),
    # What was typed, as JSON.
    sealed("person"),
    # Keyed hashes of the address, and of address and date of birth: how many there are is asked without opening any.
    Column("address_token", LargeBinary, nullable=False, index=True),
    Column("person_token", LargeBinary, nullable=False, index=True),
    Column("link_hash", LargeBinary, nullable=False, unique=True),
    reference("practitioner_id", "practitioners"),
    reference("visit_type", "visit_types", index=False),
    instant("starts_at"),
    # asked, waiting, offered, booked, declined, withdrawn: see care/self_booking.py.
    Column("status", String(20), nullable=False, index=True),
    instant("asked_at", index=True),
    # When the address was proved, and when the clinic last answered.
    instant("proved_at", nullable=True),
    instant("answered_at", nullable=True),
    reference("answered_by", "accounts", nullable=True, index=False),
    # What the clinic says to them.
    sealed("answer", nullable=True),
    reference("encounter_id", "encounters", nullable=True),
)
