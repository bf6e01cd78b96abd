"""What only PostgreSQL can do to us: go away and come back, keep us out, be written to by others meanwhile."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.store.database import Database
from server.store.migrations import migrate
from server.store.reaching import NotReached, RecordsOutOfReach
from tests.conftest import MASTER_KEY
from tests.databases import PostgresDatabases
from tests.postgres import GUARDED, OWNER, PASSWORD

pytestmark = pytest.mark.postgresql
COUNT = text("SELECT count(*) FROM patients")


async def test_after_the_server_was_restarted_nobody_notices(
    database: Database, databases: PostgresDatabases
) -> None:
    async with database.read() as tx, database.write() as other:
        await tx.one(COUNT)
        await other.one(COUNT)
    await asyncio.to_thread(databases.server.restart)
    async with database.read() as tx, database.write() as other:
        assert await tx.one(COUNT) == (0,)
        assert await other.one(COUNT) == (0,)


async def test_a_transaction_that_was_cut_off_is_the_only_one_lost(
    database: Database, databases: PostgresDatabases
) -> None:
    with pytest.raises(RecordsOutOfReach):
        await lose_the_server_while_writing(database, databases)
    async with database.write() as tx:
        assert await tx.one(COUNT) == (0,)


async def lose_the_server_while_writing(database: Database, databases: PostgresDatabases) -> None:
    async with database.write() as tx:
        await tx.one(COUNT)
        await asyncio.to_thread(databases.server.restart)
        await tx.one(COUNT)


async def test_another_process_waits_for_its_turn_and_then_sees_what_was_written(
    database: Database, database_url: str
) -> None:
    other = await Database.open(database_url, MASTER_KEY)
    order = []

    async def second() -> None:
        async with other.write() as tx:
            order.append((await tx.one(text("SELECT count(*) FROM clinic_keys WHERE kid = 'first'")))[0])

    async with database.write() as tx:
        waiting = asyncio.create_task(second())
        # Others are asked for the lock until the second one stands in line for it.
        while (await tx.one(WAITING))[0] == 0:
            await asyncio.sleep(0.01)
        await tx.run(text("UPDATE clinic_keys SET kid = 'first'"))
        order.append("first wrote")
    await waiting
    await other.close()
    assert order == ["first wrote", 1]


WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


async def test_a_reader_sees_one_moment(database: Database) -> None:
    async with database.read() as reading:
        before = await reading.one(text("SELECT kid FROM clinic_keys"))
        async with database.write() as tx:
            await tx.run(text("UPDATE clinic_keys SET kid = 'other'"))
        assert await reading.one(text("SELECT kid FROM clinic_keys")) == before
    async with database.read() as reading:
        assert await reading.one(text("SELECT kid FROM clinic_keys")) == ("other",)


async def test_a_reader_cannot_write(database: Database) -> None:
    async with database.read() as tx:
        with pytest.raises(DBAPIError, match="read-only"):
            await tx.run(text("UPDATE clinic_keys SET kid = 'other'"))


@pytest.fixture
def guarded(databases: PostgresDatabases) -> Iterator[None]:
    """A user who needs a password."""
    databases.sql(f"CREATE USER {GUARDED} PASSWORD '{PASSWORD}'")
    yield
    databases.sql(f"DROP OWNED BY {GUARDED}", f"DROP USER {GUARDED}")


@pytest.mark.usefixtures("guarded")
def test_a_wrong_password_is_said(databases: PostgresDatabases) -> None:
    url = databases.server.url("live", f"{GUARDED}:wrong")
    with pytest.raises(NotReached, match="does not let guarded in: is BEDSIDE_DATABASE_PASSWORD right"):
        migrate(url)


@pytest.mark.usefixtures("guarded")
def test_who_may_make_nothing_is_told_to_own_the_database(databases: PostgresDatabases) -> None:
    databases.blank("of_another")
    url = databases.server.url("of_another", f"{GUARDED}:{PASSWORD}")
    with pytest.raises(NotReached, match="let it be the database's owner"):
        migrate(url)


@pytest.mark.usefixtures("guarded")
def test_the_owner_of_a_database_needs_no_more_rights(databases: PostgresDatabases) -> None:
    databases.blank("owned")
    databases.sql(f"ALTER DATABASE owned OWNER TO {GUARDED}")
    migrate(databases.server.url("owned", f"{GUARDED}:{PASSWORD}"))
    databases.sql("DROP DATABASE owned")


def test_a_database_that_is_not_there_is_said(databases: PostgresDatabases) -> None:
    with pytest.raises(NotReached, match=f"there is no database nowhere at .*createdb -O {OWNER} nowhere"):
        migrate(databases.server.url("nowhere"))


def test_a_database_in_another_encoding_is_refused(databases: PostgresDatabases) -> None:
    databases.sql("DROP DATABASE IF EXISTS latin", "CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
    with pytest.raises(NotReached, match="keeps its text as LATIN1 and must keep UTF8"):
        migrate(databases.server.url("latin"))


@pytest.mark.parametrize("host", ["localhost:1", "/nowhere/at/all"])
def test_a_server_that_is_not_there_is_said(host: str) -> None:
    place = f"{host}/x" if ":" in host else f"/x?host={host}"
    with pytest.raises(NotReached, match=r"does not answer \(.+\): is it running\?"):
        migrate(f"postgresql+asyncpg://bedside@{place}")


async def test_opening_says_it_too(databases: PostgresDatabases) -> None:
    with pytest.raises(NotReached, match="there is no database nowhere"):
        await Database.open(databases.server.url("nowhere"), MASTER_KEY)
