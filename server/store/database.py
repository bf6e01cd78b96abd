"""The engine, and the two transactions everything else uses: `read()` and `write()`.

Store code sees `tx.one / tx.all / tx.run(statement, **params)` and `tx.run_each` only, so how a statement reaches
the driver is decided here. Services never commit: leaving the block commits, an exception rolls back.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import CursorResult, Executable, Row, TableClause, UpdateBase, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.engines import engines, reason_of
from server.store.keyring import Keyring
from server.store.reaching import connecting, reaching, transacting
from server.store.sealing import MasterKey


class ConstraintBroken(Exception):
    """The database refused a row; the transaction can only be left, which undoes it.

    `reason` is the same on both databases for our own triggers and exclusions: their name. For all else it is what the
    database calls it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tx:
    """One open transaction, with the keys to seal and open what passes through it."""

    def __init__(
        self, connection: AsyncConnection, keyring: Keyring, versions: Mapping[str, int] | None = None
    ) -> None:
        self._connection = connection
        self._versions = versions
        self.keyring = keyring
        # The tables this transaction has written.
        self.written: set[str] = set()
        self._broken = ""

    async def one(self, statement: Executable, **params: Any) -> Row[Any] | None:
        """The first row, or None."""
        return (await self._execute(statement, params or None)).first()

    async def all(self, statement: Executable, **params: Any) -> Sequence[Row[Any]]:
        return (await self._execute(statement, params or None)).all()

    async def run(self, statement: Executable, **params: Any) -> int:
        """How many rows changed. Raises ConstraintBroken."""
        return (await self._execute(statement, params or None)).rowcount

    async def run_each(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """One statement for many rows, which costs a fraction of a statement each. Raises ConstraintBroken."""
        if rows:
            await self._execute(statement, rows)

    def versions_of(self, tables: Iterable[str]) -> tuple[int, ...]:
        """As long as these are the same, this process has written nothing into these tables. Of what is only read."""
        assert self._versions is not None, "what a writer has not committed has no version"
        return tuple(self._versions.get(each, 0) for each in tables)

    async def _execute(self, statement: Executable, values: Any) -> CursorResult[Any]:
        self.check_whole()
        if isinstance(statement, UpdateBase) and isinstance(statement.table, TableClause):
            self.written.add(statement.table.name)
        try:
            return await self._connection.execute(statement, values)
        except IntegrityError as problem:
            self._broken = reason_of(problem)
            # Without the database's own words, which repeat the row it refused.
            raise ConstraintBroken(self._broken) from None

    def check_whole(self) -> None:
        """PostgreSQL takes nothing more after a refusal and would turn a commit into nothing, without a word. That is
        how it is on both, and it is said. Raises ConstraintBroken."""
        if self._broken:
            raise ConstraintBroken(self._broken)


class Database:
    """Open with `Database.open(...)`, close with `close()`."""

    def __init__(self, *, writer: AsyncEngine, reader: AsyncEngine, keyring: Keyring) -> None:
        self._writer = writer
        self._reader = reader
        self._versions: dict[str, int] = {}
        self.keyring = keyring

    @classmethod
    async def open(cls, url: str, master_key: MasterKey) -> "Database":
        """`url` is an SQLAlchemy address with an async driver. The tables must exist (see migrate). Raises Unusable."""
        with reaching(url):
            return await cls.over(engines(url), master_key)

    @classmethod
    async def over(cls, engines: tuple[AsyncEngine, AsyncEngine], master_key: MasterKey) -> "Database":
        writer, reader = engines
        database = cls(writer=writer, reader=reader, keyring=Keyring(master_key))
        async with database.write() as tx:
            await database.keyring.load_clinic_key(tx)
        return database

    async def check(self) -> None:
        """Raises RecordsOutOfReach."""
        async with self.read() as tx:
            await tx.one(text("SELECT 1"))

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A consistent view; readers never queue behind the writer. Raises RecordsOutOfReach."""
        # Before the view is taken: a version is never newer than what is seen under it.
        versions = self._versions
        async with _begun(self._reader) as connection:
            yield Tx(connection, self.keyring, versions)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """The one writer's turn: what it reads stays true until it commits. Raises RecordsOutOfReach."""
        async with _begun(self._writer) as connection:
            tx = Tx(connection, self.keyring)
            yield tx
            tx.check_whole()
        self._versions = self._versions | {each: self._versions.get(each, 0) + 1 for each in tx.written}


@asynccontextmanager
async def _begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with transacting():
        async with AsyncExitStack() as leaving:
            with connecting():
                connection = await leaving.enter_async_context(engine.connect())
            await leaving.enter_async_context(connection.begin())
            yield connection
