"""What happens in a room, told to whoever keeps the records. `at` is on the room's own, rising clock."""

from dataclasses import dataclass
from typing import Literal

from webrtc.protocol import Quality
from webrtc.quality import Judgement, judge


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """The seat is taken: somebody joined, or came back after having been lost."""

    room: str
    seat: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The seat is taken by somebody who has to be let in."""

    room: str
    seat: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    room: str
    seat: str
    by: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """`left`: on purpose. `lost`: not heard of for a whole lease."""

    room: str
    seat: str
    reason: Literal["left", "lost"]
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallStarted:
    """Both seats have reached the relay and the gate between them is open, for the first time."""

    room: str
    seat: str
    other: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallInterrupted:
    """The relay hears nothing from this seat any more."""

    room: str
    seat: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallResumed:
    room: str
    seat: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Routed:
    """The seat reaches the relay another way than before: udp, tcp, or (None) not at all."""

    room: str
    seat: str
    transport: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsCompared:
    """`verdict`: match, or differ or forged, after which the room is over."""

    room: str
    seat: str
    verdict: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What this seat's page found of the call in the last seconds: one sample, by the route it had at the end."""

    room: str
    seat: str
    route: str | None
    figures: Quality
    judgement: Judgement
    at: float


RoomEvent = (
    Present
    | Waiting
    | Admitted
    | Left
    | CallStarted
    | CallInterrupted
    | CallResumed
    | Routed
    | WordsCompared
    | Measured
)


def measured(room: str, seat: str, route: str | None, figures: Quality, *, at: float) -> Measured:
    """Judged by today's limits: another day's must not rewrite what was so."""
    return Measured(room=room, seat=seat, route=route, figures=figures, judgement=judge(figures), at=at)
