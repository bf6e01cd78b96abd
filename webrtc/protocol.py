"""The signalling messages of PROTOCOL.md as values: parse, dump, and a named error for anything else."""

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn, TypeVar

MESSAGE_LIMIT = 96_000
NUMBER_LIMIT = 1e12
SEQ_LIMIT = 2**53 - 1  # the largest integer a page can hold exactly

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
    }
)
ERROR_CODES = (
    FATAL_CODES
    | DESCRIPTION_CODES
    | {"not-allowed", "unknown-seat", "unknown-connection", "not-waiting", "relay-unavailable"}
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


Check = Callable[[Any], Any]  # returns the value to keep, or raises ValueError
T = TypeVar("T")


def _text(pattern: str) -> Check:
    shape = re.compile(pattern)

    def check(value: Any) -> str:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise ValueError
        return value

    return check


def _string(limit: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError
        return value

    return check


def _flag(value: Any) -> bool:
    if value is not True and value is not False:
        raise ValueError
    return bool(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= SEQ_LIMIT:  # True is an int to isinstance
        raise ValueError
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= NUMBER_LIMIT:
        raise ValueError
    return float(value)


def _maybe(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _one(part: type[Any]) -> Check:
    return lambda value: _build(part, value)


def _many(part: type[Any]) -> Check:
    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > 64:
            raise ValueError
        return tuple(_build(part, row) for row in value)

    return check


_SEAT = _text(r"[a-z][a-z0-9-]{0,31}")
_CODE = _text(r"[a-z][a-z0-9-]{0,31}")
_TOKEN = _text(r"[A-Za-z0-9_-]{8,64}")
# The measure of a description proper is in sdp.py, with an error of its own; this bound only precedes it.
_SDP = _string(MESSAGE_LIMIT)


def _of(check: Check, **options: Any) -> Any:
    return field(metadata={"check": check}, **options)


def _figure() -> Any:
    return _of(_maybe(_number), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionDescription:
    type: str = _of(_text("offer|answer"))
    sdp: str = _of(_SDP)


_DESCRIPTION = _one(SessionDescription)


# Browser to server


@dataclass(frozen=True, kw_only=True, slots=True)
class Hello:
    kind: ClassVar[str] = "hello"
    page: str = _of(_TOKEN)
    seen: int = _of(_count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ping:
    kind: ClassVar[str] = "ping"


@dataclass(frozen=True, kw_only=True, slots=True)
class Describe:
    """A description on its way to the room."""

    kind: ClassVar[str] = "description"
    to: str = _of(_SEAT)
    connection: str = _of(_TOKEN)
    description: SessionDescription = _of(_DESCRIPTION)  # noqa: RUF009 -- makes a dataclass field


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    kind: ClassVar[str] = "media"
    audio: bool = _of(_flag)
    video: bool = _of(_flag)
    state: str = _of(_CODE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    kind: ClassVar[str] = "quality"
    rtt_ms: float | None = _figure()
    jitter_ms: float | None = _figure()
    loss_up: float | None = _figure()
    loss_down: float | None = _figure()
    bitrate_up: float | None = _figure()
    bitrate_down: float | None = _figure()
    estimate_up: float | None = _figure()
    fps_down: float | None = _figure()
    frozen_ms: float | None = _figure()
    concealed: float | None = _figure()


@dataclass(frozen=True, kw_only=True, slots=True)
class Admit:
    kind: ClassVar[str] = "admit"
    seat: str = _of(_SEAT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    kind: ClassVar[str] = "leave"


# Server to browser


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaView:
    audio: bool = _of(_flag)
    video: bool = _of(_flag)
    state: str = _of(_CODE)


_MAYBE_MEDIA = _maybe(_one(MediaView))
_MAYBE_NUMBER = _maybe(_number)
_MAYBE_WORD = _maybe(_text("good|fair|weak|lost"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatView:
    seat: str = _of(_SEAT)
    name: str = _of(_string(200))
    role: str = _of(_CODE)
    present: bool = _of(_flag)
    admitted: bool = _of(_flag)
    waiting_since: float | None = _of(_MAYBE_NUMBER)
    media: MediaView | None = _of(_MAYBE_MEDIA)  # noqa: RUF009 -- makes a dataclass field
    quality: str | None = _of(_MAYBE_WORD)


@dataclass(frozen=True, kw_only=True, slots=True)
class PeerView:
    seat: str = _of(_SEAT)
    connection: str = _of(_TOKEN)
    polite: bool = _of(_flag)
    start: bool = _of(_flag)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    kind: ClassVar[str] = "snapshot"
    seq: int = _of(_count)
    room: str = _of(_string(200))
    state: str = _of(_text("waiting|in-call|finished|cancelled"))
    you: str = _of(_SEAT)
    seats: tuple[SeatView, ...] = _of(_many(SeatView))
    peers: tuple[PeerView, ...] = _of(_many(PeerView))
    now: float = _of(_number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A description on its way to a page. `from` is a Python keyword, hence the underscore."""

    kind: ClassVar[str] = "description"
    from_: str = _of(_SEAT)
    connection: str = _of(_TOKEN)
    description: SessionDescription = _of(_DESCRIPTION)  # noqa: RUF009 -- makes a dataclass field


@dataclass(frozen=True, kw_only=True, slots=True)
class RestartIce:
    kind: ClassVar[str] = "restart-ice"
    connection: str = _of(_TOKEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    kind: ClassVar[str] = "changed"
    topic: str = _of(_CODE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pong:
    kind: ClassVar[str] = "pong"


@dataclass(frozen=True, kw_only=True, slots=True)
class Error:
    kind: ClassVar[str] = "error"
    code: str = _of(_text("|".join(sorted(ERROR_CODES))))


@dataclass(frozen=True, kw_only=True, slots=True)
class GoingAway:
    kind: ClassVar[str] = "going-away"
    retry_ms: int = _of(_count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    kind: ClassVar[str] = "replaced"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    kind: ClassVar[str] = "finished"


ClientMessage = Hello | Ping | Describe | Media | Quality | Admit | Leave
ServerMessage = Snapshot | Described | RestartIce | Changed | Pong | Error | GoingAway | Replaced | Finished
CLIENT_MESSAGES: dict[str, type[Any]] = {
    part.kind: part for part in (Hello, Ping, Describe, Media, Quality, Admit, Leave)
}
SERVER_MESSAGES: dict[str, type[Any]] = {
    part.kind: part
    for part in (
        Snapshot,
        Described,
        RestartIce,
        Changed,
        Pong,
        Error,
        GoingAway,
        Replaced,
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
        return _build(part, body)
    except ValueError:
        raise ProtocolError("bad-field") from None


def _build(part: type[T], body: Any) -> T:
    if type(body) is not dict:
        raise ValueError
    values: dict[str, Any] = {}
    for each in dataclasses.fields(part):  # type: ignore[arg-type]  # every part is a dataclass
        name = each.name.rstrip("_")
        if name in body:
            values[each.name] = each.metadata["check"](body.pop(name))
        elif each.default is dataclasses.MISSING:
            raise ValueError
    if body:
        raise ValueError
    return part(**values)


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
