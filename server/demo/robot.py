"""The robot patient: a process of its own that opens its link, walks the patient's pages and sits in the call.

`python -m server.demo.robot LINK DATE-OF-BIRTH`; each line on its input asks it to come, the end of it to go.
"""

import asyncio
import logging
import re
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import aiohttp

from webrtc.participants.robot import Robot

log = logging.getLogger("bedside.robot")

COMES_BACK_SECONDS = 1.0
# What it answers, by the words it reads above the field.
ANSWERS = {
    "Where are you right now?": "12 Invented Lane, Boulder, CO",
    "Number to call you back on": "(303) 555-0199",
    "Who is with you?": "Nobody",
}
MOST_PAGES = 8


class Forms(HTMLParser):
    """The forms of a page: action, hidden values, and each field's name, kind and label."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.fields: list[list[dict[str, str]]] = []
        self.labels: dict[str, str] = {}
        self._label: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(given)
            self.fields.append([])
        elif tag in ("input", "textarea") and self.fields:
            self.fields[-1].append(given)
        elif tag == "label":
            self._label = given.get("for", "")

    def handle_data(self, data: str) -> None:
        if self._label is not None:
            self.labels[self._label] = (self.labels.get(self._label, "") + data).strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = None


def answers(page: Forms, number: int, *, born: str) -> dict[str, str]:
    """What the robot fills in: its birthday, the three answers, and every box it is asked to tick."""
    filled = {}
    for field in page.fields[number]:
        kind, name = field.get("type", "text"), field.get("name", "")
        if kind == "date":
            filled[name] = born
        elif kind in ("hidden", "checkbox"):
            filled[name] = field.get("value") or "on"
        elif name:
            filled[name] = ANSWERS.get(page.labels.get(field.get("id", ""), ""), "")
    return filled


async def walk(session: aiohttp.ClientSession, link: str, *, born: str) -> str | None:
    """From the link to the waiting room, one form after the other. The signalling address, or None."""
    address, text = link, await _text(session.get(link))
    for _ in range(MOST_PAGES):
        if found := re.search(r'<call-stage[^>]*\ssignalling="([^"]+)"', text):
            return str(urljoin(address, found[1]))
        page = Forms()
        page.feed(text)
        number = next(
            (n for n, form in enumerate(page.forms) if form.get("method", "").lower() == "post"), None
        )
        if number is None:
            return None
        target = urljoin(address, page.forms[number].get("action") or address)
        async with session.post(target, data=answers(page, number, born=born)) as response:
            address, text = str(response.url), await response.text()
    return None


async def _text(request: "aiohttp.client._RequestContextManager") -> str:
    async with request as response:
        return await response.text()


class SocketWire:
    """The robot's frames over a real WebSocket, as a browser's page would send them."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        if not self._socket.closed:
            await self._socket.send_str(text)

    async def receive(self) -> str | None:
        frame = await self._socket.receive()
        return str(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else None


async def visit(link: str, *, born: str) -> None:
    """One stay: until the visit is finished, or the room wants nothing more of it."""
    parts = urlsplit(link)
    origin = f"{parts.scheme}://{parts.netloc}"
    # Cookies on an address without a name are refused by default; localhost is fine either way.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        signalling = await walk(session, link, born=born)
        if signalling is None:
            return
        why, page = "rejoin", None
        while why in ("rejoin", "going-away", "closed"):
            async with session.ws_connect(signalling, headers={"Origin": origin}) as socket:
                robot = Robot(SocketWire(socket), size=(640, 480), fps=15, page=page)
                why = await robot.run()
                page = robot.page
            await asyncio.sleep(COMES_BACK_SECONDS)


async def main(link: str, born: str) -> None:
    """Comes once for every line on its input."""
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    staying: asyncio.Future[None] | None = None
    while await lines.readline():
        if staying is None or staying.done():
            staying = asyncio.ensure_future(_visit_safely(link, born))
    if staying is not None:
        staying.cancel()


async def _visit_safely(link: str, born: str) -> None:
    try:
        await visit(link, born=born)
    except (aiohttp.ClientError, OSError):
        log.warning("the robot could not come", exc_info=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(main(sys.argv[1], sys.argv[2]))
