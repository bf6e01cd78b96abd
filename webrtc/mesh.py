"""The pairs of one room: opened when two seats may be connected, gated until both are admitted and not on hold,
kept through restarts of either process. Knows the relay and the seats; who sits there is the room's business.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from itertools import combinations
from typing import Protocol, TypeVar

from webrtc import sdp
from webrtc.carriers import Carrier, HandOut
from webrtc.pairs import Leg, Pair, RelayControl, new_pair
from webrtc.protocol import (
    Describe,
    Described,
    PeerView,
    ProtocolError,
    RestartIce,
    SessionDescription,
)
from webrtc.relay_client import EventName, LegCredentials, PairInfo, RelayEvent, RelayGone, RelayRefused
from webrtc.seats import Seat, may_hear, may_meet
from webrtc.transport_messages import Way

log = logging.getLogger(__name__)

T = TypeVar("T")


class RelaySource(Protocol):
    """Where the living relay is found; `webrtc.relay_process.RelayProcess` is one. It changes over time."""

    @property
    def client(self) -> RelayControl: ...


class Mesh:
    def __init__(self, *, room: str, relay: RelaySource, carrier: Carrier) -> None:
        self.room = room
        self.pairs: dict[str, Pair] = {}  # by connection
        self._relay = relay
        self._carrier = carrier
        self._ice = HandOut(carrier)

    def adopt(self, pair: Pair) -> None:
        """A pair from before the web server was restarted."""
        self.pairs[pair.connection] = pair
        if not self._carrier.holds_packets:
            # Nobody but its pages knows whether it is up; they say so when they are back.
            pair.started = pair.passing

    def of(self, seat: str) -> list[Pair]:
        return [pair for pair in self.pairs.values() if seat in pair.seats]

    def peers(self, seat: str) -> tuple[PeerView, ...]:
        return tuple(
            PeerView(
                seat=pair.other(seat).seat,
                connection=pair.connection,
                polite=pair.b.seat == seat,
                start=pair.b.seat == seat,
                verified=pair.verified,
            )
            for pair in self.of(seat)
        )

    async def settle(self, seats: Iterable[Seat]) -> None:
        """Bring pairs and gates in line with who is here and who is admitted."""
        taken = {each.seat: each for each in seats}
        self._ice.to(taken.values())
        for x, y in combinations(sorted(taken.values(), key=lambda each: each.turn), 2):
            pair = next((each for each in self.pairs.values() if each.seats == {x.seat, y.seat}), None)
            passing = may_hear(x, y)
            if pair is not None and pair.forgotten:
                pair.forgotten = await self._open_at_relay(pair) is None
            if pair is not None and pair.passing and not passing and not self._carrier.holds_packets:
                # No gate to close: their pages are told to end this connection, and may prepare the next one.
                await self._close(pair)
                pair = None
            if pair is None and may_meet(x, y):
                pair = await self._open(x, y)
            elif pair is not None and x.present and y.present and not may_meet(x, y):
                await self._close(pair)  # one of them was sent back into the waiting room
                continue
            if pair is not None and pair.passing != passing:
                await self._gate(pair, passing=passing)
                for leg in pair.legs if not self._carrier.holds_packets else ():
                    self._deliver(pair, leg, taken)

    async def drop(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            await self._close(pair)

    async def close(self) -> None:
        for pair in list(self.pairs.values()):
            await self._gate(pair, passing=False)
            await self._close(pair)

    async def describe(self, sender: str, message: Describe, seats: dict[str, Seat]) -> None:
        """Pass a description on, with the leg facing its reader put in."""
        pair = self.pairs.get(message.connection)
        if pair is None or sender not in pair.seats:
            raise ProtocolError("unknown-connection")
        mine, theirs = pair.leg(sender), pair.other(sender)
        if message.to != theirs.seat:
            raise ProtocolError("unknown-seat")
        checked = sdp.check(message.description.sdp)
        if message.description.type == "offer":
            # Once this seat has been told its leg, a ufrag of its own that is new means an ICE restart.
            if mine.told and checked.ufrag != mine.remote_ufrag and self._carrier.holds_packets:
                mine.renew(await self._fresh(pair, mine))
        else:
            mine.pending = None
            if theirs.pending is not None and theirs.pending.description.type == "offer":
                theirs.pending = None  # whoever answers has taken back an offer of their own
        mine.remote_ufrag = checked.ufrag
        text = self._carrier.describe(
            checked, facing=theirs, reader=seats.get(theirs.seat), port=self._relay.client.port
        )
        theirs.told = True
        theirs.pending = Described(
            from_=sender,
            connection=pair.connection,
            description=SessionDescription(type=message.description.type, sdp=text),
        )
        self._deliver(pair, theirs, seats)

    def goes(self, seat: str, message: Way) -> tuple[tuple[Pair, RelayEvent], ...]:
        """What a page says of its own way, as news of its leg."""
        pair = self.pairs.get(message.connection)
        if pair is None or seat not in pair.seats:
            raise ProtocolError("unknown-connection")
        leg, kind = pair.leg(seat), message.way
        if self._carrier.holds_packets:
            # Our relay knows better who is heard, but not what is between.
            if kind is None:
                return ()
            # Kept also when the relay's own word is still on its way: the page says this once.
            leg.via, kind = kind if kind.startswith("turn-") else None, leg.kind
            if kind is None:
                return ()
        event: EventName = "silent" if kind is None else "heard"
        return ((pair, RelayEvent(event=event, pair=pair.name, leg=leg.letter, kind=kind)),)

    def verify(self, seat: str, connection: str) -> str | None:
        """The safety words of this connection were found equal: whose they are too. None when that was known."""
        pair = self.pairs.get(connection)
        if pair is None or seat not in pair.seats:
            raise ProtocolError("unknown-connection")
        known, pair.verified = pair.verified, True
        return None if known else pair.other(seat).seat

    def heard_from(self, seat: str) -> None:
        """A socket that still brings messages has also brought the answer; an offer waits for its own answer."""
        for pair in self.of(seat):
            pending = pair.leg(seat).pending
            if pending is not None and pending.description.type == "answer":
                pair.leg(seat).pending = None

    def catch_up(self, seats: dict[str, Seat], seat: str) -> None:
        """Say again to a page that is back what it may have missed."""
        for pair in self.of(seat):
            self._deliver(pair, pair.leg(seat), seats)
        self._ask_for_restarts(seats)

    async def reopen(self, seats: dict[str, Seat]) -> None:
        """The relay is a new one: the same pairs again, under the same names, with fresh credentials."""
        for pair in list(self.pairs.values()):
            info = await self._open_at_relay(pair)
            if not self._carrier.holds_packets:
                # It is the memory that was lost, not the call; `settle` says it anew.
                pair.passing, pair.forgotten = False, info is None
                continue
            if info is None:
                # Without its leg the pair is worth nothing; `settle` makes another one when the relay answers.
                del self.pairs[pair.connection]
                continue
            pair.take(info)
            pair.a.pending = pair.b.pending = None
            pair.restart_due = True
        await self.settle(seats.values())
        self._ask_for_restarts(seats)

    def forget(self, connection: str) -> None:
        """The relay has closed this pair by itself."""
        self.pairs.pop(connection, None)

    def _ask_for_restarts(self, seats: dict[str, Seat]) -> None:
        # One side is enough, the other restarts through its offer; two would only collide.
        for pair in self.pairs.values():
            for leg in pair.legs if pair.restart_due else ():
                page = _page(leg, seats)
                if page is not None and page.live is not None:
                    page.live.say(RestartIce(connection=pair.connection))
                    pair.restart_due = False
                    break

    async def _open(self, first: Seat, second: Seat) -> Pair | None:
        pair = new_pair(room=self.room, first=(first.seat, first.page), second=(second.seat, second.page))
        info = await self._open_at_relay(pair)
        if info is None:
            return None
        pair.take(info)
        self.pairs[pair.connection] = pair
        return pair

    async def _gate(self, pair: Pair, *, passing: bool) -> None:
        async def move(relay: RelayControl) -> bool:
            await relay.gate(pair=pair.name, passing=passing)
            return True

        if await self._try(move):
            pair.passing = passing

    async def _close(self, pair: Pair) -> None:
        self.pairs.pop(pair.connection, None)
        await self._try(lambda relay: relay.close_pair(pair.name))

    async def _open_at_relay(self, pair: Pair) -> PairInfo | None:
        return await self._try(lambda relay: relay.open(pair=pair.name, room=self.room))

    async def _fresh(self, pair: Pair, leg: Leg) -> LegCredentials:
        fresh = await self._try(lambda relay: relay.replace_leg(pair=pair.name, leg=leg.letter))
        if fresh is None:
            raise ProtocolError("relay-unavailable")
        return fresh

    async def _try(self, ask: Callable[[RelayControl], Awaitable[T]]) -> T | None:
        """The waiting room goes on without a relay: what failed is tried again when the room settles next."""
        try:
            return await ask(self._relay.client)
        except (RelayGone, RelayRefused) as error:
            log.warning("the relay did not do as room %s asked: %s", self.room, error)
            return None

    def _deliver(self, pair: Pair, leg: Leg, seats: dict[str, Seat]) -> None:
        if not pair.passing and not self._carrier.holds_packets:
            return  # the waiting room: who knows no description reaches nobody
        page = _page(leg, seats)
        if leg.pending is not None and page is not None and page.live is not None:
            page.live.say(leg.pending)


def _page(leg: Leg, seats: dict[str, Seat]) -> Seat | None:
    """The seat as long as the page this leg was made for sits there."""
    seat = seats.get(leg.seat)
    return seat if seat is not None and seat.page == leg.page else None
