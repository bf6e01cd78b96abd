"""The connection test: hears and shows you yourself, two seconds late, through the same relay as the visit."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

from webrtc.participants.media import VIDEO_CLOCK
from webrtc.participants.participant import Participant
from webrtc.participants.wires import RoomWire
from webrtc.protocol import EchoNews, EchoReport
from webrtc.relay_client import RelayGone, RelayRefused
from webrtc.rooms import Rooms

log = logging.getLogger(__name__)

SEAT = "echo"
MAX_WIDTH, MAX_HEIGHT, MAX_FPS = 320, 240, 15
CONNECT_SECONDS = 15.0
# Two seconds of the smallest frames a sender may make, and some room; what is more is dropped, not kept.
HELD = {"video": 64, "audio": 512}


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoRules:
    max_tests: int = 3
    seconds: float = 10.0
    delay: float = 2.0


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


class EchoTests:
    """At most `max_tests` at once; the others wait their turn and are told their place."""

    def __init__(self, rooms: Rooms, max_tests: int, *, seconds: float = 10.0, delay: float = 2.0) -> None:
        self._rooms = rooms
        self._rules = EchoRules(max_tests=max_tests, seconds=seconds, delay=delay)
        self._running = 0
        self._queue: list[tuple[str, str, asyncio.Event]] = []

    async def run(self, room_id: str, *, seat: str = "patient") -> EchoReport | None:
        """Test the connection of this seat, tell it, end the room. None when nothing could be measured."""
        page = self._page(room_id, seat)
        async with self._turn(room_id, seat):
            try:
                report = await self._test(room_id, seat)
            except (TimeoutError, RelayGone, RelayRefused):
                log.warning("a connection test came to nothing", exc_info=True)
                report = None
        if self._page(room_id, seat) != page:
            return None  # another page has taken the seat since, and its own test is not ours to end
        state = "failed" if report is None else "done"
        await self._tell(room_id, seat, EchoNews(state=state, position=None, report=report))
        await self._rooms.close(room_id, reason="finished")
        return report

    async def _test(self, room_id: str, seat: str) -> EchoReport | None:
        await self._tell(room_id, seat, EchoNews(state="running", position=None, report=None))
        media = EchoMedia(self._rules.delay)
        wire = RoomWire(self._rooms.open(room_id), seat=SEAT, role=SEAT, name="", admitted=True)
        echo = Participant(wire, media)
        # The owner is this method: it is cancelled and awaited below.
        running = asyncio.create_task(echo.run())  # noqa: TID251 -- owned by this method
        try:
            await echo.until(lambda: echo.connected(seat), seconds=CONNECT_SECONDS)
            async with asyncio.timeout(CONNECT_SECONDS):
                await media.heard.wait()
            await self._let_it_run(echo, seat)
            return await self._measure(echo, room_id, seat)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await echo.close()
            await wire.leave()

    async def _let_it_run(self, echo: Participant, seat: str) -> None:
        """Ends early when the person leaves: nobody else should wait for an empty room."""
        with contextlib.suppress(TimeoutError):
            await echo.until(
                lambda: not echo.connected(seat), seconds=self._rules.seconds + self._rules.delay
            )

    async def _measure(self, echo: Participant, room_id: str, seat: str) -> EchoReport | None:
        if not echo.connected(seat):
            return None
        stats = list((await echo.peers[seat].pc.getStats()).values())
        return _report(
            stats,
            transport=self._rooms.transport(room_id, seat),
            seconds=self._rules.seconds + self._rules.delay,
        )

    @contextlib.asynccontextmanager
    async def _turn(self, room_id: str, seat: str) -> AsyncIterator[None]:
        if self._running >= self._rules.max_tests:
            await self._wait_in_line(room_id, seat)
        else:
            self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            self._next()
            await self._tell_places()

    async def _wait_in_line(self, room_id: str, seat: str) -> None:
        place = (room_id, seat, asyncio.Event())
        self._queue.append(place)
        try:
            await self._tell_places()
            await place[2].wait()
        except BaseException:
            if place in self._queue:
                self._queue.remove(place)
            else:  # called up and gone in the same moment: the next one may come
                self._running -= 1
                self._next()
            raise

    def _next(self) -> None:
        if self._queue and self._running < self._rules.max_tests:
            # Taken here and not by the one who wakes up, or two could take the same place.
            self._running += 1
            self._queue.pop(0)[2].set()

    async def _tell_places(self) -> None:
        for number, (room_id, seat, _) in enumerate(list(self._queue), start=1):
            await self._tell(room_id, seat, EchoNews(state="queued", position=number, report=None))

    def _page(self, room_id: str, seat: str) -> str | None:
        room = self._rooms.find(room_id)
        return room.page(seat) if room is not None else None

    async def _tell(self, room_id: str, seat: str, message: EchoNews) -> None:
        room = self._rooms.find(room_id)
        if room is not None:
            await room.tell(seat, message)


def _fitted(frame: VideoFrame) -> VideoFrame:
    """At most 320×240 with the shape kept; even sides, because chroma has half of them."""
    scale = min(1.0, MAX_WIDTH / frame.width, MAX_HEIGHT / frame.height)
    width, height = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    return frame.reformat(width=width, height=height, format="yuv420p")


def _report(stats: list[Any], *, transport: str | None, seconds: float) -> EchoReport:
    """aiortc's counters as the report; up is from the page to us."""
    inbound = [each for each in stats if each.type == "inbound-rtp"]
    remote = [each for each in stats if each.type == "remote-inbound-rtp"]
    outbound = [each for each in stats if each.type == "outbound-rtp"]
    wires = {each.id: each for each in stats if each.type == "transport"}.values()
    trips = [each.roundTripTime for each in remote if each.roundTripTime]
    sound = [each.jitter for each in inbound if each.kind == "audio"]
    return EchoReport(
        transport=transport,
        rtt_ms=min(trips) * 1000 if trips else None,
        jitter_ms=max(sound) / 48 if sound else None,  # counted in ticks of a 48 kHz clock
        loss_up=_share(
            sum(max(0, each.packetsLost) for each in inbound), sum(each.packetsReceived for each in inbound)
        ),
        loss_down=_share(
            sum(max(0, each.packetsLost) for each in remote), sum(each.packetsSent for each in outbound)
        )
        if remote
        else None,
        bitrate_up=sum(each.bytesReceived for each in wires) * 8 / seconds,
        bitrate_down=sum(each.bytesSent for each in wires) * 8 / seconds,
    )


def _share(lost: int, arrived: int) -> float | None:
    return min(1.0, lost / (lost + arrived)) if lost + arrived else None
