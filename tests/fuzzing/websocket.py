"""A page's end of a WebSocket with nothing between it and the wire: any bytes in any frame, in any order."""

import asyncio
import json
from typing import Any

from aiohttp.test_utils import TestServer

from server.web.serving import Runner
from tests.conftest import Visitor
from tests.fuzzing.seeds import seeds

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
PATIENTLY = 60


class AsServed(TestServer):
    """With the product's own HTTP server under the app, not the test library's."""

    async def _make_runner(self, **_: Any) -> Runner:
        return Runner(self.app)


def request_for(browser: Visitor, path: str, template: bytes) -> bytes:
    """The handshake of a kept input with this browser's cookies, at this visit's door."""
    url = browser.client.make_url(path)
    cookies = browser.client.session.cookie_jar.filter_cookies(url)
    held = "; ".join(f"{each.key}={each.value}" for each in cookies.values())
    filled = {b"THE-HOST": f"{url.host}:{url.port}", b"THE-PATH": path, b"THE-COOKIE": held}
    for name, value in filled.items():
        template = template.replace(name, value.encode())
    return template


class Page:
    """`heard` is what the server said, parsed; `over` is set when it said or did that it will say no more."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.heard: list[Any] = []
        self.over = False
        self.news = asyncio.Event()
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def open(cls, browser: Visitor, path: str) -> "Page":
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.client.port)
        writer.write(request_for(browser, path, seeds("handshake")["a_page.http"]))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENTLY)
        assert head.startswith(b"HTTP/1.1 101 "), head
        return cls(reader, writer)

    def say(self, data: bytes, *, first: int = 0x80 | TEXT, mask: bytes = bytes(4)) -> None:
        """One frame; nothing is done about it when the server is gone."""
        size = len(data)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 1 << 16:
            length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
        if not self.writer.is_closing():
            self.writer.write(bytes([first]) + length + mask + data)

    async def answers(self, *, until: str) -> None:
        """The server has said this type of message, or has ended the socket."""
        async with asyncio.timeout(PATIENTLY):
            while not self.over and not any(each.get("type") == until for each in self.heard):
                self.news.clear()
                await self.news.wait()

    async def go(self, *, politely: bool) -> None:
        if politely:
            self.say(b"\x03\xe8", first=0x80 | CLOSE)
            self.writer.close()
        else:
            self.writer.transport.abort()
        await asyncio.wait_for(self._listening, PATIENTLY)

    async def _listen(self) -> None:
        try:
            while not self.over:
                first, size = await self._reader.readexactly(2)
                if size >= 126:
                    size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
                data = await self._reader.readexactly(size)
                if first & 15 == TEXT:
                    self.heard.append(json.loads(data))
                self.over = first & 15 == CLOSE
                self.news.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.over = True
        self.news.set()


async def answered(port: int, data: bytes) -> bytes:
    """The first bytes of what comes back; none when the server waits for more or ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(100), PATIENTLY)
    except OSError:
        return b""
    finally:
        writer.transport.abort()
