"""What a test of camera, microphone, sound and line has found, as it is kept with the visit. Never an address."""

import json
from dataclasses import dataclass, field
from typing import Any

PARTS = ("camera", "microphone", "sound")
# What keeps a part from working decides who can do something about it.
STATES = ("good", "missing", "blocked", "in-use")
VERDICTS = ("good", "fair", "weak", "reached", "failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One way to the call, tried on its own: `udp`, `tcp`, or `turn`, by way of a TURN server."""

    name: str
    works: bool
    rtt_ms: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceTest:
    """`parts`: camera, microphone, sound → a state. `verdict` is None until the line was tested."""

    parts: dict[str, str] = field(default_factory=dict)
    verdict: str | None = None
    routes: tuple[Route, ...] = ()
    # Fractions, bit/s, and milliseconds: up is from the patient to us.
    loss: tuple[float | None, float | None] = (None, None)
    bitrate: tuple[float | None, float | None] = (None, None)
    jitter: tuple[float | None, float | None] = (None, None)
    browser: str | None = None

    @property
    def first_works(self) -> bool:
        """Whether the usual way gets through; the others are asked only when it does not."""
        return bool(self.routes) and self.routes[0].works

    @property
    def taken(self) -> Route | None:
        """The way a visit would take."""
        return next((route for route in self.routes if route.works), None)

    @property
    def all_good(self) -> bool:
        return self.verdict == "good" and all(state == "good" for state in self.parts.values())


def read(kept: str | None) -> DeviceTest:
    """Pages and figures have written it; what does not fit is left out."""
    found: dict[str, Any] = json.loads(kept) if kept else {}
    verdict = found.get("verdict")
    return DeviceTest(
        parts={part: found[part] for part in PARTS if found.get(part) in STATES},
        verdict=verdict if verdict in VERDICTS else None,
        routes=tuple(
            Route(name=each["route"], works=each["works"], rtt_ms=each["rtt_ms"])
            for each in found.get("routes", ())
        ),
        loss=(found.get("loss_up"), found.get("loss_down")),
        jitter=(found.get("jitter_up_ms"), found.get("jitter_down_ms")),
        bitrate=(found.get("bitrate_up"), found.get("bitrate_down")),
        browser=found.get("browser"),
    )
