"""The house as it is served for real: its own HTTP server with its limits, on a port of the test's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from aiohttp import web

from server.services import passwords
from server.store import accounts
from server.store.database import Database
from server.web.serving import Runner

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
