"""When a call between two seats begins, breaks and comes back: worked out from what the relay hears of its legs."""

from collections.abc import Callable, Iterable, Mapping

from webrtc.pairs import Leg, Pair
from webrtc.relay_client import RelayEvent
from webrtc.room_events import CallInterrupted, CallResumed, CallStarted, RoomEvent, Routed
from webrtc.seats import Seat


class CallProgress:
    """Of one room. `seats` are the room's own, by name; they change under it."""

    def __init__(
        self,
        room: str,
        *,
        seats: Mapping[str, Seat],
        emit: Callable[[RoomEvent], None],
        clock: Callable[[], float],
        knows_whose: bool,
    ) -> None:
        """`knows_whose`: whether a silent leg is one that nobody hears, and not one that hears nobody."""
        self._room = room
        self._knows_whose = knows_whose
        self._seats = seats
        self._emit = emit
        self._clock = clock

    def notice_starts(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            if not pair.started and pair.passing and pair.a.latched and pair.b.latched:
                pair.started = True
                started = CallStarted(room=self._room, seat=pair.a.seat, other=pair.b.seat, at=self._clock())
                self._emit(started)

    def heard(self, pair: Pair, event: RelayEvent) -> bool:
        """The relay's news of one leg; whether it changes what pages are shown."""
        leg = pair.a if event.leg == "a" else pair.b
        if leg.goes(event.kind):
            self._emit(Routed(room=self._room, seat=leg.seat, transport=leg.way, at=self._clock()))
        if event.event == "silent":
            return self._went_silent(pair, leg)
        leg.latched = True
        resumed = leg.silent
        if resumed:
            leg.silent = False
            if self._knows_whose and leg.seat in self._seats:
                self._seats[leg.seat].meter.found()
            other = pair.other(leg.seat).seat
            self._emit(CallResumed(room=self._room, seat=leg.seat, other=other, at=self._clock()))
        self.notice_starts([pair])
        return resumed

    def broke_off(self, pairs: Iterable[Pair], seats: Iterable[str]) -> None:
        """Their calls have no way any more: another page sits in the seat, or the relay is away."""
        for pair in pairs:
            for leg in pair.legs if pair.started and pair.passing else ():
                if leg.seat in seats and not leg.silent:
                    self._interrupted(pair, leg)

    def _went_silent(self, pair: Pair, leg: Leg) -> bool:
        # A leg that has never been heard is not a call that broke.
        if leg.silent or not pair.started:
            return False
        if self._knows_whose and leg.seat in self._seats:
            self._seats[leg.seat].meter.lost()
        self._interrupted(pair, leg)
        return True

    def _interrupted(self, pair: Pair, leg: Leg) -> None:
        leg.silent = True
        other = pair.other(leg.seat).seat
        self._emit(CallInterrupted(room=self._room, seat=leg.seat, other=other, at=self._clock()))
