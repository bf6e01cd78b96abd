"""What every room of a server has in common."""

from dataclasses import dataclass, field

from webrtc.mesh import CandidateRules


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomSettings:
    candidates: CandidateRules = field(default_factory=CandidateRules)
    max_seats: int = 4
    lease_seconds: float = 20.0
