"""Who is told when something changed: topics with a count, nothing more.

A subscriber that was away just sees a higher count and fetches the truth again, so a missed event loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

BOARD = "board"
# Proxies drop silent connections; a comment line keeps this one open.
HEARTBEAT_SECONDS = 20


def encounter_topic(encounter_id: str) -> str:
    return f"encounter:{encounter_id}"


def patient_topic(patient_id: str) -> str:
    """Whatever the patient's chart or own pages show."""
    return f"patient:{patient_id}"


class Changes:
    """Publish after the commit, never inside a transaction: a reader must find what it is told about."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.over = False

    def publish(self, *topics: str) -> None:
        for topic in topics:
            for changed in self._waiting.get(topic, ()):
                changed.set()

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


async def stream(request: web.Request, changes: Changes, *topics: str) -> web.StreamResponse:
    """Server-sent events: one `data:` line at once, so that a page that reconnects re-reads, then one per change.

    Ended when the server stops, so that pages look for the next one at once.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    news = aiter(changes.subscribe(*topics))
    upcoming = asyncio.ensure_future(anext(news))
    try:
        await response.write(b"data: connected\n\n")
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=HEARTBEAT_SECONDS)
            if not done:
                await response.write(b": still here\n\n")
                continue
            if changes.over:
                break
            await response.write(b"data: changed\n\n")
            upcoming = asyncio.ensure_future(anext(news))
        return response
    except (ConnectionResetError, asyncio.CancelledError):
        return response
    finally:
        upcoming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await upcoming
