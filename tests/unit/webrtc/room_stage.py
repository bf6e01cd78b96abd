"""A stage for rooms: a relay in memory that keeps its word, a clock one moves, and pages that remember."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from webrtc import protocol
from webrtc.carriers import Carrier, RelayCarrier
from webrtc.connection import Connection
from webrtc.protocol import Admit, Describe, SessionDescription, Snapshot, dump
from webrtc.relay_client import LegCredentials, PairInfo, RelayEvent, RelayGone, RelayRefused
from webrtc.room_events import RoomEvent
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms
from webrtc.seat_messages import Answer, Ask

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)


def an_sdp(ufrag: str = "abcd", candidates: tuple[str, ...] = ()) -> str:
    return "\r\n".join(
        [
            "v=0",
            "o=- 1 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{ufrag}",
            "a=ice-pwd:" + "p" * 24,
            FINGERPRINT,
            *(f"a=candidate:{each}" for each in candidates),
            "a=setup:actpass",
            "a=mid:0",
            "",
        ]
    )


class Relay:
    """The relay's control socket without the socket: pairs, legs and gates as the real one keeps them."""

    def __init__(self) -> None:
        self.port = 40000
        self.on_event: Any = None
        self.pairs: dict[str, PairInfo] = {}
        self.gone = False
        self._count = 0

    def _credentials(self) -> LegCredentials:
        self._count += 1
        return LegCredentials(ufrag=f"relay{self._count:03}", pwd=f"password{self._count:016}")

    def _answering(self) -> None:
        if self.gone:
            raise RelayGone("gone")

    def _find(self, pair: str) -> PairInfo:
        self._answering()
        if pair not in self.pairs:
            raise RelayRefused("no-such-pair")
        return self.pairs[pair]

    async def open(self, *, pair: str, room: str) -> PairInfo:
        self._answering()
        if pair in self.pairs:
            raise RelayRefused("pair-exists")
        legs = {"a": self._credentials(), "b": self._credentials()}
        self.pairs[pair] = PairInfo(pair=pair, room=room, passing=False, legs=legs)
        return self.pairs[pair]

    async def gate(self, *, pair: str, passing: bool) -> None:
        info = self._find(pair)
        self.pairs[pair] = PairInfo(pair=pair, room=info.room, passing=passing, legs=info.legs)

    async def replace_leg(self, *, pair: str, leg: str) -> LegCredentials:
        info = self._find(pair)
        info.legs[leg] = self._credentials()
        return info.legs[leg]

    async def close_pair(self, pair: str) -> None:
        self._find(pair)
        del self.pairs[pair]

    async def list(self) -> list[PairInfo]:
        self._answering()
        return list(self.pairs.values())


@dataclass
class Page:
    """One page load: what the room said to it, in order."""

    seat: str
    page: str
    connection: Connection | None = None
    said: list[protocol.ServerMessage] = field(default_factory=list)
    full: bool = False

    def send(self, text: str) -> None:
        if self.full:
            raise asyncio.QueueFull
        self.said.append(protocol.parse_server(text))

    @property
    def snapshot(self) -> Snapshot:
        return next(each for each in reversed(self.said) if isinstance(each, Snapshot))

    def kinds(self) -> list[str]:
        return [each.kind for each in self.said]

    def last(self, part: type[Any]) -> Any:
        return next((each for each in reversed(self.said) if isinstance(each, part)), None)

    async def says(self, message: Any) -> None:
        assert self.connection is not None
        await self.connection.receive(message if isinstance(message, str) else dump(message))

    async def offers(
        self, to: str, *, ufrag: str, kind: str = "offer", candidates: tuple[str, ...] = ()
    ) -> None:
        (peer,) = [each for each in self.snapshot.peers if each.seat == to]
        description = SessionDescription(type=kind, sdp=an_sdp(ufrag, candidates))
        await self.says(Describe(to=to, connection=peer.connection, description=description))


class Stage:
    def __init__(self, relay: Relay | None = None, *, carrier: Carrier | None = None) -> None:
        self.relay = relay or Relay()
        self.now = 1000.0
        self.events: list[RoomEvent] = []
        settings = RoomSettings(carrier=carrier or RelayCarrier())
        self.rooms = Rooms(self, settings, lambda: self.now)
        self.rooms.on_event(self.events.append)

    @property
    def client(self) -> Relay:
        return self.relay

    async def join(
        self,
        seat: str,
        *,
        page: str = "",
        admitted: bool | None = None,
        again: Page | None = None,
        seen: int = 0,
        **known: Any,
    ) -> Page:
        joined = again or Page(seat=seat, page=page or f"page-of-{seat}")
        joined.connection = await self.rooms.open("visit").join(
            seat=seat,
            role=seat.partition("-")[0],
            name=seat.title(),
            page=joined.page,
            send=joined.send,
            admitted=seat == "clinician" if admitted is None else admitted,
            seen=seen,
            **known,
        )
        return joined

    async def both(self) -> tuple[Page, Page]:
        """The patient waits, the clinician comes."""
        patient = await self.join("patient")
        return patient, await self.join("clinician")

    async def in_call(self) -> tuple[Page, Page]:
        patient, clinician = await self.both()
        await self.rooms.open("visit").admit("patient")
        return patient, clinician

    async def with_guest(self, seat: str = "interpreter-1") -> tuple[Page, Page, Page]:
        """Patient and clinician in the call, and a guest the patient has agreed to and the clinician let in."""
        patient, clinician = await self.in_call()
        guest = await self.join(seat)
        await clinician.says(Ask(seat=seat))
        await patient.says(Answer(seat=seat, agreed=True))
        await clinician.says(Admit(seat=seat))
        return patient, clinician, guest

    def passing(self) -> set[frozenset[str]]:
        """Which two seats hear each other at the relay."""
        return {frozenset(info.pair.split("/")[1:3]) for info in self.relay.pairs.values() if info.passing}

    async def relay_says(self, event: str, **facts: Any) -> None:
        (pair,) = self.relay.pairs
        await self.rooms.take_news(RelayEvent(event=event, pair=pair, **facts))  # type: ignore[arg-type]

    def kinds(self) -> list[str]:
        return [f"{type(each).__name__} {each.seat}" for each in self.events]


def body(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
