"""A seat: a lease on a place in the room, held by one page at a time."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from webrtc.connection import Connection
from webrtc.protocol import MediaView, Quality, Route, SeatView, ServerMessage
from webrtc.quality import Meter, Window


@dataclass(kw_only=True, slots=True)
class Seat:
    seat: str
    role: str
    name: str
    page: str
    renewed_at: float
    # Who came first: two may come within one tick of the clock.
    turn: int = 0
    present: bool = False
    admitted: bool = False
    waiting_since: float | None = None
    connection: Connection | None = None
    addresses: tuple[str, ...] = ()
    media: MediaView | None = None
    meter: Meter = field(default_factory=Meter)
    window: Window = field(default_factory=Window)
    # The latest of each figure this page has measured of the call.
    figures: Quality = field(default_factory=Quality)
    # The one way to the relay that is offered to this seat; None: every way there is.
    route: Route | None = None
    # The person does not want to wait for what is going on in a connection test.
    skipped: asyncio.Event = field(default_factory=asyncio.Event)

    def measure(self, sample: Quality) -> bool:
        """Take what this page measured; whether that changed the word others read."""
        known = {name: value for name, value in asdict(sample).items() if value is not None}
        self.figures = replace(self.figures, **known)
        before = self.meter.word
        return self.meter.take(sample) != before

    def sample(self, report: Quality, *, now: float) -> Quality | None:
        """The last seconds of the call as one sample, when this report completes it; of no call, nothing."""
        return self.window.take(report, now=now) if self.admitted else None

    @property
    def live(self) -> Connection | None:
        """The socket, when there is one to say something through."""
        return self.connection if self.connection is not None and self.connection.live else None

    def take(self, connection: Connection, *, admitted: bool, now: float) -> None:
        """The page behind this socket sits here from now on."""
        # Another page has to earn its admission again: only the caller knows whether it is the same person.
        self.admitted = admitted or (self.page == connection.page and self.admitted)
        self.connection, self.page, self.renewed_at = connection, connection.page, now
        if self.admitted:
            self.waiting_since = None
        elif self.waiting_since is None or not self.present:
            self.waiting_since = now
        self.present = True

    def vacate(self) -> None:
        """Nobody sits here any more."""
        self.present, self.waiting_since = False, None
        self.hang_up()
        self.connection = None

    def say(self, message: ServerMessage) -> None:
        """To the page, if it is there to hear it."""
        if self.live is not None:
            self.live.say(message)

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def view(self) -> SeatView:
        return SeatView(
            seat=self.seat,
            name=self.name,
            role=self.role,
            present=self.present,
            admitted=self.admitted,
            waiting_since=self.waiting_since,
            media=self.media,
            quality=self.meter.word,
        )


def seen_by(viewer: Seat, seats: Iterable[Seat]) -> tuple[SeatView, ...]:
    """Who waits sees who is inside, and nobody else who waits."""
    return tuple(seat.view() for seat in seats if viewer.admitted or seat.admitted or seat is viewer)
