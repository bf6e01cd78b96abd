"""Staff accounts, the roles they hold, and their sessions on the server."""

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from server.store.tables.columns import id_column, instant, metadata, reference

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    # Lower-cased, so that one address is one account.
    Column("email", String(254), nullable=False, unique=True),
    # Null until the person has chosen one.
    Column("password_hash", String(200), nullable=True),
    instant("created_at"),
    instant("disabled_at", nullable=True),
)

account_roles = Table(
    "account_roles",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    Column("role", String(20), nullable=False),
    UniqueConstraint("account_id", "role"),
)

sessions = Table(
    "sessions",
    metadata,
    id_column(),
    # SHA-256 of the cookie: reading the table gives nobody a session.
    Column("cookie_hash", LargeBinary, nullable=False, unique=True),
    reference("account_id", "accounts"),
    instant("created_at"),
    instant("seen_at"),
    instant("ends_at"),
)
