"""The messages about another seat that only some seats may say: ask the patient about it, answer, put it on hold."""

from dataclasses import dataclass
from typing import ClassVar

from webrtc import fields

SEAT = fields.text(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Ask the patient whether this guest may come in."""

    kind: ClassVar[str] = "ask"
    seat: str = fields.of(SEAT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The patient's answer; a no after a yes takes it back."""

    kind: ClassVar[str] = "answer"
    seat: str = fields.of(SEAT)
    agreed: bool = fields.of(fields.flag)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    kind: ClassVar[str] = "hold"
    seat: str = fields.of(SEAT)
    held: bool = fields.of(fields.flag)


SeatMessage = Ask | Answer | Hold
