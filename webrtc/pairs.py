"""Two seats and what the relay keeps for them. A pair's name at the relay says whose it is, so that a restarted
web server finds its calls again without having written anything down."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from webrtc.protocol import Described
from webrtc.relay_client import LegCredentials, PairInfo

ROOM_NAME = re.compile(r"[A-Za-z0-9:_-]{1,120}")
_NAME = re.compile(
    r"(?P<room>[A-Za-z0-9:_-]{1,120})/(?P<a>[a-z][a-z0-9-]{0,31})/(?P<b>[a-z][a-z0-9-]{0,31})"
    r"/(?P<connection>[A-Za-z0-9_-]{8,64})/(?P<page_a>[A-Za-z0-9_-]{8,64})/(?P<page_b>[A-Za-z0-9_-]{8,64})"
)


class RelayControl(Protocol):
    """What a room asks of the relay; `webrtc.relay_client.RelayClient` is one."""

    port: int

    async def open(self, *, pair: str, room: str) -> PairInfo: ...
    async def gate(self, *, pair: str, passing: bool) -> None: ...
    async def replace_leg(self, *, pair: str, leg: str) -> LegCredentials: ...
    async def close_pair(self, pair: str) -> None: ...


@dataclass(kw_only=True, slots=True)
class Leg:
    """One seat's side of a pair."""

    letter: str
    seat: str
    page: str
    ufrag: str = ""
    pwd: str = ""
    # Whether this seat has been told these credentials.
    told: bool = False
    latched: bool = False
    silent: bool = False
    # How the relay hears it: udp or tcp; None while it does not.
    kind: str | None = None
    # The TURN server between, as far as the page has told; the relay hears UDP from anywhere.
    via: str | None = None
    # Both together: one of the protocol's ways.
    way: str | None = None
    # The seat's own ufrag, as far as the room has seen it.
    remote_ufrag: str | None = None
    # The last description for this seat, until something shows that it arrived.
    pending: Described | None = None

    def goes(self, kind: str | None) -> bool:
        """Whether it goes another way now."""
        before, self.kind = self.way, kind
        self.way = self.via if kind == "udp" and self.via else kind
        return self.way != before

    def renew(self, credentials: LegCredentials) -> None:
        self.ufrag, self.pwd, self.told = credentials.ufrag, credentials.pwd, False


@dataclass(kw_only=True, slots=True)
class Pair:
    """`b` came later: it starts, and it is the polite one."""

    room: str
    connection: str
    a: Leg
    b: Leg
    passing: bool = False
    started: bool = False
    restart_due: bool = False
    # The one that remembers it for the next web server does not know it, because it was away when it was told.
    forgotten: bool = False
    # Whether the two people have compared their safety words and found them equal.
    verified: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        a, b = self.legs
        self.name = f"{self.room}/{a.seat}/{b.seat}/{self.connection}/{a.page}/{b.page}"

    @property
    def legs(self) -> tuple[Leg, Leg]:
        return (self.a, self.b)

    @property
    def carries_a_call(self) -> bool:
        """Packets pass, and both sides are heard."""
        return self.passing and all(leg.latched and not leg.silent for leg in self.legs)

    @property
    def seats(self) -> frozenset[str]:
        return frozenset((self.a.seat, self.b.seat))

    def leg(self, seat: str) -> Leg:
        return self.a if self.a.seat == seat else self.b

    def other(self, seat: str) -> Leg:
        return self.b if self.a.seat == seat else self.a

    def take(self, info: PairInfo) -> None:
        """Fresh credentials from the relay for both legs; nobody has been heard yet.

        A leg that was silent before stays so until it is: its call is still interrupted.
        """
        for leg in self.legs:
            leg.renew(info.legs[leg.letter])
            leg.latched = False
            leg.goes(info.legs[leg.letter].kind)
        self.passing = info.passing


def new_pair(*, room: str, first: tuple[str, str], second: tuple[str, str]) -> Pair:
    """`first` and `second` are (seat, page), the one who was there first before the other."""
    return Pair(
        room=room,
        connection=secrets.token_hex(8),
        a=Leg(letter="a", seat=first[0], page=first[1]),
        b=Leg(letter="b", seat=second[0], page=second[1]),
    )


def found_pair(info: PairInfo) -> Pair | None:
    """A pair the relay still holds from before; None when its name is not one of ours."""
    name = _NAME.fullmatch(info.pair)
    if name is None or name["room"] != info.room or name["a"] == name["b"]:
        return None
    pair = Pair(
        room=info.room,
        connection=name["connection"],
        a=Leg(letter="a", seat=name["a"], page=name["page_a"]),
        b=Leg(letter="b", seat=name["b"], page=name["page_b"]),
    )
    pair.take(info)
    for leg in pair.legs:
        leg.told, leg.latched = True, info.legs[leg.letter].latched
    pair.started = pair.passing and all(leg.latched for leg in pair.legs)
    return pair
