"""What every test may ask for: a stopped clock, a database with the cast in it, the app, and people signed in."""

import html
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from hypothesis import HealthCheck, settings

from server.store import sessions
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey
from server.web import keys
from tests.builders import house_config
from tests.clocks import StoppedClock
from tests.people import Cast, settle

# How fast something is belongs into bench/: on a busy machine a slow example is no wrong one.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

MASTER_KEY = MasterKey.of(b"a key that is only ever used in tests"[:32])


@pytest.fixture(scope="session")
def empty_database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once; every test gets a copy."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def database_url(tmp_path: Path, empty_database_file: Path) -> str:
    path = tmp_path / "bedside.db"
    shutil.copy(empty_database_file, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, MASTER_KEY)
    yield database
    await database.close()


@pytest.fixture
async def cast(database: Database, clock: StoppedClock) -> Cast:
    return await settle(database, clock)


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
    from server.app import create_app

    return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock, call=False)


@pytest.fixture
def server_class() -> type[TestServer]:
    return TestServer


@pytest.fixture
async def new_visitor(
    app: web.Application, port: int, server_class: type[TestServer]
) -> AsyncIterator[Callable[[], Awaitable[Visitor]]]:
    """A function that opens one more browser on the same server."""
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
