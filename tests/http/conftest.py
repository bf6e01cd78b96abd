"""The house as it is served for real: its own HTTP server with its limits, on a port of the test's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web

from server.services import passwords, totp
from server.store import accounts, second_factors
from server.store.database import Database
from server.web.serving import Runner
from tests.clocks import StoppedClock
from tests.conftest import Page, Visitor
from tests.http.outsiders import Scene, set_scene
from tests.http.phones import Phone
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


@pytest.fixture
async def scene(
    database: Database,
    clock: StoppedClock,
    cast: Cast,
    new_visitor: Callable[[], Awaitable[Visitor]],
    sign_in: Callable[[str], Awaitable[Visitor]],
) -> Scene:
    """Mira's things, and everybody who might come for them."""
    return await set_scene(
        database=database, clock=clock, cast=cast, new_visitor=new_visitor, sign_in=sign_in
    )
