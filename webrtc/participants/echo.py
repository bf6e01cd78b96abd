"""The connection test: hears and shows you yourself, two seconds late, through the same relay as the visit."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from webrtc.participants.figures import Sample, Tried, report_of
from webrtc.participants.line import Line
from webrtc.participants.media import VIDEO_CLOCK
from webrtc.participants.participant import Participant
from webrtc.participants.wires import RoomWire
from webrtc.protocol import ROUTES, EchoNews, EchoReport, Quality, Route
from webrtc.relay_client import RelayGone, RelayRefused
from webrtc.room import Room
from webrtc.rooms import Rooms
from webrtc.seats import Seat

log = logging.getLogger(__name__)

SEAT = "echo"
MAX_WIDTH, MAX_HEIGHT, MAX_FPS = 320, 240, 15
LOOK_SECONDS = 1.0
# Two seconds of the smallest frames a sender may make, and some room; what is more is dropped, not kept.
HELD = {"video": 64, "audio": 512}


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoRules:
    """All in seconds. The first way that works is looked at for `seconds`, the others briefly; with every wait at its
    longest it is under a minute."""

    seconds: float = 10.0
    delay: float = 2.0
    brief: float = 3.0
    # A browser that cannot get through finds out by waiting; on a slow phone network it is there within three seconds.
    connect: float = 8.0
    silence: float = 3.0

    @property
    def longest(self) -> float:
        """Nothing gets through over the first way, and over the others at the last moment, without a sound."""
        return len(ROUTES) * (self.connect + self.silence) + self.seconds + self.delay


class Late(MediaStreamTrack):
    """What was put in, a while later."""

    def __init__(self, kind: str, delay: float) -> None:
        super().__init__()
        self.kind = kind
        self._delay = delay
        self._held: deque[tuple[float, Any]] = deque(maxlen=HELD[kind])
        self._some = asyncio.Event()

    def put(self, frame: VideoFrame | AudioFrame) -> None:
        self._held.append((asyncio.get_running_loop().time(), frame))
        self._some.set()

    async def recv(self) -> Any:
        while not self._held:
            self._some.clear()
            await self._some.wait()
        due = self._held[0][0] + self._delay
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return self._held.popleft()[1]


class EchoMedia:
    """Everything that comes in goes out late, the picture made small."""

    def __init__(self, delay: float) -> None:
        self.heard = asyncio.Event()
        self.counted = {"video": 0, "audio": 0}
        self._late = {kind: Late(kind, delay) for kind in ("video", "audio")}
        self._last_picture = -1.0

    def outgoing(self, kind: str, seat: str) -> MediaStreamTrack:
        return self._late[kind]

    async def incoming(self, track: MediaStreamTrack, seat: str) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.heard.set()
                self.counted[track.kind] += 1
                if isinstance(frame, VideoFrame):
                    self._take_picture(frame)
                elif isinstance(frame, AudioFrame):
                    self._late["audio"].put(frame)

    def _take_picture(self, frame: VideoFrame) -> None:
        now = asyncio.get_running_loop().time()
        # A little slack, or a sender at exactly the limit would lose every second picture.
        if now - self._last_picture < 0.9 / MAX_FPS:
            return
        self._last_picture = now
        small = _fitted(frame)
        small.pts, small.time_base = int(now * VIDEO_CLOCK), Fraction(1, VIDEO_CLOCK)
        self._late["video"].put(small)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitter:
    """Who is tested: a seat, for as long as the same page sits there."""

    seat: Seat
    page: str

    @property
    def there(self) -> bool:
        return self.seat.present and self.seat.page == self.page

    @property
    def impatient(self) -> bool:
        return self.seat.skipped.is_set() or not self.there

    def begin(self, route: Route) -> None:
        self.seat.route, self.seat.figures = route, Quality()
        self.seat.skipped.clear()

    async def waits(self, echo: Participant, seconds: float, true: Callable[[], bool]) -> bool:
        """Whether it became true in time; somebody who skips or leaves does not wait for it."""
        with contextlib.suppress(TimeoutError):
            await echo.until(lambda: true() or self.impatient, seconds=seconds)
        return true()


Tell = Callable[..., Awaitable[None]]


class EchoTests:
    """Tests the connection of whoever sits in a room; at most `max_tests` at once."""

    def __init__(self, rooms: Rooms, max_tests: int, *, rules: EchoRules | None = None) -> None:
        self._rooms = rooms
        self._rules = rules or EchoRules()
        self._line = Line(max_tests)

    async def run(self, room_id: str, *, seat: str = "patient") -> EchoReport | None:
        """Test the connection of this seat, tell it, end the room.

        None when nothing can be said about it: the page is gone, or the trouble is ours.
        """
        room = self._rooms.open(room_id)
        taken = room.seat(seat)
        if taken is None:
            return None
        sitter = Sitter(seat=taken, page=taken.page)

        async def tell(state: str, **facts: Any) -> None:
            if sitter.there:
                await room.tell(seat, EchoNews(**{"position": None, "report": None, **facts}, state=state))

        async with self._line.turn(lambda place: tell("queued", position=place)):
            tried = [each async for each in self._routes(room, sitter, tell)]
        if not sitter.there:
            return None  # another page may have taken the seat, and its own test is not ours to end
        works = any(each.works for each in tried)
        # Half a test without a result proves nothing about the other half.
        report = report_of(tried) if works or len(tried) == len(self._rooms.routes) else None
        await tell("done" if works or taken.skipped.is_set() else "failed", report=report)
        await self._rooms.close(room_id, reason="finished")
        return report

    async def _routes(self, room: Room, sitter: Sitter, tell: Tell) -> AsyncIterator[Tried]:
        """Each way on its own; what was skipped before it was known is left out. One good look is enough."""
        seconds = self._rules.seconds + self._rules.delay
        for route in self._rooms.routes:
            if not sitter.there:
                return
            sitter.begin(route)
            await tell("running", route=route)
            try:
                tried = await self._try(room, sitter, route, seconds)
            except (RelayGone, RelayRefused):
                log.warning("a connection test came to nothing", exc_info=True)
                return
            if tried is not None:
                yield tried
                seconds = self._rules.brief if tried.works else seconds

    async def _try(self, room: Room, sitter: Sitter, route: Route, seconds: float) -> Tried | None:
        media = EchoMedia(self._rules.delay)
        wire = RoomWire(room, seat=SEAT, role=SEAT, name="", admitted=True)
        echo = Participant(wire, media)
        seat = sitter.seat.seat
        # The owner is this method: it is cancelled and awaited below.
        running = asyncio.create_task(echo.run())  # noqa: TID251 -- owned by this method
        try:
            if await sitter.waits(echo, self._rules.connect, lambda: echo.connected(seat)):
                return await self._look(echo, media, sitter, route, seconds)
            # Without a pair at the relay the person's own line was never tried.
            untried = sitter.impatient or not echo.peers
            return None if untried else Tried(route=route, works=False)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await echo.close()
            await wire.leave()

    async def _look(
        self, echo: Participant, media: EchoMedia, sitter: Sitter, route: Route, seconds: float
    ) -> Tried | None:
        """Let it run, and look once a second; ends early when the person leaves or skips the rest."""
        # Kept from here on: while it is waited below, the person may leave or come back on another page.
        connection = echo.peers[sitter.seat.seat].pc
        # Somebody without camera and microphone still learns whether they reach us.
        heard = await sitter.waits(echo, self._rules.silence, media.heard.is_set)
        samples, stats = [], list((await connection.getStats()).values())
        for _ in range(round(seconds / LOOK_SECONDS) if heard else 1):
            samples.append(_sample(stats))
            if await sitter.waits(echo, LOOK_SECONDS, lambda: not echo.connected(sitter.seat.seat)):
                return None
            stats = list((await connection.getStats()).values())
            if sitter.impatient:
                break
        return Tried(
            route=route,
            works=True,
            stats=stats,
            samples=[*samples, _sample(stats)],
            theirs=sitter.seat.figures,
        )


def _fitted(frame: VideoFrame) -> VideoFrame:
    """At most 320×240 with the shape kept; even sides, because chroma has half of them."""
    scale = min(1.0, MAX_WIDTH / frame.width, MAX_HEIGHT / frame.height)
    width, height = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    return frame.reformat(width=width, height=height, format="yuv420p")


def _sample(stats: Sequence[Any]) -> Sample:
    wires = {each.id: each for each in stats if each.type == "transport"}.values()
    return Sample(
        at=asyncio.get_running_loop().time(),
        received=sum(each.bytesReceived for each in wires),
        sent=sum(each.bytesSent for each in wires),
    )
