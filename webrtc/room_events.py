"""What happens in a room, told to whoever keeps the records. `at` is on the room's own, rising clock."""

from dataclasses import dataclass
from typing import Literal

from webrtc.protocol import Quality
from webrtc.quality import Judgement, judge


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """The seat is taken: somebody joined, or came back after having been lost, and is let in already or not."""

    room: str
    seat: str
    admitted: bool
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The seat is taken by somebody who has to be let in."""

    room: str
    seat: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """`person` and `by_person`: who sat in the seat let in and in the one that did it, as the caller of `join` said."""

    room: str
    seat: str
    by: str | None
    person: str | None
    by_person: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The patient was asked whether this guest may come in."""

    room: str
    seat: str
    by: str
    by_person: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the patient said; a no puts a guest who is in the call back into the waiting room."""

    room: str
    seat: str
    agreed: bool
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Put on hold, or taken back."""

    room: str
    seat: str
    held: bool
    by: str
    by_person: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A guest was put out for the rest of the visit."""

    room: str
    seat: str
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
    """The relay hears nothing from this seat any more, on its way to the other one."""

    room: str
    seat: str
    other: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallResumed:
    room: str
    seat: str
    other: str
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaChanged:
    """`what` this seat sends, "picture" or "sound", is `lost` although nobody chose so, or it is back."""

    room: str
    seat: str
    what: str
    lost: bool
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Routed:
    """The seat's packets go another way than before: one of the protocol's ways, or (None) none."""

    room: str
    seat: str
    transport: str | None
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsCompared:
    """`verdict`: match, with the `other` one; or differ or forged, after which the room is over."""

    room: str
    seat: str
    person: str | None
    other: str | None
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
    | Asked
    | Answered
    | Admitted
    | Held
    | Removed
    | Left
    | CallStarted
    | CallInterrupted
    | CallResumed
    | MediaChanged
    | Routed
    | WordsCompared
    | Measured
)


def measured(room: str, seat: str, route: str | None, figures: Quality, *, at: float) -> Measured:
    """Judged by today's limits: another day's must not rewrite what was so."""
    return Measured(room=room, seat=seat, route=route, figures=figures, judgement=judge(figures), at=at)
