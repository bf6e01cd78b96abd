"""The signalling messages of PROTOCOL.md as values: parse, dump, and a named error for anything else."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NoReturn, get_args

from webrtc import fields
from webrtc.seat_messages import SEAT as _SEAT
from webrtc.seat_messages import Answer, Ask, Hold
from webrtc.transport_messages import TOKEN as _TOKEN
from webrtc.transport_messages import Ice, Way

MESSAGE_LIMIT = 96_000
# The routes of a call, the better one first: straight to the relay, or by way of a TURN server.
Route = Literal["udp", "tcp", "turn"]
ROUTES: tuple[Route, ...] = get_args(Route)

FATAL_CODES = frozenset(
    {
        "too-large",
        "not-json",
        "unknown-type",
        "bad-field",
        "hello-first",
        "too-fast",
        "room-full",
        "room-closed",
        "seat-removed",
    }
)
DESCRIPTION_CODES = frozenset(
    {
        "no-fingerprint",
        "weak-fingerprint",
        "no-bundle",
        "no-ice",
        "no-media",
        "too-many-media",
        "description-too-large",
        "not-ascii",
        "bad-description",
        "not-relayed",
    }
)
ERROR_CODES = (
    FATAL_CODES
    | DESCRIPTION_CODES
    | {"not-allowed", "unknown-seat", "unknown-connection", "not-waiting", "not-asked", "not-agreed"}
    | {"relay-unavailable"}
)


class ProtocolError(Exception):
    """A message that cannot be accepted; `code` is one of the codes in PROTOCOL.md."""

    def __init__(self, code: str) -> None:
        assert code in ERROR_CODES, code
        super().__init__(code)
        self.code = code

    @property
    def fatal(self) -> bool:
        """Whether the socket is closed for it."""
        return self.code in FATAL_CODES


_CODE = fields.text(r"[a-z][a-z0-9-]{0,31}")
# The room counts on from what a page has seen: there must be numbers left that a page can hold.
_SEEN = fields.up_to(fields.SEQ_LIMIT // 2)
# The measure of a description proper is in sdp.py, with an error of its own; this bound only precedes it.
_SDP = fields.string(MESSAGE_LIMIT)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionDescription:
    type: str = fields.of(fields.text("offer|answer"))
    sdp: str = fields.of(_SDP)


_DESCRIPTION = fields.one(SessionDescription)


# Browser to server


@dataclass(frozen=True, kw_only=True, slots=True)
class Hello:
    kind: ClassVar[str] = "hello"
    page: str = fields.of(_TOKEN)
    seen: int = fields.of(_SEEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ping:
    kind: ClassVar[str] = "ping"


@dataclass(frozen=True, kw_only=True, slots=True)
class Describe:
    """A description on its way to the room."""

    kind: ClassVar[str] = "description"
    to: str = fields.of(_SEAT)
    connection: str = fields.of(_TOKEN)
    description: SessionDescription = fields.of(_DESCRIPTION)  # noqa: RUF009 -- makes a dataclass field


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    kind: ClassVar[str] = "media"
    audio: bool = fields.of(fields.flag)
    video: bool = fields.of(fields.flag)
    state: str = fields.of(_CODE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    kind: ClassVar[str] = "quality"
    rtt_ms: float | None = fields.figure()
    jitter_ms: float | None = fields.figure()
    loss_up: float | None = fields.figure()
    loss_down: float | None = fields.figure()
    bitrate_up: float | None = fields.figure()
    bitrate_down: float | None = fields.figure()
    estimate_up: float | None = fields.figure()
    fps_down: float | None = fields.figure()
    frozen_ms: float | None = fields.figure()
    concealed: float | None = fields.figure()


@dataclass(frozen=True, kw_only=True, slots=True)
class Admit:
    kind: ClassVar[str] = "admit"
    seat: str = fields.of(_SEAT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What became of comparing the safety words of a connection."""

    kind: ClassVar[str] = "words"
    connection: str = fields.of(_TOKEN)
    verdict: str = fields.of(fields.text("match|differ|forged"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    kind: ClassVar[str] = "leave"


@dataclass(frozen=True, kw_only=True, slots=True)
class Skip:
    """Go on with the next part of the connection test."""

    kind: ClassVar[str] = "skip"


# Server to browser


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaView:
    audio: bool = fields.of(fields.flag)
    video: bool = fields.of(fields.flag)
    state: str = fields.of(_CODE)


_MAYBE_MEDIA = fields.maybe(fields.one(MediaView))
_MAYBE_NUMBER = fields.maybe(fields.number)
_MAYBE_ANSWER = fields.maybe(fields.text("asked|yes|no"))
_MAYBE_WORD = fields.maybe(fields.text("good|fair|weak|lost"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatView:
    seat: str = fields.of(_SEAT)
    name: str = fields.of(fields.string(200))
    role: str = fields.of(_CODE)
    present: bool = fields.of(fields.flag)
    admitted: bool = fields.of(fields.flag)
    held: bool = fields.of(fields.flag)
    agreed: str | None = fields.of(_MAYBE_ANSWER)
    waiting_since: float | None = fields.of(_MAYBE_NUMBER)
    media: MediaView | None = fields.of(_MAYBE_MEDIA)  # noqa: RUF009 -- makes a dataclass field
    quality: str | None = fields.of(_MAYBE_WORD)


@dataclass(frozen=True, kw_only=True, slots=True)
class PeerView:
    seat: str = fields.of(_SEAT)
    connection: str = fields.of(_TOKEN)
    polite: bool = fields.of(fields.flag)
    start: bool = fields.of(fields.flag)
    verified: bool = fields.of(fields.flag)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    kind: ClassVar[str] = "snapshot"
    seq: int = fields.of(fields.count)
    room: str = fields.of(fields.string(200))
    state: str = fields.of(fields.text("waiting|in-call|finished|cancelled|stopped|by-phone"))
    you: str = fields.of(_SEAT)
    seats: tuple[SeatView, ...] = fields.of(fields.many(SeatView))
    peers: tuple[PeerView, ...] = fields.of(fields.many(PeerView))
    now: float = fields.of(fields.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A description on its way to a page. `from` is a Python keyword, hence the underscore."""

    kind: ClassVar[str] = "description"
    from_: str = fields.of(_SEAT)
    connection: str = fields.of(_TOKEN)
    description: SessionDescription = fields.of(_DESCRIPTION)  # noqa: RUF009 -- makes a dataclass field


@dataclass(frozen=True, kw_only=True, slots=True)
class RestartIce:
    kind: ClassVar[str] = "restart-ice"
    connection: str = fields.of(_TOKEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    kind: ClassVar[str] = "changed"
    topic: str = fields.of(_CODE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pong:
    kind: ClassVar[str] = "pong"


@dataclass(frozen=True, kw_only=True, slots=True)
class Error:
    kind: ClassVar[str] = "error"
    code: str = fields.of(fields.text("|".join(sorted(ERROR_CODES))))


_ROUTE = fields.text("|".join(ROUTES))
_MAYBE_ROUTE = fields.maybe(_ROUTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteTried:
    """One way to the relay, on its own; `rtt_ms` when it works and could be measured."""

    route: str = fields.of(_ROUTE)
    works: bool = fields.of(fields.flag)
    rtt_ms: float | None = fields.figure()


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoReport:
    """What the connection test measured, as far as it could: the figures are those of `transport`."""

    verdict: str = fields.of(fields.text("good|fair|weak|reached|failed"))
    transport: str | None = fields.of(_MAYBE_ROUTE)
    routes: tuple[RouteTried, ...] = fields.of(fields.many(RouteTried), default=())
    rtt_ms: float | None = fields.figure()
    jitter_up_ms: float | None = fields.figure()
    jitter_down_ms: float | None = fields.figure()
    loss_up: float | None = fields.figure()
    loss_down: float | None = fields.figure()
    bitrate_up: float | None = fields.figure()
    bitrate_down: float | None = fields.figure()
    estimate_up: float | None = fields.figure()


_MAYBE_REPORT = fields.maybe(fields.one(EchoReport))
_MAYBE_COUNT = fields.maybe(fields.count)


@dataclass(frozen=True, kw_only=True, slots=True)
class EchoNews:
    """How the connection test stands; only in the rooms of such tests."""

    kind: ClassVar[str] = "test"
    state: str = fields.of(fields.text("queued|running|done|failed"))
    position: int | None = fields.of(_MAYBE_COUNT)
    report: EchoReport | None = fields.of(_MAYBE_REPORT)  # noqa: RUF009 -- makes a dataclass field
    route: str | None = fields.of(_MAYBE_ROUTE, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class GoingAway:
    kind: ClassVar[str] = "going-away"
    retry_ms: int = fields.of(fields.count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    kind: ClassVar[str] = "replaced"


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    kind: ClassVar[str] = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    kind: ClassVar[str] = "finished"


ClientMessage = (
    Hello | Ping | Describe | Way | Media | Quality | Ask | Answer | Admit | Hold | Words | Leave | Skip
)
ServerMessage = (
    Ice
    | Snapshot
    | Described
    | RestartIce
    | Changed
    | EchoNews
    | Pong
    | Error
    | GoingAway
    | Replaced
    | Removed
    | Finished
)
CLIENT_MESSAGES: dict[str, type[Any]] = {
    part.kind: part
    for part in (Hello, Ping, Describe, Way, Media, Quality, Ask, Answer, Admit, Hold, Words, Leave, Skip)
}
SERVER_MESSAGES: dict[str, type[Any]] = {
    part.kind: part
    for part in (
        Ice,
        Snapshot,
        Described,
        RestartIce,
        Changed,
        EchoNews,
        Pong,
        Error,
        GoingAway,
        Replaced,
        Removed,
        Finished,
    )
}


def parse(text: str) -> ClientMessage:
    """What a page sent; raise ProtocolError for anything PROTOCOL.md does not allow."""
    message: ClientMessage = _parse(text, CLIENT_MESSAGES)
    return message


def parse_server(text: str) -> ServerMessage:
    """What the room sent, for participants written in Python."""
    message: ServerMessage = _parse(text, SERVER_MESSAGES)
    return message


def dump(message: ClientMessage | ServerMessage) -> str:
    body = {name.rstrip("_"): value for name, value in dataclasses.asdict(message).items()}
    if isinstance(message, Quality):  # figures that were not measured are left out, not null
        body = {name: value for name, value in body.items() if value is not None}
    return json.dumps({"type": message.kind, **body}, separators=(",", ":"))


def _parse(text: str, kinds: dict[str, type[Any]]) -> Any:
    # Measured before it is parsed: a character is at least a byte, so the cheap test comes first.
    if len(text) > MESSAGE_LIMIT or len(text.encode("utf-8", "surrogatepass")) > MESSAGE_LIMIT:
        raise ProtocolError("too-large")
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ProtocolError("not-json") from None
    if not isinstance(body, dict):
        raise ProtocolError("not-json")
    kind = body.pop("type", None)
    part = kinds.get(kind) if isinstance(kind, str) else None
    if part is None:
        raise ProtocolError("unknown-type")
    try:
        return fields.build(part, body)
    except ValueError:
        raise ProtocolError("bad-field") from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
