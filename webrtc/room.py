"""One room: seats as leases, waiting and admitted, and the truth of it as a snapshot for every page."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from webrtc import admission, protocol
from webrtc.call_progress import CallProgress
from webrtc.connection import Connection, Send
from webrtc.mesh import Mesh, RelaySource
from webrtc.pairs import Pair
from webrtc.protocol import ClientMessage, MediaView, ProtocolError, ServerMessage
from webrtc.relay_client import RelayEvent
from webrtc.room_events import Answered, Held, MediaChanged, RoomEvent, WordsCompared, measured
from webrtc.room_settings import RoomSettings
from webrtc.seat_messages import Answer, Ask, Hold, SeatMessage
from webrtc.seating import Seating
from webrtc.seats import Agreed, Seat, role_of, seen_by
from webrtc.transport_messages import Way

log = logging.getLogger(__name__)

# How a room ends: with its visit, because it is not safe, or because its people go on by telephone.
Ending = Literal["finished", "cancelled", "stopped", "by-phone"]
State = Literal["waiting", "in-call"] | Ending
Listener = Callable[[RoomEvent], None]
IDLE_SECONDS = 60.0


class Room:
    """Made by `Rooms.open`. One thing happens at a time: every entrance takes the lock."""

    def __init__(
        self,
        room_id: str,
        *,
        relay: RelaySource,
        settings: RoomSettings,
        clock: Callable[[], float],
        written: Callable[[], Awaitable[None]],
    ) -> None:
        self.id = room_id
        self.ended: Ending | None = None
        self._settings = settings
        self._clock = clock
        self._written = written
        self._seats: dict[str, Seat] = {}
        self._mesh = Mesh(room=room_id, relay=relay, carrier=settings.carrier)
        self._seq = 0
        self._listeners: list[Listener] = []
        self._lock = asyncio.Lock()
        self._touched_at = clock()
        self._seating = Seating(room_id, seats=self._seats, emit=self._emit, clock=clock)
        self._progress = CallProgress(
            room_id,
            seats=self._seats,
            emit=self._emit,
            clock=clock,
            knows_whose=settings.carrier.holds_packets,
        )

    # What others may ask -----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        if self.ended is not None:
            return self.ended
        return "in-call" if sum(seat.admitted for seat in self._seats.values()) >= 2 else "waiting"

    @property
    def idle(self) -> bool:
        """Nobody has been here for a while and the relay holds nothing for it: the room may be forgotten."""
        if self._mesh.pairs or any(seat.present for seat in self._seats.values()):
            return False
        return self._clock() - self._touched_at > IDLE_SECONDS

    def touch(self) -> None:
        """Somebody is about to come in."""
        self._touched_at = self._clock()

    def present(self, seat: str) -> bool:
        return seat in self._seats and self._seats[seat].present

    def connected(self, seat: str) -> bool:
        """Whether a page sits there that can be spoken to right now; a lease may outlive its page for a while."""
        return seat in self._seats and self._seats[seat].live is not None

    @property
    def calls(self) -> int:
        return sum(pair.carries_a_call for pair in self._mesh.pairs.values())

    def seat(self, name: str) -> Seat | None:
        """Who sits there, or sat there last."""
        return self._seats.get(name)

    def on_event(self, listener: Listener) -> None:
        """Called at once, inside the room's turn: note it and return, do not wait in it."""
        self._listeners.append(listener)

    async def join(
        self,
        *,
        seat: str,
        role: str,
        name: str,
        page: str,
        send: Send,
        admitted: bool,
        person: str | None = None,
        held: bool = False,
        agreed: Agreed | None = None,
        guests_see: str | None = None,
        seen: int = 0,
        addresses: tuple[str, ...] = (),
    ) -> Connection:
        """Take the seat. The same page again continues where it was; another page replaces the one there.

        `person` is whatever the caller calls who sits there: it comes back in events. `held` and `agreed` are what
        the record says, for a room that does not know this seat yet.
        """
        async with self._lock:
            if self.ended is not None:
                raise ProtocolError("room-closed")
            taken = self._seating.must_be_free(seat, role, most=self._settings.max_seats)
            if taken is None:
                taken = self._seating.new(seat=seat, role=role, page=page)
                taken.held, taken.agreed = held, agreed
            connection = Connection(
                seat=seat,
                page=page,
                send=send,
                clock=self._clock,
                on_text=self._receive,
                on_left=self._socket_gone,
            )
            # Also pairs found after a restart, made for pages this process has never met.
            replaced = [pair for pair in self._mesh.of(seat) if pair.leg(seat).page != page]
            self._progress.broke_off(replaced, {seat})
            await self._mesh.drop(replaced)
            connection.after, taken.person = taken.person, person
            self._seating.take(taken, connection, admitted=admitted)
            taken.role, taken.name, taken.addresses, taken.guests_see = role, name, addresses, guests_see
            self._seq = max(self._seq, seen)
            await self._settle()
            self._publish()
            self._mesh.catch_up(self._seats, seat)
            return connection

    async def admit(self, seat: str, *, by: str | None = None, by_person: str | None = None) -> None:
        """Let a waiting seat in; again is no mistake."""
        async with self._lock:
            await self._admit(seat, by=by, by_person=by_person)

    async def remove(self, name: str) -> None:
        """Put a guest out for the rest of the visit; nobody there is no mistake."""
        async with self._lock:
            seat = self._seats.get(name)
            removed = admission.remove(seat, room=self.id, now=self._clock()) if seat else None
            if removed is not None:
                await self._mesh.drop(self._mesh.of(name))
                await self._happened(removed)

    async def turn_away(self, name: str) -> None:
        """Whoever waits in this seat came by a link that counts no more. Somebody let in was looked at, and stays."""
        async with self._lock:
            seat = self._seats.get(name)
            if seat is None or seat.admitted or not seat.present:
                return
            seat.say(protocol.Removed())
            await self._mesh.drop(self._mesh.of(name))
            self._seating.vacate(seat, reason="left")
            self._publish()

    async def changed(self, topic: str) -> None:
        """Tell every page that something kept elsewhere has changed."""
        async with self._lock:
            for seat in self._seats.values():
                seat.say(protocol.Changed(topic=topic))

    async def tell(self, seat: str, message: ServerMessage) -> None:
        """Say something to one seat, if anybody listens there."""
        async with self._lock:
            found = self._seats.get(seat)
            if found is not None:
                found.say(message)

    def transport(self, seat: str) -> str | None:
        """The way this seat's packets go (PROTOCOL.md, `way`); None while they do not get through."""
        return next((way for pair in self._mesh.of(seat) if (way := pair.leg(seat).way)), None)

    async def close(self, reason: Ending) -> None:
        async with self._lock:
            await self._end(reason)

    async def say_going_away(self, *, retry_ms: int) -> None:
        """The server stops; the calls do not."""
        async with self._lock:
            self._say_goodbye(protocol.GoingAway(retry_ms=retry_ms))

    # What Rooms tells --------------------------------------------------------------------------------

    def found(self, pair: Pair) -> None:
        """The relay still has this pair from before the web server was restarted.

        Whose packets pass was let in, and holds the seat for one lease: the page that is back first must not
        take the other one for gone, and stop sending to it. Which page may sit there again is asked when one comes.
        """
        self._mesh.adopt(pair)
        for leg in pair.legs if pair.passing else ():
            if leg.seat not in self._seats:
                self._seating.new(seat=leg.seat, role=role_of(leg.seat), page="").found()

    async def tick(self) -> None:
        async with self._lock:
            before = self._picture()
            if self._seating.run_out(self._settings.lease_seconds):
                self.touch()
            await self._settle()
            if self._picture() != before:
                self._publish()

    async def relay_lost(self) -> None:
        async with self._lock:
            if self._settings.carrier.holds_packets:
                self._progress.broke_off(self._mesh.pairs.values(), self._seats)

    async def relay_restarted(self) -> None:
        async with self._lock:
            await self._mesh.reopen(self._seats)
            self._publish()

    async def relay_event(self, event: RelayEvent) -> None:
        async with self._lock:
            pair = next((each for each in self._mesh.pairs.values() if each.name == event.pair), None)
            if pair is None:
                return
            if event.event == "closed":
                self._mesh.forget(pair.connection)
                await self._settle()
                self._publish()
            elif event.leg in ("a", "b") and self._progress.heard(pair, event):
                self._publish()

    # Seats -------------------------------------------------------------------------------------------

    async def _admit(self, name: str, *, by: str | None, by_person: str | None) -> None:
        seat = self._seating.find(name)
        admitted = admission.admit(seat, by=by, by_person=by_person, room=self.id, now=self._clock())
        if admitted is not None:
            await self._happened(admitted)

    async def _about_a_seat(self, by: Seat, message: SeatMessage) -> None:
        seat = self._seating.find(message.seat)
        happened = admission.take(message, seat=seat, by=by, room=self.id, now=self._clock())
        if happened is not None:
            await self._happened(happened)

    async def _happened(self, event: RoomEvent) -> None:
        self._emit(event)
        await self._settle()
        if isinstance(event, Answered | Held):
            # Whoever is to hear nobody must not be heard by a restarted server's doing: what a page has been shown is
            # in the record, and what it has not been shown it says again.
            await self._written()
        self._publish()

    async def _socket_gone(self, connection: Connection) -> None:
        async with self._lock:
            seat = self._seats.get(connection.seat)
            if seat is not None and seat.connection is connection:
                seat.connection = None

    # Messages ----------------------------------------------------------------------------------------

    async def _receive(self, connection: Connection, text: str) -> None:
        message = protocol.parse(text)
        if isinstance(message, protocol.Hello):
            raise ProtocolError("hello-first")
        async with self._lock:
            seat = self._seats.get(connection.seat)
            if seat is None or seat.connection is not connection:
                return
            seat.renewed_at = self._clock()
            self._mesh.heard_from(seat.seat)
            try:
                await self._handle(seat, connection, message)
            except ProtocolError as error:
                connection.say(protocol.Error(code=error.code))

    async def _handle(self, seat: Seat, connection: Connection, message: ClientMessage) -> None:
        match message:
            case protocol.Ping():
                connection.say(protocol.Pong())
            case protocol.Describe():
                await self._mesh.describe(seat.seat, message, self._seats)
            case Way():
                for pair, news in self._mesh.goes(seat.seat, message):
                    if self._progress.heard(pair, news):
                        self._publish()
            case protocol.Media():
                self._sends(seat, MediaView(audio=message.audio, video=message.video, state=message.state))
            case protocol.Quality():
                if seat.measure(message):
                    self._publish()
                if self.state == "in-call" and (figures := seat.sample(message, now=self._clock())):
                    route = self.transport(seat.seat)
                    self._emit(measured(self.id, seat.seat, route, figures, at=self._clock()))
            case protocol.Skip():
                seat.skipped.set()
            case protocol.Admit():
                admission.must_admit(seat)
                await self._admit(message.seat, by=seat.seat, by_person=seat.person)
            case Ask() | Answer() | Hold():
                await self._about_a_seat(seat, message)
            case protocol.Words():
                await self._compared(seat, message)
            case protocol.Leave():
                seat.admitted = False
                await self._mesh.drop(self._mesh.of(seat.seat))
                self.touch()
                self._seating.vacate(seat, reason="left")
                self._publish()

    def _sends(self, seat: Seat, view: MediaView) -> None:
        now = self._clock()
        for what, lost in seat.sends(view):
            self._emit(MediaChanged(room=self.id, seat=seat.seat, what=what, lost=lost, at=now))
        self._publish()

    async def _compared(self, seat: Seat, message: protocol.Words) -> None:
        match, other = message.verdict == "match", None
        if seat.is_guest and not seat.admitted:
            # Whoever has a link could else end a call that nobody has let them into.
            raise ProtocolError("not-allowed")
        if match:
            if not seat.admits:
                raise ProtocolError("not-allowed")
            if (other := self._mesh.verify(seat.seat, message.connection)) is None:
                return
        verdict, now = message.verdict, self._clock()
        compared = WordsCompared(
            room=self.id, seat=seat.seat, person=seat.person, other=other, verdict=verdict, at=now
        )
        self._emit(compared)
        if match:
            self._publish()
        else:  # whatever connection it was about: somebody may be listening, so nobody's media goes on
            await self._end("stopped")

    async def _end(self, reason: Ending) -> None:
        self.ended = reason
        await self._mesh.close()
        self._publish()
        self._say_goodbye(protocol.Finished())

    # The relay ---------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        await self._mesh.settle(self._seats.values())
        self._progress.notice_starts(self._mesh.pairs.values())

    # Out ---------------------------------------------------------------------------------------------

    def _emit(self, event: RoomEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # the call goes on whatever the record keepers make of it
                log.exception("a listener of room %s failed", self.id)

    def _publish(self) -> None:
        self._seq += 1
        for seat in self._seats.values():
            seat.say(self._snapshot(seat))

    def _snapshot(self, viewer: Seat) -> protocol.Snapshot:
        return protocol.Snapshot(
            seq=self._seq,
            room=self.id,
            state=self.state,
            you=viewer.seat,
            seats=seen_by(viewer, self._seats.values()),
            peers=self._mesh.peers(viewer.seat) if viewer.present else (),
            now=self._clock(),
        )

    def _say_goodbye(self, message: ServerMessage) -> None:
        for seat in self._seats.values():
            seat.say(message)
            seat.hang_up()

    def _picture(self) -> object:
        """What of a snapshot can change without anybody having said a word."""
        return (
            [(seat.seat, seat.present) for seat in self._seats.values()],
            [(pair.connection, pair.passing) for pair in self._mesh.pairs.values()],
        )
