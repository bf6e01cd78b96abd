"""How SQLite and PostgreSQL are reached, so that everything above may take them for the same.

Either way one connection writes: whoever else wants to write waits for it, and what a writer read stays true until it
commits. Readers see one moment and wait for nobody.
"""

import logging
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.store import sqlite_build
from server.store.reaching import check_server
from server.store.values import check_values

log = logging.getLogger("bedside.database")

POSTGRESQL = "postgresql+asyncpg"
READERS = 4
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
)
# Whose turn it is to write, also among processes: the server, a command, a backup being put in. The number is ours.
WRITERS_TURN = "SELECT pg_advisory_xact_lock(7223372011)"
SERVER_SETTINGS = {
    "application_name": "bedside",
    "timezone": "UTC",
    # As long as SQLite waits for another process, and no request longer than a person would.
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    # A process that hangs must not keep its turn.
    "idle_in_transaction_session_timeout": "60s",
    # Our statements are short; compiling one takes longer than running it.
    "jit": "off",
}
# A snapshot would be taken before the wait for the turn, and show what was true before it.
WRITER = {"default_transaction_isolation": "read committed"}
READER = {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}
SECONDS_TO_CONNECT = 10
# More statements than the server has, so that each is prepared once for each connection.
STATEMENTS_KEPT = 1000


def engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer's and the readers' engine; one and the same where there is but one connection."""
    if is_postgresql(url):
        return _postgresql(url, writes=True), _postgresql(url, writes=False)
    sqlite_build.use_best_build()
    import sqlite3  # noqa: PLC0415 -- only after the best build has taken its place

    if sqlite_build.wal_is_safe(sqlite3.sqlite_version_info):
        return _sqlite(url, connections=1, writes=True), _sqlite(url, connections=READERS, writes=False)
    log.warning(
        "SQLite %s can corrupt a write-ahead log and no safe build exists for this platform: "
        "using the rollback journal and one connection, which is slower.",
        sqlite3.sqlite_version,
    )
    only = _sqlite(url, connections=1, writes=True, journal="DELETE")
    return only, only


def is_postgresql(url: str) -> bool:
    return url.startswith(f"{POSTGRESQL}:")


def _engine(url: str, *, connections: int, begin: str, **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=30,
        # An error of the driver must not carry the values it was about into a log.
        hide_parameters=True,
        **options,
    )
    if begin:
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    event.listen(engine.sync_engine, "before_cursor_execute", check_values)
    return engine


def _sqlite(url: str, *, connections: int, writes: bool, journal: str = "WAL") -> AsyncEngine:
    engine = _engine(
        url,
        connections=connections,
        begin="BEGIN IMMEDIATE" if writes else "BEGIN",
        # The driver must not begin transactions by itself: ours are begun above, with the kind we mean.
        connect_args={"isolation_level": None},
    )

    def on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (f"PRAGMA journal_mode = {journal}", *PRAGMAS):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)
    return engine


def _postgresql(url: str, *, writes: bool) -> AsyncEngine:
    engine = _engine(
        url,
        connections=1 if writes else READERS,
        begin=WRITERS_TURN if writes else "",
        connect_args={
            "server_settings": SERVER_SETTINGS | (WRITER if writes else READER),
            "timeout": SECONDS_TO_CONNECT,
            "prepared_statement_cache_size": STATEMENTS_KEPT,
        },
    )
    event.listen(engine.sync_engine, "connect", lambda made, _: check_server(made.driver_connection))
    event.listen(engine.sync_engine, "checkout", _check_connection)
    return engine


def _check_connection(connection: Any, _record: object, _proxy: object) -> None:
    """A database that was restarted has closed its connections, which is known here without asking it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def reason_of(problem: DBAPIError) -> str:
    """The broken constraint's or trigger's own name where the database says it, else its sentence."""
    said = problem.orig.__cause__ if problem.orig else None
    return getattr(said, "constraint_name", None) or str(said.args[0] if said and said.args else problem.orig)
