"""Who is let in, put on hold and asked about: pure rules over seats. Each changes the seat and returns what happened,
None when it was so already, or raises ProtocolError."""

from webrtc import protocol
from webrtc.protocol import ProtocolError
from webrtc.room_events import Admitted, Answered, Asked, Held, Removed
from webrtc.seat_messages import Answer, Ask, Hold, SeatMessage
from webrtc.seats import Seat


def must_admit(by: Seat) -> None:
    if not by.admits or not by.admitted:
        raise ProtocolError("not-allowed")


def admit(seat: Seat, *, by: str | None, by_person: str | None, room: str, now: float) -> Admitted | None:
    if seat.admitted:
        return None
    if not seat.present:
        raise ProtocolError("not-waiting")
    if seat.is_guest and seat.agreed != "yes":
        raise ProtocolError("not-agreed")
    seat.admitted, seat.waiting_since, seat.let_in = True, None, seat.person
    return Admitted(room=room, seat=seat.seat, by=by, person=seat.person, by_person=by_person, at=now)


def remove(seat: Seat, *, room: str, now: float) -> Removed | None:
    """For the rest of the visit: the same link is refused."""
    if seat.removed or not seat.is_guest:
        return None
    seat.removed, seat.admitted = True, False
    seat.say(protocol.Removed())
    seat.vacate()
    return Removed(room=room, seat=seat.seat, at=now)


def take(
    message: SeatMessage, *, seat: Seat, by: Seat, room: str, now: float
) -> Asked | Answered | Held | None:
    match message:
        case Ask():
            return _ask(seat, by=by, room=room, now=now)
        case Answer():
            return _answer(seat, by=by, agreed=message.agreed, room=room, now=now)
        case Hold():
            return _hold(seat, by=by, held=message.held, room=room, now=now)


def _ask(seat: Seat, *, by: Seat, room: str, now: float) -> Asked | None:
    must_admit(by)
    if not seat.is_guest:
        raise ProtocolError("not-allowed")
    if not seat.present:
        raise ProtocolError("not-waiting")
    if seat.admitted or seat.agreed in ("asked", "yes"):
        return None
    seat.agreed = "asked"
    return Asked(room=room, seat=seat.seat, by=by.seat, by_person=by.person, at=now)


def _answer(seat: Seat, *, by: Seat, agreed: bool, room: str, now: float) -> Answered | None:
    if not by.is_patient or not seat.is_guest:
        raise ProtocolError("not-allowed")
    said = "yes" if agreed else "no"
    if seat.agreed == said:
        return None
    # A yes answers a question; a no may come at any time, and what it takes back is gone at once.
    if seat.agreed is None or (agreed and seat.agreed != "asked"):
        raise ProtocolError("not-asked")
    seat.agreed = "yes" if agreed else "no"
    if not agreed and seat.admitted:
        seat.send_back(now)
    return Answered(room=room, seat=seat.seat, agreed=agreed, at=now)


def _hold(seat: Seat, *, by: Seat, held: bool, room: str, now: float) -> Held | None:
    must_admit(by)
    if seat.admits or not seat.admitted:
        raise ProtocolError("not-allowed")
    if seat.held == held:
        return None
    seat.held = held
    return Held(room=room, seat=seat.seat, held=held, by=by.seat, by_person=by.person, at=now)
