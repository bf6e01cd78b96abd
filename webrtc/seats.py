"""A seat: a lease on a place in the room, held by one page at a time."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from webrtc.connection import Connection
from webrtc.losses import EVERYTHING, NOTHING, Losses, losses
from webrtc.protocol import MediaView, ProtocolError, Quality, Route, SeatView, ServerMessage
from webrtc.quality import Meter, Window

# Who lets others in, and who is only ever let in by them, one by one, when the patient has agreed.
ADMITTING = frozenset({"clinician"})
PATIENT = "patient"
# Those without whom there is no visit: guests never take their places.
VISITED = ADMITTING | {PATIENT}
GUESTS = frozenset({"sitter", "interpreter", "family", "colleague"})

Agreed = Literal["asked", "yes", "no"]


def role_of(seat: str) -> str:
    """The role is the beginning of the seat's name, so that it is known of a seat the relay still has a pair of."""
    return seat.partition("-")[0]


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
    # Nobody hears or sees this seat, and it hears and sees nobody, until it is taken back.
    held: bool = False
    # What the patient said about this guest; None: not asked.
    agreed: Agreed | None = None
    # Who sits there by a name of the caller's own, handed back with what happens; None after a restart.
    person: str | None = None
    # Which of them was let in last, also after they left.
    let_in: str | None = None
    # Put out for the rest of the visit.
    removed: bool = False
    # How guests see this person named, when not by the whole name.
    guests_see: str | None = None
    waiting_since: float | None = None
    connection: Connection | None = None
    addresses: tuple[str, ...] = ()
    media: MediaView | None = None
    # What of it is missing although nobody chose so; None after a restart, until the page says it again.
    lost: Losses | None = NOTHING
    meter: Meter = field(default_factory=Meter)
    window: Window = field(default_factory=Window)
    # The latest of each figure this page has measured of the call.
    figures: Quality = field(default_factory=Quality)
    # The one way to the relay that is offered to this seat; None: every way there is.
    route: Route | None = None
    # The person does not want to wait for what is going on in a connection test.
    skipped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def admits(self) -> bool:
        return self.role in ADMITTING

    @property
    def is_patient(self) -> bool:
        return self.role == PATIENT

    @property
    def is_guest(self) -> bool:
        return self.role in GUESTS

    def measure(self, sample: Quality) -> bool:
        """Take what this page measured; whether that changed the word others read."""
        known = {name: value for name, value in asdict(sample).items() if value is not None}
        self.figures = replace(self.figures, **known)
        before = self.meter.word
        return self.meter.take(sample) != before

    def sends(self, view: MediaView) -> list[tuple[str, bool]]:
        """Take what this page says it sends; (what, True) for what that loses, (what, False) for what is back."""
        known, self.lost = self.lost, losses(self.lost, was=self.media, now=view)
        self.media = view
        lost, back = self.lost - (known or NOTHING), (EVERYTHING if known is None else known) - self.lost
        return [*((what, True) for what in sorted(lost)), *((what, False) for what in sorted(back))]

    def found(self) -> None:
        """Somebody who was let in sat here when the web server was restarted."""
        self.present = self.admitted = True
        self.agreed = "yes" if self.is_guest else None
        self.lost = None

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
        same_page = self.page == connection.page
        self.admitted = admitted or (same_page and self.admitted)
        if self.is_guest and not same_page and not admitted:
            # It may be somebody else with the same link: what the patient said was about who sat here before.
            self.agreed = None
        if self.is_guest and self.agreed != "yes":
            self.admitted = False
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

    def send_back(self, now: float) -> None:
        """Back into the waiting room."""
        self.admitted = self.held = False
        self.waiting_since = now if self.present else None

    def say(self, message: ServerMessage) -> None:
        """To the page, if it is there to hear it."""
        if self.live is not None:
            self.live.say(message)

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def view(self, viewer: "Seat") -> SeatView:
        return SeatView(
            seat=self.seat,
            name=self.guests_see if viewer.is_guest and self.guests_see is not None else self.name,
            role=self.role,
            present=self.present,
            admitted=self.admitted,
            held=self.held,
            # What somebody said about a guest is between the patient and who asked.
            agreed=None if viewer.is_guest else self.agreed,
            waiting_since=self.waiting_since,
            media=self.media,
            quality=self.meter.word,
        )


def must_have_room(role: str, seats: Iterable[Seat], limit: int) -> None:
    """Raises ProtocolError when nobody more of this role has room; a guest who is gone gave their place up."""
    taken = [seat for seat in seats if seat.present or not seat.is_guest]
    if role in GUESTS:
        guests = sum(seat.is_guest for seat in taken)
        full = guests + len({seat.seat for seat in taken if not seat.is_guest} | VISITED) >= limit
    else:
        full = role not in VISITED and len(taken) >= limit
    if full:
        raise ProtocolError("room-full")


def seen_by(viewer: Seat, seats: Iterable[Seat]) -> tuple[SeatView, ...]:
    return tuple(seat.view(viewer) for seat in seats if not seat.removed and _sees(viewer, seat))


def _sees(viewer: Seat, seat: Seat) -> bool:
    """Who waits sees who is inside, and nobody else who waits; a guest who waits sees only who lets them in."""
    if seat is viewer:
        return True
    if viewer.is_guest:
        return seat.admitted and (viewer.admitted or seat.admits)
    if viewer.is_patient and seat.is_guest:
        return seat.admitted or seat.agreed == "asked"
    return viewer.admitted or seat.admitted


def may_meet(x: Seat, y: Seat) -> bool:
    """Whether the two may have a connection, warmed behind a gate: two who both wait must not meet in the waiting
    room, and a guest who waits meets nobody but who lets them in."""
    if not (x.present and y.present) or not (x.admitted or y.admitted):
        return False
    return all(seat.admitted or not seat.is_guest or other.admits for seat, other in ((x, y), (y, x)))


def may_hear(x: Seat, y: Seat) -> bool:
    """Whether media passes between the two."""
    return x.admitted and y.admitted and not x.held and not y.held
