"""Rooms: find, open, close; one Room per live visit. Keeps their time and carries the relay's news to them."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from webrtc.ice_servers import TurnPool
from webrtc.mesh import RelaySource
from webrtc.pairs import ROOM_NAME, RelayControl, found_pair
from webrtc.protocol import Route
from webrtc.relay_client import PairInfo, RelayEvent, RelayGone, RelayRefused
from webrtc.room import Ending, Listener, Room
from webrtc.room_settings import RoomSettings

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
# Longer than the old server takes to go, so that nobody calls at a closed door more often than needed.
RETRY_MS = 1000


class Relay(RelayControl, Protocol):
    """What Rooms asks of the relay beyond what a room does."""

    on_event: Callable[[RelayEvent], None] | None

    async def list(self) -> list[PairInfo]: ...
    async def stats(self) -> dict[str, Any]: ...


class Relays(RelaySource, Protocol):
    @property
    def client(self) -> Relay: ...


async def _no_record() -> None:
    """Nobody keeps one."""


class Rooms:
    """`start` once, `close_all` once. `clock` gives seconds that only ever rise."""

    def __init__(self, relay: Relays, settings: RoomSettings, clock: Callable[[], float]) -> None:
        self._relay = relay
        self._settings = settings
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._listeners: list[Listener] = []
        self._news: asyncio.Queue[RelayEvent] = asyncio.Queue()
        self._running: asyncio.Task[None] | None = None
        # Returns when the events so far are in the record; set by who keeps one, who also bounds it, before `start`.
        self.written: Callable[[], Awaitable[None]] = _no_record
        # What ended a page's socket, by its code in PROTOCOL.md; `unread` for a page that did not keep up.
        self.refused: Counter[str] = Counter()

    @property
    def media_port(self) -> int:
        """The port the relay takes packets on."""
        return self._relay.client.port

    @property
    def lease_seconds(self) -> float:
        """How long a seat is kept for a page that is not heard of."""
        return self._settings.lease_seconds

    @property
    def routes(self) -> tuple[Route, ...]:
        """What a connection test has to try."""
        return self._settings.carrier.routes

    @property
    def pool_beside(self) -> TurnPool | None:
        """The TURN servers that lead to the relay; those that carry the calls themselves lead to none."""
        return self._settings.carrier.pool if self._settings.carrier.holds_packets else None

    @property
    def calls(self) -> int:
        """How many pairs of people hear each other right now."""
        return sum(room.calls for room in self._rooms.values())

    async def relay_stats(self) -> dict[str, Any] | None:
        """What the relay carries and has refused (CONTROL.md); None while it does not answer."""
        try:
            return await self._relay.client.stats()
        except (RelayGone, RelayRefused):
            return None

    async def start(self) -> None:
        """Find the calls that outlived the last web server, then keep time."""
        await self.rebuild()
        # The owner is this object: close_all() cancels and awaits it.
        self._running = asyncio.create_task(self._run())  # noqa: TID251 -- owned by this object

    def on_event(self, listener: Listener) -> None:
        """Hear the events of every room, also of those opened later."""
        self._listeners.append(listener)
        for room in self._rooms.values():
            room.on_event(listener)

    def open(self, room_id: str) -> Room:
        """The room of this name, made if there is none; one that was stopped is not opened again."""
        if not ROOM_NAME.fullmatch(room_id):
            raise ValueError(f"not a room's name: {room_id!r}")
        room = self._rooms.get(room_id)
        if room is None or room.ended is not None:
            room = Room(
                room_id,
                relay=self._relay,
                settings=self._settings,
                clock=self._clock,
                written=self.written,
            )
            for listener in self._listeners:
                room.on_event(listener)
            self._rooms[room_id] = room
        room.touch()
        return room

    def find(self, room_id: str) -> Room | None:
        return self._rooms.get(room_id)

    async def close(self, room_id: str, *, reason: Ending) -> None:
        """End the visit's call for everybody in it; no room is no mistake."""
        room = self._rooms.get(room_id)
        if room is not None:
            await room.close(reason)
            if self._rooms.get(room_id) is room:
                del self._rooms[room_id]

    def transport(self, room_id: str, seat: str) -> str | None:
        """The way this seat's packets go (PROTOCOL.md, `way`); None while they do not get through."""
        room = self._rooms.get(room_id)
        return room.transport(seat) if room is not None else None

    async def close_all(self) -> None:
        """Say goodbye and let go: the relay keeps the calls, and the next web server finds them again."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
            self._running = None
        for room in list(self._rooms.values()):
            await room.say_going_away(retry_ms=RETRY_MS)
        self._rooms.clear()

    async def rebuild(self) -> None:
        """Take over what the relay still holds, without touching any of it."""
        try:
            self._relay.client.on_event = self._news.put_nowait
            infos = await self._relay.client.list()
        except (RelayGone, RelayRefused):
            log.exception("the relay could not be asked for its pairs")
            return
        for info in infos:
            pair = found_pair(info)
            if pair is None:
                log.warning("the relay holds a pair that is none of ours: %s", info.pair)
            else:
                self.open(pair.room).found(pair)

    async def relay_lost(self) -> None:
        """Give this to RelayProcess as `on_lost`: nobody hears anybody, and the records should know since when."""
        for room in list(self._rooms.values()):
            await room.relay_lost()

    async def relay_restarted(self) -> None:
        """Give this to RelayProcess as `on_restarted`."""
        self._relay.client.on_event = self._news.put_nowait
        for room in list(self._rooms.values()):
            await room.relay_restarted()

    async def tick(self) -> None:
        """Let leases run out, try again what failed, forget rooms nobody is in or that are over."""
        for room_id, room in list(self._rooms.items()):
            await room.tick()
            # Meanwhile it may have been closed, and even opened anew.
            if (room.idle or room.ended is not None) and self._rooms.get(room_id) is room:
                del self._rooms[room_id]

    async def take_news(self, event: RelayEvent) -> None:
        for room in list(self._rooms.values()):
            if event.pair.startswith(f"{room.id}/"):
                await room.relay_event(event)

    async def _run(self) -> None:
        due = self._clock() + TICK_SECONDS
        while True:
            try:
                async with asyncio.timeout(max(0.0, due - self._clock())):
                    event = await self._news.get()
            except TimeoutError:
                due = self._clock() + TICK_SECONDS
                await self._safely(self.tick())
            else:
                await self._safely(self.take_news(event))

    async def _safely(self, turn: Awaitable[None]) -> None:
        try:
            await turn
        except Exception:  # one room's trouble must not stop the time of all others
            log.exception("a room's turn failed")
