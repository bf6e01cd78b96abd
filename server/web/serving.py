"""The HTTP server under the app: limits in time, nothing unpacked, and an answer of ours even to what is no HTTP."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import http_parser, web
from aiohttp.web_request import BaseRequest

from server.web import keys
from server.web.phone_side import PhoneSide
from server.web.security_headers import security_headers

log = logging.getLogger("bedside.serving")

# Also how long somebody may take to send the head of a request: a slow one costs a connection, never a handler.
# Longer than web servers in front keep theirs open, so that they never reuse one we are closing.
KEEP_ALIVE_SECONDS = 75.0
SHUTDOWN_SECONDS = 2.0
UNREADABLE = "This request cannot be read. Nothing was changed.\n"  # shown to programs, never to people


class SlowParser(Exception):
    """aiohttp came without its C parser; the Python one has been open to smuggled requests."""


class Runner(web.AppRunner):
    """Bodies are never unpacked: nothing we take is sent compressed, and a small one may grow without end.

    aiohttp's access log stays off, because addresses may hold tokens; the middleware logs patterns.
    """

    __slots__ = ("_headers",)

    def __init__(self, app: web.Application) -> None:
        check_parser()
        super().__init__(app, shutdown_timeout=SHUTDOWN_SECONDS, **LIMITS)
        site = app[keys.SITE]
        self._headers = security_headers(site, site.own_host)

    @property
    def server(self) -> Any:
        """What makes a protocol for each new connection."""
        server = super().server
        return server and (lambda: Protocol(server, self._headers))


class Protocol(web.RequestHandler):
    """One connection. Only what never reaches the app is answered here."""

    __slots__ = ("_headers",)

    def __init__(self, server: web.Server, headers: dict[str, str]) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **LIMITS)
        self._headers = headers

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Repeats nothing of what was sent: it may be a token."""
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer is out already")
        log.info("answered %s to what cannot be read: %s", status, type(exc).__name__)
        response = web.Response(status=status, text=UNREADABLE, headers=self._headers)
        response.force_close()
        return response


LIMITS: dict[str, Any] = {
    "auto_decompress": False,
    "access_log": None,
    "keepalive_timeout": KEEP_ALIVE_SECONDS,
    # How long the rest of a refused body is read and thrown away, so that its sender gets to see the answer.
    "lingering_time": 2.0,
}


def check_parser() -> None:
    """Raises SlowParser."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise SlowParser("aiohttp's C parser is missing; install aiohttp from its binary package")


@asynccontextmanager
async def listening(
    app: web.Application, *, hosts: tuple[str, ...], port: int, phone: PhoneSide | None = None
) -> AsyncIterator[None]:
    """The app, reachable; stopped in order when the block is left.

    Raises OSError when the first of `hosts` or the `phone` side cannot be listened on; the others are there if the
    machine has them.
    """
    runner = Runner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, hosts[0], port).start()
        if phone is not None:
            await web.TCPSite(
                runner, phone.address, phone.port, ssl_context=phone.certificate.context()
            ).start()
        for host in hosts[1:]:
            with suppress(OSError):
                await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


async def until_told_to_stop() -> None:
    """Returns at SIGINT or SIGTERM."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
