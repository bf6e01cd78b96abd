"""The patient's own pages: the link that leads in, the devices that were let in, and the codes that proved them."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference, sealed

home_links = Table(
    "home_links",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    Column("version", Integer, nullable=False),
    # SHA-256 of the token; the token itself can be made again from the clinic's link key.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("wrong_dates", Integer, nullable=False),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    UniqueConstraint("patient_id", "version"),
)

home_devices = Table(
    "home_devices",
    metadata,
    id_column(),
    reference("patient_id", "patients"),
    reference("home_link_id", "home_links", index=False),
    # SHA-256 of the cookie: reading the table lets nobody in.
    Column("cookie_hash", LargeBinary, nullable=False, unique=True),
    # What the browser says it is, so that its owner knows it again.
    sealed("name"),
    instant("created_at"),
    instant("seen_at"),
    instant("ends_at"),
    # Null until the date of birth was right, and until the code was.
    instant("born_at", nullable=True),
    instant("remembered_at", nullable=True),
    instant("revoked_at", nullable=True),
)

home_codes = Table(
    "home_codes",
    metadata,
    id_column(),
    reference("patient_id", "patients", index=False),
    reference("device_id", "home_devices"),
    Column("channel", String(10), nullable=False),
    sealed("code"),
    Column("wrong", Integer, nullable=False),
    instant("created_at"),
    instant("ends_at"),
    instant("used_at", nullable=True),
)
