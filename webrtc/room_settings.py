"""What every room of a server has in common."""

from dataclasses import dataclass, field

from webrtc.carriers import Carrier, RelayCarrier


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomSettings:
    carrier: Carrier = field(default_factory=RelayCarrier)
    max_seats: int = 4
    lease_seconds: float = 20.0
