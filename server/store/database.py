"""The engine, and the two transactions everything else uses: `read()` and `write()`.

Store code sees `tx.one / tx.all / tx.run(statement, **params)` and `tx.run_each` only, so how a statement reaches
the driver is decided here. Services never commit: leaving the block commits, an exception rolls back.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Executable, Row, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.store import sqlite_build
from server.store.keyring import Keyring
from server.store.sealing import MasterKey

log = logging.getLogger("bedside.database")

READERS = 4
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
)


# What may be over in a moment: the database is locked, full, or away.
TROUBLE: tuple[type[Exception], ...] = (DBAPIError, NoConnection, OSError)


class ConstraintBroken(Exception):
    """The database refused a row; `reason` is the constraint's or trigger's own text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tx:
    """One open transaction, with the keys to seal and open what passes through it."""

    def __init__(self, connection: AsyncConnection, keyring: Keyring) -> None:
        self._connection = connection
        self.keyring = keyring

    async def one(self, statement: Executable, **params: Any) -> Row[Any] | None:
        """The first row, or None."""
        return (await self._connection.execute(statement, params or None)).first()

    async def all(self, statement: Executable, **params: Any) -> Sequence[Row[Any]]:
        return (await self._connection.execute(statement, params or None)).all()

    async def run(self, statement: Executable, **params: Any) -> int:
        """How many rows changed. Raises ConstraintBroken."""
        try:
            return (await self._connection.execute(statement, params or None)).rowcount
        except IntegrityError as problem:
            raise ConstraintBroken(str(problem.orig)) from problem

    async def run_each(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """One statement for many rows, which costs a fraction of a statement each. Raises ConstraintBroken."""
        if not rows:
            return
        try:
            await self._connection.execute(statement, rows)
        except IntegrityError as problem:
            raise ConstraintBroken(str(problem.orig)) from problem


class Database:
    """Open with `Database.open(...)`, close with `close()`."""

    def __init__(self, *, writer: AsyncEngine, reader: AsyncEngine, keyring: Keyring) -> None:
        self._writer = writer
        self._reader = reader
        self.keyring = keyring

    @classmethod
    async def open(cls, url: str, master_key: MasterKey) -> "Database":
        """`url` is an SQLAlchemy address with an async driver. The tables must exist (see migrate)."""
        return await cls.over(engines(url), master_key)

    @classmethod
    async def over(cls, engines: tuple[AsyncEngine, AsyncEngine], master_key: MasterKey) -> "Database":
        writer, reader = engines
        database = cls(writer=writer, reader=reader, keyring=Keyring(master_key))
        async with database.write() as tx:
            await database.keyring.load_clinic_key(tx)
        return database

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent view; on SQLite readers never queue behind the writer."""
        async with self._reader.connect() as connection, connection.begin():
            yield Tx(connection, self.keyring)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """The one writer's turn (`BEGIN IMMEDIATE` on SQLite, so a read never has to upgrade its lock)."""
        async with self._writer.connect() as connection, connection.begin():
            yield Tx(connection, self.keyring)


def engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer's and the readers' engine; one and the same where the database serves both alike."""
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, hide_parameters=True)
        return engine, engine
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


def _sqlite(url: str, *, connections: int, writes: bool, journal: str = "WAL") -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=30,
        # An error of the driver must not carry the values it was about into a log.
        hide_parameters=True,
        # The driver must not begin transactions by itself: ours are begun below, with the kind we mean.
        connect_args={"isolation_level": None},
    )
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (f"PRAGMA journal_mode = {journal}", *PRAGMAS):
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
