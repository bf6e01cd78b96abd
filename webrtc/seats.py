"""A seat: a lease on a place in the room, held by one page at a time."""

from dataclasses import dataclass, field

from webrtc.connection import Connection
from webrtc.protocol import MediaView, SeatView
from webrtc.quality import Meter


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

    @property
    def live(self) -> Connection | None:
        """The socket, when there is one to say something through."""
        return self.connection if self.connection is not None and self.connection.live else None

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
