"""What every test may ask for: a stopped clock, a database with the cast in it, the app, and people signed in."""

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web, web_app
from aiohttp.test_utils import TestClient, TestServer, unused_port
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store import database as store
from server.store import sessions, sqlite_build
from server.store.database import Database
from server.store.sealing import MasterKey
from server.web import keys
from tests.builders import house_config
from tests.clocks import StoppedClock
from tests.databases import Databases, PostgresDatabases, SqliteDatabases, databases_of
from tests.people import Cast, settle

# Two builds of SQLite in one process undo each other's locks, and a test that looks into a file has it open beside the
# server's own: so tests import the one that the server takes.
sqlite_build.use_best_build()

# How fast something is belongs into bench/: on a busy machine a slow example is no wrong one.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

MASTER_KEY = MasterKey.of(b"a key that is only ever used in tests"[:32])


KINDS = (SqliteDatabases.kind, PostgresDatabases.kind)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without the option, what is marked `both_databases` runs on both, because it says something of the database
    itself: its migrations, guards, transactions and values, who claims what, what comes back. All else runs on SQLite.

    With it, everything that asks for a database runs on that one, and nothing else; tests/long does so with PostgreSQL.
    """
    parser.addoption("--database", choices=KINDS, help="only what asks for a database, on this one")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker
    if marked("postgresql"):
        metafunc.parametrize("database_kind", KINDS[1:], indirect=True, scope="session")
    elif marked("both_databases") and not metafunc.config.option.database:
        metafunc.parametrize("database_kind", KINDS, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.database:
        return
    others = [item for item in items if "database_kind" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database it runs on."""
    return getattr(request, "param", None) or request.config.option.database or KINDS[0]


@pytest.fixture(scope="session")
def databases_by_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Databases]]:
    """Each is made when it is first asked for and stays: most files ask for both in turn, and PostgreSQL takes seconds
    to be there."""
    with ExitStack() as standing:

        @cache
        def of(kind: str) -> Databases:
            return standing.enter_context(databases_of(kind, tmp_path_factory.mktemp(kind)))

        yield of


@pytest.fixture(scope="session")
def databases(database_kind: str, databases_by_kind: Callable[[str], Databases]) -> Databases:
    """Migrated once; every test begins with a copy."""
    return databases_by_kind(database_kind)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def settled(databases: Databases) -> Cast:
    """Who is in the state of this name."""
    if "settled" not in databases.made:
        database = await Database.open(databases.begin("empty"), MASTER_KEY)
        databases.made["settled"] = await settle(database, StoppedClock())
        await database.close()
        databases.keep("settled")
    return databases.made["settled"]


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="session")
def engines(databases: Databases) -> tuple[AsyncEngine, AsyncEngine]:
    """One pair for all tests, each of which finds its own rows in the place: what was learnt of the statements is kept.

    To compile them anew for every test took longer than most tests.
    """
    if "engines" not in databases.made:
        pair = databases.made["engines"] = store.engines(databases.live)
        if databases.kind == SqliteDatabases.kind:
            for engine in pair:
                # Nothing of a test has to outlive the machine.
                event.listen(
                    engine.sync_engine, "connect", lambda made, _: made.execute("PRAGMA synchronous = OFF")
                )
    return databases.made["engines"]


@pytest.fixture
def beginning(request: pytest.FixtureRequest, settled: Cast) -> str:
    """The state a test's database begins in: with the cast in it for whoever asks for them."""
    return "settled" if "cast" in request.fixturenames else "empty"


@pytest.fixture
def database_url(databases: Databases, beginning: str) -> str:
    return databases.begin(beginning)


@pytest.fixture
async def database(database_url: str, engines: tuple[AsyncEngine, AsyncEngine]) -> AsyncIterator[Database]:
    database = await Database.over(engines, MASTER_KEY)
    yield database
    await database.close()


@pytest.fixture
def cast(database: Database, settled: Cast) -> Cast:
    return settled


