"""The seats of one room: taken by a page, given up, run out of. Who is let in is admission's business."""

from collections.abc import Callable
from typing import Literal

from webrtc import protocol
from webrtc.connection import Connection
from webrtc.protocol import ProtocolError
from webrtc.room_events import Left, Present, RoomEvent, Waiting
from webrtc.seats import Seat, must_have_room


class Seating:
    """Of one room. `seats`, by name, is the room's own; who comes and goes is told to `emit`."""

    def __init__(
        self,
        room: str,
        *,
        seats: dict[str, Seat],
        emit: Callable[[RoomEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._room = room
        self._seats = seats
        self._emit = emit
        self._clock = clock
        self._turns = 0

    def find(self, name: str) -> Seat:
        """Raises ProtocolError."""
        seat = self._seats.get(name)
        if seat is None or seat.removed:
            raise ProtocolError("unknown-seat")
        return seat

    def new(self, *, seat: str, role: str, page: str) -> Seat:
        self._seats[seat] = Seat(seat=seat, role=role, name="", page=page, renewed_at=self._clock())
        return self._seats[seat]

    def must_be_free(self, seat: str, role: str, *, most: int) -> Seat | None:
        """The seat as this room knows it, for whoever comes now. Raises ProtocolError."""
        known = self._seats.get(seat)
        if known is not None and known.removed:
            raise ProtocolError("seat-removed")
        if known is None or not known.present:
            must_have_room(role, self._seats.values(), most)
        return known

    def take(self, seat: Seat, connection: Connection, *, admitted: bool) -> None:
        """The same page again continues where it was; another one replaces the page there, which is told."""
        now = self._clock()
        same_page = seat.page == connection.page
        if seat.connection is not None:
            if not same_page:
                seat.connection.say(protocol.Replaced())
            seat.connection.close()
        if not same_page or not seat.present:
            self._turns += 1
            seat.turn = self._turns
            seat.media = None
            seat.meter.found()
        arrived = not seat.present
        seat.take(connection, admitted=admitted, now=now)
        if arrived:
            self._emit(Present(room=self._room, seat=seat.seat, admitted=seat.admitted, at=now))
        if not seat.admitted and (arrived or not same_page):
            self._emit(Waiting(room=self._room, seat=seat.seat, at=now))

    def vacate(self, seat: Seat, *, reason: Literal["left", "lost"]) -> None:
        seat.vacate()
        self._emit(Left(room=self._room, seat=seat.seat, reason=reason, at=self._clock()))

    def run_out(self, lease_seconds: float) -> bool:
        """Whoever was not heard for a whole lease is lost; whether there was anybody."""
        now = self._clock()
        gone = [
            each for each in self._seats.values() if each.present and now - each.renewed_at > lease_seconds
        ]
        for seat in gone:
            self.vacate(seat, reason="lost")
        return bool(gone)
