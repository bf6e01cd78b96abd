"""Who carries the packets of a room's calls: our own relay, or a pool of TURN servers. The one place that decides what
a description says of the way, what pages may use, and how the waiting room is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from webrtc import sdp
from webrtc.connection import Connection
from webrtc.ice_servers import TurnPool
from webrtc.pairs import Leg
from webrtc.protocol import Route
from webrtc.seats import Seat
from webrtc.transport_messages import Ice


class Carrier(Protocol):
    @property
    def holds_packets(self) -> bool:
        """Whether media can be held back packet by packet. If not, nobody who waits is given a description."""

    @property
    def pool(self) -> TurnPool | None: ...

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes a connection test has to try, the better one first."""

    def ice(self, route: Route | None) -> Ice:
        """What a page may use that is to try this route only, or (None) any."""

    def describe(self, checked: sdp.Checked, *, facing: Leg, reader: Seat | None, port: int) -> str:
        """The description as the seat at the leg `facing` is to read it. Raises ProtocolError."""


class HandOut:
    """Credentials for whoever sits in one room, and for nobody else: for each socket, for each route that is tried, and
    anew at half their time, because an ICE restart may come at any moment and must not find them spent."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._given: dict[str, tuple[Connection, Route | None, float]] = {}

    def to(self, seats: Iterable[Seat]) -> None:
        pool = self._carrier.pool
        if pool is None:
            return
        now = pool.now()
        for seat in seats:
            if seat.live is None:
                continue
            socket, route, at = self._given.get(seat.seat, (None, None, now))
            if (socket, route) != (seat.live, seat.route) or not at <= now < at + pool.lifetime / 2:
                seat.live.say(self._carrier.ice(seat.route))
                self._given[seat.seat] = (seat.live, seat.route, now)


@dataclass(frozen=True, kw_only=True, slots=True)
class RelayCarrier:
    """The built-in relay. With a pool, a network that lets nothing but TLS out reaches it by way of a TURN server."""

    # Where the relay is, unless the page's own request says better.
    addresses: tuple[str, ...] = ("127.0.0.1",)
    pool: TurnPool | None = None
    holds_packets: bool = True

    @property
    def routes(self) -> tuple[Route, ...]:
        return ("udp", "tcp") if self.pool is None else ("udp", "tcp", "turn")

    def ice(self, route: Route | None) -> Ice:
        # By way of a TURN server every closed door would look open.
        servers = () if self.pool is None or route in ("udp", "tcp") else (self.pool.server(),)
        return Ice(servers=servers, policy="relay" if route == "turn" else "all")

    def describe(self, checked: sdp.Checked, *, facing: Leg, reader: Seat | None, port: int) -> str:
        addresses = (reader.addresses if reader is not None else ()) or self.addresses
        route = reader.route if reader is not None else None
        # A TURN server speaks UDP to the relay.
        kinds = ("udp", "tcp") if route is None else ("tcp",) if route == "tcp" else ("udp",)
        candidates = tuple(
            sdp.Candidate(address=each, port=port, tcp=kind == "tcp") for kind in kinds for each in addresses
        )
        transport = sdp.Transport(ufrag=facing.ufrag, pwd=facing.pwd, candidates=candidates)
        return sdp.with_transport(checked, transport)


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnCarrier:
    """TURN servers only. They pass what comes from who has credentials and know no waiting room."""

    pool: TurnPool
    holds_packets: bool = False
    routes: tuple[Route, ...] = ("turn",)

    def ice(self, route: Route | None) -> Ice:
        return Ice(servers=(self.pool.server(),), policy="relay")

    def describe(self, checked: sdp.Checked, *, facing: Leg, reader: Seat | None, port: int) -> str:
        return sdp.relayed(checked)
