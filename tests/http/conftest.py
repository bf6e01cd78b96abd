"""The house as it is served for real: its own HTTP server with its limits, on a port of the test's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import unused_port

from server.care.self_booking import Mode
from server.services import passwords, totp
from server.store import accounts, second_factors
from server.store.database import Database
from server.web import keys
from server.web.serving import Runner
from tests.clocks import StoppedClock
from tests.conftest import (
    MASTER_KEY,
    OpenVisitor,
    Page,
    Visitor,
    house_on,
    signing_in,
    visitors,
)
from tests.databases import Databases
from tests.http.outsiders import Scene, Staged, cookies_of, empty_rooms, set_scene
from tests.http.phones import Phone
from tests.http.self_booking import Booking
from tests.people import Cast

PASSWORD = "seven lanterns on the pier"


@dataclass(frozen=True, slots=True)
class Wire:
    """A way to say to the server what no browser would say."""

    port: int

    async def say(self, text: bytes, *, seconds: float = 5.0) -> bytes:
        """Everything the server answers until it closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(text)
            return await asyncio.wait_for(reader.read(), seconds)
        finally:
            writer.close()

    def get(self, path: str, *headers: str) -> bytes:
        lines = (f"GET {path} HTTP/1.1", f"Host: localhost:{self.port}", "Connection: close", *headers)
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.fixture
async def wire(app: web.Application, port: int) -> AsyncIterator[Wire]:
    runner = Runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield Wire(port)
    await runner.cleanup()


@pytest.fixture
def self_booking() -> Mode:
    """Whether people who were never here book online."""
    return "desk"


@pytest.fixture
def first_time() -> timedelta:
    """How far ahead the first time is that the public page offers."""
    return timedelta()


@pytest.fixture
def self_booking_is_open(app: web.Application, self_booking: Mode, first_time: timedelta) -> None:
    app[keys.SELF_BOOKING] = replace(app[keys.SELF_BOOKING], mode=self_booking, notice=first_time)


@pytest.fixture
async def booking(self_booking_is_open: None, new_visitor: Callable[[], Awaitable[Visitor]]) -> Booking:
    """Somebody on the public page."""
    return Booking(await new_visitor())


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.HASHER.hash(PASSWORD)


@pytest.fixture
def give_password(database: Database, password_hash: str) -> Callable[[str], Awaitable[str]]:
    """`await give_password(account_id)`: the password the account has from now on."""

    async def give(account_id: str, *, as_hash: str = password_hash) -> str:
        async with database.write() as tx:
            await accounts.set_password(tx, account_id, as_hash)
        return PASSWORD

    return give


@pytest.fixture
def give_phone(database: Database, clock: StoppedClock) -> Callable[[str], Awaitable[Phone]]:
    """`await give_phone(account_id)`: an app that was set up for the account yesterday, and its codes kept."""

    async def give(account_id: str) -> Phone:
        secret, yesterday = totp.new_secret(), clock.now() - timedelta(days=1)
        async with database.write() as tx:
            await second_factors.put(tx, account_id, secret=secret, step=0, now=yesterday)
            await second_factors.keep_codes(tx, account_id, yesterday)
        return Phone(secret, clock)

    return give


SignIn = Callable[..., Awaitable[Page]]


@pytest.fixture
def through_both(give_phone: Callable[[str], Awaitable[Phone]]) -> SignIn:
    """`await through_both(visitor, account_id, email=…, password=…)`: both halves with a new phone; the last answer."""

    async def sign_in(visitor: Visitor, account_id: str, **fields: str) -> Page:
        phone = await give_phone(account_id)
        half = await visitor.post("/sign-in", **fields)
        assert (half.status, half.location) == (303, "/sign-in/code")
        return await visitor.post("/sign-in/code", code=phone.code())

    return sign_in


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def staged(databases: Databases, settled: Cast, tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Mira's things, and everybody who might come for them, put into a copy once."""
    if "staged" not in databases.made:
        clock, port, data = StoppedClock(), unused_port(), tmp_path_factory.mktemp("staged")
        database = await Database.open(databases.begin("settled"), MASTER_KEY)
        async with visitors(house_on(database, clock, port=port, data=data), port) as new_visitor:
            sign_in = signing_in(new_visitor, database, clock)
            scene = await set_scene(
                database=database, clock=clock, cast=settled, new_visitor=new_visitor, sign_in=sign_in
            )
            cookies = {name: cookies_of(caller) for name, caller in scene.callers.items()}
        await database.close()
        databases.keep("staged")
        databases.made["staged"] = Staged(scene.miras, cookies)
    return databases.made["staged"]


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: str, staged: Staged) -> str:
    return "staged" if "scene" in request.fixturenames else beginning


@pytest.fixture
async def scene(database_url: str, database: Database, staged: Staged, new_visitor: OpenVisitor) -> Scene:
    """Mira's things, and everybody who might come for them."""
    return await staged.scene(database_url, database, new_visitor)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_scene(
    databases: Databases, staged: Staged, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """One scene for all tests of a file that change nothing, each of which makes sure of that."""
    clock, port, data = StoppedClock(), unused_port(), tmp_path_factory.mktemp("standing")
    url = databases.another("staged", "standing")
    database = await Database.open(url, MASTER_KEY)
    app = house_on(database, clock, port=port, data=data)
    app[keys.ROOMS] = empty_rooms(clock)
    async with visitors(app, port) as new_visitor:
        yield await staged.scene(url, database, new_visitor)
    await database.close()
