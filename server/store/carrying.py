"""The records out of PostgreSQL into a file of SQLite's, as backups hold them, and out of such a file into PostgreSQL.

Both have the same tables, so it is table by table, each after those it refers to. Out: one moment's view, while others
go on writing. In: one transaction, so all of it is there or nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.store.engines import engines
from server.store.migrations import migrate, newest
from server.store.reaching import reaching
from server.store.tables import metadata

# Read and written in pieces: a clinic's records need not fit into memory.
TOGETHER = 500


class OtherSchema(Exception):
    """The database is not of this version's schema: its server has to be started once, which brings it there."""


class NotEmpty(Exception):
    """There is something in the database; `table` says where."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


def take_out(url: str, target: Path) -> None:
    """Everything there was at one moment, into a new file. Raises OtherSchema, NotReached."""
    address = f"sqlite+aiosqlite:///{target}"
    migrate(address)
    asyncio.run(_out(url, address))


def bring_in(source: Path, url: str, *, last: Callable[[], None]) -> None:
    """Everything into an empty database, and `last` before it counts. Raises NotEmpty, NotReached, as `last` does."""
    check_empty(url)
    migrate(url)
    asyncio.run(_in(f"sqlite+aiosqlite:///{source}", url, last))


def check_empty(url: str) -> None:
    """Raises NotEmpty, NotReached."""

    async def look() -> None:
        async with _writing(url) as connection:
            await connection.run_sync(_only_ours)
            await _nothing_there(connection)

    asyncio.run(look())


async def _out(source: str, target: str) -> None:
    async with _reading(source) as theirs, _writing(target) as ours:
        found = await theirs.run_sync(_revision)
        if found != newest():
            raise OtherSchema(found)
        await _copy(theirs, ours)


async def _in(source: str, target: str, last: Callable[[], None]) -> None:
    async with _reading(source) as theirs, _writing(target) as ours:
        # Somebody may have begun to use it meanwhile.
        await _nothing_there(ours)
        await _copy(theirs, ours)
        last()


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[AsyncConnection]:
    async with _only(engines(url)[1], url) as connection:
        yield connection


@asynccontextmanager
async def _writing(url: str) -> AsyncIterator[AsyncConnection]:
    async with _only(engines(url)[0], url) as connection:
        yield connection


@asynccontextmanager
async def _only(engine: AsyncEngine, url: str) -> AsyncIterator[AsyncConnection]:
    try:
        with reaching(url):
            async with engine.begin() as connection:
                yield connection
    finally:
        await engine.dispose()


def _only_ours(connection: Connection) -> None:
    """Tables of somebody else's are a sign that another database was meant. Raises NotEmpty."""
    for name in inspect(connection).get_table_names():
        if name not in {*metadata.tables, "alembic_version"}:
            raise NotEmpty(name)


async def _nothing_there(connection: AsyncConnection) -> None:
    """Raises NotEmpty."""
    there = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    for table in metadata.sorted_tables:
        if table.name in there and await connection.scalar(select(func.count()).select_from(table)):
            raise NotEmpty(table.name)


def _revision(connection: Connection) -> str:
    versions = MetaData()
    versions.reflect(connection, only=lambda name, _: name == "alembic_version")
    if "alembic_version" not in versions.tables:
        return ""
    return connection.scalar(select(versions.tables["alembic_version"].c.version_num)) or ""


async def _copy(theirs: AsyncConnection, ours: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        async with theirs.stream(select(table)) as found:
            async for rows in found.mappings().partitions(TOGETHER):
                await ours.execute(table.insert(), [dict(row) for row in rows])
