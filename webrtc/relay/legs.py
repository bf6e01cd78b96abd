"""Pure: what the relay's table is made of, its ceilings, and the ways it says no."""

import secrets
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Address = tuple[Any, ...]  # exactly as the socket gives and takes it


class TcpAddress(NamedTuple):
    """A connection as an address. The number keeps it apart from a later one and from the same port's UDP."""

    host: str
    port: int
    connection: int


LEGS = ("a", "b")

# RFC 7983: the first byte says what a datagram is. One look into GATED or OPEN decides whether it passes.
STUN, DTLS, SRTP = 1, 2, 4
SORTS = bytes(
    STUN if first < 4 else DTLS if 20 <= first < 64 else SRTP if 128 <= first < 192 else 0
    for first in range(256)
)
GATED = bytes(sort == DTLS for sort in SORTS)
OPEN = bytes(sort in (DTLS, SRTP) for sort in SORTS)


class TableRefusal(Exception):
    """An expected "no" to the controller; `code` goes over the control socket."""

    code = "refused"


class PairExists(TableRefusal):
    code = "pair-exists"


class NoSuchPair(TableRefusal):
    code = "no-such-pair"


class NoSuchLeg(TableRefusal):
    code = "no-such-leg"


class RelayFull(TableRefusal):
    code = "full"


@dataclass(frozen=True, slots=True)
class Credentials:
    ufrag: str
    pwd: str


def random_credentials() -> Credentials:
    return Credentials(ufrag=secrets.token_hex(6), pwd=secrets.token_hex(16))


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    pairs: int = 500
    bits_per_second: int = 8_000_000  # per leg; three times what our own pages are allowed to send
    datagram: int = 1500
    checks_per_second: int = 100  # STUN per address, and anything at all per unlatched address
    strangers: int = 4096  # unlatched addresses counted one by one within a second …
    crowd_per_second: int = 20_000  # … and what all further ones may send together
    held: int = 16
    hold_seconds: float = 1.0
    former_seconds: float = 2.0
    connections: int = 2048  # over TCP: two for each leg …
    connections_per_leg: int = 8  # … and never more than so many beside the one in use
    unproven: int = 256  # connections without a signed check …
    unproven_per_network: int = 16  # … from one address (IPv6: one /64) …
    unproven_seconds: float = 5.0  # … for so long
    junk: int = 16  # packets that mean nothing, and the connection is closed
    silent_after: float = 15.0
    closed_after: float = 60.0


@dataclass(slots=True, eq=False)
class Leg:
    pair: "Pair"
    name: str
    credentials: Credentials
    heard_at: float
    ceiling: int  # what `bytes` may grow to
    refilled_at: float  # when the ceiling was last raised
    passes: bytes = GATED
    address: Address | None = None
    # Where the leg was until a moment ago: a browser switches over after its check, not with it.
    former: Address | None = None
    former_until: float = 0.0
    # Of the addresses it proved (`paths`) it has not yet nominated one.
    chosen: bool = False
    proved: tuple[Address, ...] = ()
    fresh: Credentials | None = None
    held: list[tuple[float, bytes]] = field(default_factory=list)  # on their way to this leg
    told: int = 0  # silence: 0 not reported, 1 reported, 2 address forgotten
    packets: int = 0
    bytes: int = 0
    peer: "Leg" = field(init=False)

    @property
    def kind(self) -> str | None:
        """How it is reached: udp, tcp, or None while it is not."""
        if self.address is None:
            return None
        return "tcp" if isinstance(self.address, TcpAddress) else "udp"


@dataclass(slots=True, eq=False)
class Pair:
    name: str
    room: str
    passing: bool = False
    legs: dict[str, Leg] = field(default_factory=dict)


class Way(NamedTuple):
    """Along which a call goes as long as the leg is at `source` and its peer at `to`."""

    leg: Leg
    source: Address
    to: Address


# The peer of a leg whose pair is closed: whoever is just asking for its way finds none.
NOBODY = Leg(Pair("", ""), "", Credentials("", ""), 0.0, 0, 0.0)
