"""Staff accounts, the roles they hold, their sessions on the server, and the second factor of their sign-in."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

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
    # For one thing only: word that somebody waits. Without it, that is an e-mail.
    Column("phone", String(40), nullable=True),
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

second_factors = Table(
    "second_factors",
    metadata,
    id_column(),
    # One account, one phone: a row is there once the first code from it was right.
    reference("account_id", "accounts", index=False),
    # Sealed with a key of the clinic's made for this alone; whoever reads the table can make no code.
    Column("secret", LargeBinary, nullable=False),
    instant("confirmed_at"),
    # The time step of the last code that was taken; no code of it or of an earlier one works again.
    Column("last_step", Integer, nullable=False),
    # Null until the person has said that they keep the recovery codes they were shown.
    instant("codes_kept_at", nullable=True),
    UniqueConstraint("account_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    id_column(),
    reference("account_id", "accounts"),
    # Keyed, so that a copy of the table is nothing to try codes against.
    Column("code_hash", LargeBinary, nullable=False),
    instant("used_at", nullable=True),
    UniqueConstraint("account_id", "code_hash"),
)

sign_in_steps = Table(
    "sign_in_steps",
    metadata,
    id_column(),
    # SHA-256 of the cookie, as with sessions.
    Column("cookie_hash", LargeBinary, nullable=False, unique=True),
    reference("account_id", "accounts"),
    # What is asked for next; the cookie opens that and nothing else.
    Column("stage", String(20), nullable=False),
    # Of a phone that is being set up: sealed, and of this one browser only.
    Column("secret", LargeBinary, nullable=True),
    # The page that was asked for before somebody had to sign in.
    Column("opens", String(200), nullable=False),
    instant("created_at"),
    instant("ends_at"),
)
