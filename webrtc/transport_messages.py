"""The messages about how packets travel: what a page may use, and what it has come to use."""

from dataclasses import dataclass
from typing import ClassVar

from webrtc import fields

TOKEN = fields.text(r"[A-Za-z0-9_-]{8,64}")
# Straight, or to a TURN server and how they get that far.
WAYS = ("udp", "tcp", "turn-udp", "turn-tcp", "turn-tls")


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How the packets of this connection leave the page now; None while they do not get through."""

    kind: ClassVar[str] = "way"
    connection: str = fields.of(TOKEN)
    way: str | None = fields.of(fields.maybe(fields.text("|".join(WAYS))))


@dataclass(frozen=True, kw_only=True, slots=True)
class IceServer:
    """As browsers want it, for `RTCConfiguration.iceServers`."""

    urls: tuple[str, ...] = fields.of(fields.texts(16, 300))
    username: str = fields.of(fields.string(100))
    credential: str = fields.of(fields.string(100), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ice:
    """What this page's connections may use, from now on."""

    kind: ClassVar[str] = "ice"
    servers: tuple[IceServer, ...] = fields.of(fields.many(IceServer))
    policy: str = fields.of(fields.text("all|relay"))
