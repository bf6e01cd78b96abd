"""One page's end of the signalling: what it may send how fast, and a bounded way out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from webrtc.protocol import ProtocolError, ServerMessage, dump

STEADY_PER_SECOND = 10.0
BURST = 60.0

# Puts one text frame into a bounded queue and returns; raises asyncio.QueueFull when the page does not keep up.
Send = Callable[[str], None]


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` at once, `rate` a second for ever."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Connection:
    """Made by `Room.join`. Hand every text frame to `receive`, say `left` once; stop when `closed` is set.

    `receive` raises ProtocolError only when the socket has to be closed for it.
    """

    def __init__(
        self,
        *,
        seat: str,
        page: str,
        send: Send,
        clock: Callable[[], float],
        on_text: Callable[["Connection", str], Awaitable[None]],
        on_left: Callable[["Connection"], Awaitable[None]],
    ) -> None:
        self.seat = seat
        self.page = page
        # Who sat there before this socket's page, by the name the caller of `join` has for them.
        self.after: str | None = None
        self.closed = asyncio.Event()
        self.fell_behind = False
        self._send = send
        self._clock = clock
        self._on_text = on_text
        self._on_left = on_left
        self._bucket = Bucket(rate=STEADY_PER_SECOND, burst=BURST, tokens=BURST, at=clock())

    @property
    def live(self) -> bool:
        return not self.closed.is_set()

    async def receive(self, text: str) -> None:
        if not self._bucket.take(self._clock()):
            raise ProtocolError("too-fast")
        if self.live:
            await self._on_text(self, text)

    async def left(self) -> None:
        """The socket is gone. The seat stays leased: the page may be on its way back."""
        self.close()
        await self._on_left(self)

    def say(self, message: ServerMessage) -> None:
        if not self.live:
            return
        try:
            self._send(dump(message))
        except asyncio.QueueFull:
            # A page that does not read loses its socket, not the server's memory; it comes back for a snapshot.
            self.fell_behind = True
            self.close()

    def close(self) -> None:
        """The room is done with this socket; what was said before is still to be written."""
        self.closed.set()
