"""Pure: which TCP connections there are, what each has proved, and which of them have to go.

A connection proves itself with a signed check, like any address. Until then it is on borrowed time: there are
few such places, and when they are taken the oldest gives way, because an honest browser needs one only for as long as
its first check travels.
"""

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from webrtc.relay.legs import SORTS, Leg, Limits, TcpAddress


@dataclass(slots=True, eq=False)
class Link:
    network: bytes
    since: float
    leg: Leg | None = None  # whose check came over it last
    checked_at: float = 0.0
    junk: int = 0


class Connections:
    def __init__(self, limits: Limits, dropped: Counter[str]) -> None:
        # For the loop to close, which then says `gone`: a connection ends in one way only.
        self.hangups: list[TcpAddress] = []
        self._limits = limits
        self._dropped = dropped
        self._open: dict[TcpAddress, Link] = {}
        self._unproven: dict[TcpAddress, Link] = {}  # oldest first
        self._looked_at = 0.0

    def stats(self) -> dict[str, int]:
        return {"open": len(self._open), "unproven": len(self._unproven)}

    def came(self, address: TcpAddress, now: float) -> None:
        link = Link(network=_network(address.host), since=now)
        neighbours = [each for each, other in self._unproven.items() if other.network == link.network]
        self._open[address] = link
        if len(self._open) > self._limits.connections:
            self.hang_up(address, "tcp-full")
            return
        if len(neighbours) >= self._limits.unproven_per_network:
            self.hang_up(neighbours[0], "tcp-crowd-of-one")
        elif len(self._unproven) >= self._limits.unproven:
            self.hang_up(next(iter(self._unproven)), "tcp-crowd")
        self._unproven[address] = link

    def gone(self, address: TcpAddress) -> None:
        self._open.pop(address, None)
        self._unproven.pop(address, None)

    def may_speak(self, address: TcpAddress, packet: bytes) -> bool:
        """Whether to look at this packet, which is none that passes. Too many that mean nothing end the connection."""
        link = self._open.get(address)
        if link is None:
            return False
        if link.leg is None or not packet or not SORTS[packet[0]]:
            link.junk += 1
            if link.junk > self._limits.junk:
                self.hang_up(address, "tcp-junk")
                return False
        return True

    def proved(self, address: TcpAddress, leg: Leg, now: float) -> None:
        link = self._open[address]
        self._unproven.pop(address, None)
        link.checked_at, link.junk = now, 0
        if link.leg is not leg:
            link.leg = leg
            spare = [each for each in self._of(leg) if each != address and not _in_use(leg, each)]
            if len(spare) >= self._limits.connections_per_leg:
                self.hang_up(spare[0], "tcp-too-many")

    def leave(self, leg: Leg) -> None:
        """The leg is no more, and what its connections proved is worth nothing."""
        for address in self._of(leg):
            self.hang_up(address, "tcp-over")

    def hang_up(self, address: TcpAddress, reason: str) -> None:
        self._unproven.pop(address, None)
        if address in self._open and address not in self.hangups:
            self._dropped[reason] += 1
            self.hangups.append(address)

    def tick(self, now: float) -> None:
        late = now - self._limits.unproven_seconds
        for address in [each for each, link in self._unproven.items() if link.since <= late]:
            self.hang_up(address, "tcp-unproven")
        if now - self._looked_at < 1.0:
            return
        self._looked_at = now
        for address, link in list(self._open.items()):
            idle = now - link.checked_at >= self._limits.closed_after
            if link.leg is not None and idle and not _in_use(link.leg, address):
                self.hang_up(address, "tcp-idle")

    def _of(self, leg: Leg) -> list[TcpAddress]:
        return [address for address, link in self._open.items() if link.leg is leg]


def _in_use(leg: Leg, address: TcpAddress) -> bool:
    return address in (leg.address, leg.former)


def _network(host: str) -> bytes:
    """Who is counted together: one IPv4 address, or the /64 in which one IPv6 machine may take any address."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.packed[:8]
    return address.packed
