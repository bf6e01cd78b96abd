"""The database goes away, or is busy, while pages are served: it is said calmly, and is over by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from server.services import appointments
from server.store.database import Database
from server.store.engines import READERS
from server.store.reaching import RecordsOutOfReach
from tests.conftest import MASTER_KEY, Page, Visitor
from tests.databases import Databases, PostgresDatabases
from tests.http.test_forms_at_the_wrong_moment import REPLY, kept
from tests.people import Cast

pytestmark = pytest.mark.both_databases

SENTENCE = "The clinic's records cannot be reached just now."
NO_WAIT = 0.05


@pytest.fixture
async def path(database: Database, clock, cast: Cast) -> str:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    return f"/desk/messages/{visit.id}"


@asynccontextmanager
async def out_of_reach(databases: Databases, database: Database) -> AsyncIterator[None]:
    """PostgreSQL is stopped. SQLite is a file, and all that keeps it from us is somebody else who writes."""
    if isinstance(databases, PostgresDatabases):
        await asyncio.to_thread(databases.server.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(databases.server.restart)
        return
    async with database.write() as tx:
        await tx.run(text("PRAGMA busy_timeout = 0"))
    other = await Database.open(databases.live, MASTER_KEY)
    try:
        async with other.write():
            yield
    finally:
        await other.close()


@contextmanager
def impatient(engines: tuple[AsyncEngine, AsyncEngine]) -> Iterator[None]:
    """Nobody waits half a minute for a connection."""
    with pytest.MonkeyPatch.context() as patch:
        for engine in engines:
            patch.setattr(engine.sync_engine.pool, "_timeout", NO_WAIT)
        yield


async def test_what_was_typed_meanwhile_is_kept_and_sent_again_with_one_press(
    databases: Databases, database: Database, ada: Visitor, path: str, words
) -> None:
    async with out_of_reach(databases, database):
        refused = await ada.client.post(path, data={"csrf": ada.token(path), "reply": REPLY})
        page = await refused.text()
        assert (refused.status, refused.headers.get("Retry-After")) == (503, "10")
        assert SENTENCE in words(page)
    again = kept(page)
    assert again["reply"] == REPLY
    assert (await ada.post(path, **again)).status == 303
    assert "the sound up" in (await ada.get(path)).text


async def test_what_another_site_sends_meanwhile_is_not_repeated(
    databases: Databases, database: Database, ada: Visitor, path: str
) -> None:
    async with out_of_reach(databases, database):
        answer = await ada.client.post(
            path, data={"reply": REPLY}, headers={"Origin": "https://elsewhere.example"}
        )
        assert "sound up" not in await answer.text()


async def test_passwords_typed_meanwhile_are_not_put_into_a_page(
    databases: Databases, database: Database, ada: Visitor
) -> None:
    async with out_of_reach(databases, database):
        refused = await ada.post("/account/password", present="hush hush", chosen="quiet as mice")
    assert "hush" not in refused.text and "mice" not in refused.text


async def test_a_writer_that_takes_too_long_is_said_too_and_reading_goes_on(
    database: Database, engines: tuple[AsyncEngine, AsyncEngine], ada: Visitor, path: str, words
) -> None:
    token = ada.token(path)
    with impatient(engines):
        async with database.write():
            refused = await ada.post(path, csrf=token, reply=REPLY)
            assert (refused.status, SENTENCE in words(refused.text)) == (503, True)
            assert (await ada.get("/healthz")).status == 200
    assert (await ada.post(path, **kept(refused.text))).status == 303


async def test_without_a_connection_left_pages_scripts_and_machines_are_told(
    database: Database, engines: tuple[AsyncEngine, AsyncEngine], ada: Visitor, stranger: Visitor, words
) -> None:
    with impatient(engines):
        async with AsyncExitStack() as held:
            for _ in range(READERS):
                await held.enter_async_context(database.read())
            page = await ada.get("/desk/today")
            script = await ada.client.get("/desk/today", headers={"Accept": "application/json"})
            machine = await stranger.client.get("/healthz")
            assert (page.status, SENTENCE in words(page.text)) == (503, True)
            assert '<a class="button primary" href="">Try again</a>' in page.text
            assert (script.status, (await script.json())["code"]) == (503, "records-out-of-reach")
            assert (machine.status, await machine.json()) == (503, {"status": "records-out-of-reach"})
            assert machine.headers["Retry-After"] == "10"
    assert (await ada.get("/desk/today")).status == 200


@pytest.mark.postgresql
async def test_a_server_that_is_stopped_is_told_and_found_again_by_itself(
    databases: PostgresDatabases, database: Database, ada: Visitor
) -> None:
    async def seen() -> tuple[Page, Page]:
        return await ada.get("/desk/today"), await ada.get("/healthz")

    assert [page.status for page in await seen()] == [200, 200]
    async with out_of_reach(databases, database):
        assert [page.status for page in await seen()] == [503, 503]
    assert [page.status for page in await seen()] == [200, 200]


async def test_a_statement_that_is_wrong_is_no_trouble_of_the_databases(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as problem:
        async with database.read() as tx:
            await tx.one(text("SELECT 1 FROM nowhere"))
    assert not isinstance(problem.value, RecordsOutOfReach)
