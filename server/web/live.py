"""Who is told when something changed: topics with a count, nothing more.

A subscriber that was away just sees a higher count and fetches the truth again, so a missed event loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from server.store.reaching import RecordsOutOfReach

BOARD = "board"
# Proxies drop silent connections, and a page that hears nothing for longer than two of these looks for another one: a
# connection can die without a word.
HEARTBEAT_SECONDS = 20.0


def encounter_topic(encounter_id: str) -> str:
    return f"encounter:{encounter_id}"


def patient_topic(patient_id: str) -> str:
    """Whatever the patient's chart or own pages show."""
    return f"patient:{patient_id}"


class Changes:
    """Publish after the commit, never inside a transaction: a reader must find what it is told about."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        # Of what snapshots are taken of; a count for every visit would never be forgotten.
        self._counts = {BOARD: 0}
        self.over = False

    def publish(self, *topics: str) -> None:
        for topic in topics:
            if topic in self._counts:
                self._counts[topic] += 1
            for changed in self._waiting.get(topic, ()):
                changed.set()

    def count(self, topic: str) -> int:
        """How often it was published; a count that is the same as before says that nothing was."""
        return self._counts[topic]

    def close(self) -> None:
        """The server stops: nobody waits for news any more."""
        self.over = True
        self.publish(*self._waiting)

    async def subscribe(self, *topics: str) -> AsyncIterator[None]:
        """Yields once for every change or burst of changes of any of them."""
        changed = asyncio.Event()
        for topic in topics:
            self._waiting.setdefault(topic, set()).add(changed)
        try:
            while True:
                await changed.wait()
                changed.clear()
                yield
        finally:
            for topic in topics:
                self._waiting[topic].discard(changed)
                if not self._waiting[topic]:
                    del self._waiting[topic]


Look = Callable[[], Awaitable[str]]


async def stream(
    request: web.Request, changes: Changes, *topics: str, number: Look | None = None, every: float = 0.0
) -> web.StreamResponse:
    """Server-sent events: one `data:` line at once, so that a page that reconnects looks anew, then one per change.

    With `number` each says the newest snapshot's, which is looked at again `every` so many seconds: minutes pass too.
    Ended when the server stops, so that pages look for the next one at once.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    news = aiter(changes.subscribe(*topics))
    upcoming = asyncio.ensure_future(anext(news))
    pause = min(every or HEARTBEAT_SECONDS, HEARTBEAT_SECONDS)
    try:
        told = await number() if number else ""
        await response.write(_line("connected", told))
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=pause)
            if changes.over:
                break
            before, told = told, await number() if number else told
            if done or told != before:
                await response.write(_line("changed", told))
            else:
                await response.write(b"event: beat\ndata:\n\n")
            if done:
                upcoming = asyncio.ensure_future(anext(news))
        return response
    except (ConnectionResetError, asyncio.CancelledError, RecordsOutOfReach):
        # The page comes back by itself, and then is told.
        return response
    finally:
        upcoming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await upcoming


def _line(word: str, number: str) -> bytes:
    return f"data: {word} {number}".rstrip().encode() + b"\n\n"