@pytest.fixture
def statements(engines: tuple[AsyncEngine, AsyncEngine]) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as sent:` every statement that reaches the test's database in the block."""

    @contextmanager
    def listen() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        for engine in engines:
            event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            for engine in engines:
                event.remove(engine.sync_engine, "before_cursor_execute", note)

    return listen


@dataclass(slots=True)
class Visitor:
    """A browser's stand-in: keeps cookies, fills in the form token of the page it saw last."""

    client: TestClient[web.Request, web.Application]

    async def get(self, path: str, **options: object) -> "Page":
        response = await self.client.get(path, allow_redirects=False, **options)  # type: ignore[arg-type]
        return Page(response.status, await response.text(), response.headers.get("Location", ""))

    async def post(self, path: str, **fields: str) -> "Page":
        fields = {"csrf": self.token(path), **fields}
        response = await self.client.post(path, data=fields, allow_redirects=False)
        return Page(response.status, await response.text(), response.headers.get("Location", ""))

    def token(self, path: str = "/") -> str:
        """What a page of ours at `path` would carry for the cookies held now."""
        return form_token(self.client, path)


OpenVisitor = Callable[[], Awaitable[Visitor]]


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    text: str
    location: str


def form_token(client: TestClient[web.Request, web.Application], path: str) -> str:
    """The form token for the cookies `client` holds, made as the server makes it."""
    from server.web import csrf

    app = client.server.app  # type: ignore[attr-defined]
    jar = {cookie.key: cookie.value for cookie in client.session.cookie_jar}
    return csrf.token_for_cookies(app, jar, path)


@pytest.fixture
def port() -> int:
    return unused_port()


@pytest.fixture
async def app(
    database: Database, clock: StoppedClock, cast: Cast, port: int, tmp_path: Path
) -> web.Application:
    """The whole house on the test's database, without a relay: calls are tested in tests/media and tests/browser."""
    return house_on(database, clock, port=port, data=tmp_path)


def house_on(database: Database, clock: StoppedClock, *, port: int, data: Path) -> web.Application:
    from server.app import create_app

    # aiohttp remembers a thousand handlers, each with its whole app: gigabytes by the end of a run.
    web_app._cached_build_middleware.cache_clear()
    return create_app(house_config(port=port, data=data), database=database, clock=clock, call=False)


@pytest.fixture
def server_class() -> type[TestServer]:
    return TestServer


@pytest.fixture
async def new_visitor(
    app: web.Application, port: int, server_class: type[TestServer]
) -> AsyncIterator[Callable[[], Awaitable[Visitor]]]:
    """A function that opens one more browser on the same server."""
    async with visitors(app, port, server_class) as open_one:
        yield open_one


@asynccontextmanager
async def visitors(
    app: web.Application, port: int, server_class: type[TestServer] = TestServer
) -> AsyncIterator[OpenVisitor]:
    server = server_class(app, port=port)
    await server.start_server()
    clients: list[TestClient[web.Request, web.Application]] = []

    async def open_one() -> Visitor:
        client = TestClient(server)
        clients.append(client)
        return Visitor(client)

    yield open_one
    for client in clients:
        await client.session.close()
    await server.close()


@pytest.fixture
async def stranger(new_visitor: Callable[[], Awaitable[Visitor]]) -> Visitor:
    """Somebody without any session."""
    return await new_visitor()


@pytest.fixture
async def sign_in(
    new_visitor: Callable[[], Awaitable[Visitor]], database: Database, clock: StoppedClock
) -> Callable[[str], Awaitable[Visitor]]:
    """`await sign_in(account_id)`: a browser in which that account is signed in."""
    return signing_in(new_visitor, database, clock)


def signing_in(
    new_visitor: OpenVisitor, database: Database, clock: StoppedClock
) -> Callable[[str], Awaitable[Visitor]]:
    async def as_account(account_id: str) -> Visitor:
        visitor = await new_visitor()
        cookie = sessions.new_cookie()
        async with database.write() as tx:
            ends_at = clock.now() + visitor.client.server.app[keys.SESSIONS].absolute  # type: ignore[attr-defined]
            await sessions.open_session(
                tx, account_id=account_id, cookie=cookie, ends_at=ends_at, now=clock.now()
            )
        visitor.client.session.cookie_jar.update_cookies({"sid": cookie}, visitor.client.make_url("/"))
        return visitor

    return as_account


@pytest.fixture
async def ada(sign_in: Callable[[str], Awaitable[Visitor]], cast: Cast) -> Visitor:
    return await sign_in(cast.ada)


@pytest.fixture
async def reyes(sign_in: Callable[[str], Awaitable[Visitor]], cast: Cast) -> Visitor:
    return await sign_in(cast.reyes)


@pytest.fixture
async def okafor(sign_in: Callable[[str], Awaitable[Visitor]], cast: Cast) -> Visitor:
    return await sign_in(cast.okafor)


@pytest.fixture
async def petra(sign_in: Callable[[str], Awaitable[Visitor]], cast: Cast) -> Visitor:
    return await sign_in(cast.petra)


@pytest.fixture
def words() -> Callable[[str], str]:
    """`words(page.text)`: what a person reads, with single spaces."""

    def read(page: str) -> str:
        shown = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
        return " ".join(html.unescape(shown).replace("\u202f", " ").split())

    return read
