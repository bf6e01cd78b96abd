"""How calls were: kept while they go on, told about one visit, and compared over a month of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.care.call_quality import SPAN, CallStory, Rating, Sample, story_of
from server.care.encounter import Encounter, call_facts
from server.services import practice
from server.store import call_ratings, call_samples, guests, presence
from server.store.database import Tx

LAST_DAYS = timedelta(days=30)
# As in PROTOCOL.md, the plainest first.
ROUTES = ("udp", "tcp", "turn-udp", "turn-tcp", "turn-tls")


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitCall:
    """One visit's call; `gaps` are (from, to) without any connection, `to` None is still open.

    `guests`: by what name each of the other seats is known.
    """

    story: CallStory
    gaps: tuple[tuple[datetime, datetime | None], ...]
    guests: dict[str, str]
    rating: Rating | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SideTotal:
    """One seat over one route: for how many seconds it was weak, sending and receiving, and mean figures."""

    seat: str
    route: str | None
    seconds: float
    weak_sending: float
    weak_receiving: float
    frozen: float
    rtt_ms: float | None
    jitter_ms: float | None
    loss_up: float | None
    loss_down: float | None
    bitrate_up: float | None
    bitrate_down: float | None
    fps_down: float | None
    concealed: float | None

    @property
    def weak(self) -> float:
        return self.weak_sending + self.weak_receiving

    @property
    def role(self) -> str:
        """Of a guest no more than that is told here: sitter-1 is a sitter."""
        return self.seat.partition("-")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallTotal:
    """A visit's call, by its number and whose it was; no patient's name."""

    encounter_id: str
    practitioner: str
    starts_at: datetime
    interruptions: int
    rating: Rating | None
    sides: tuple[SideTotal, ...]

    @property
    def seconds(self) -> float:
        return max(side.seconds for side in self.sides)

    @property
    def weak(self) -> float:
        """Of whichever side had it worst."""
        return max(side.weak for side in self.sides)


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteTotal:
    """All seats that came over one route; `weak` is the share of their time."""

    route: str | None
    calls: int
    weak: float


async def keep(tx: Tx, taken: Sequence[tuple[str, Sample]]) -> int:
    """Samples of calls, by visit; how many were kept."""
    return await call_samples.append(tx, taken)


async def of_visit(tx: Tx, encounter: Encounter) -> VisitCall | None:
    """None when nothing was measured."""
    story = story_of(await call_samples.of_encounter(tx, encounter.id))
    if story is None:
        return None
    facts = call_facts(encounter, await presence.of_encounter(tx, encounter.id))
    invited = {each.seat: each.shown_as for each in await guests.of_encounter(tx, encounter.id)}
    rating = await call_ratings.of_encounter(tx, encounter.id)
    return VisitCall(story=story, gaps=facts.gaps, guests=invited, rating=rating)


async def rating_of(tx: Tx, encounter: Encounter) -> tuple[bool, Rating | None]:
    """Whether there was a call the patient could say something of, and what they said last."""
    facts = call_facts(encounter, await presence.of_encounter(tx, encounter.id))
    return facts.started_at is not None, await call_ratings.of_encounter(tx, encounter.id)


async def rate(tx: Tx, encounter: Encounter, rating: Rating) -> None:
    """What the patient says of the call now; where there was none, nothing is kept."""
    had_call, _ = await rating_of(tx, encounter)
    if had_call:
        await call_ratings.put(tx, encounter.id, rating)


async def worst_first(tx: Tx, *, now: datetime, route: str = "") -> tuple[list[CallTotal], list[RouteTotal]]:
    """The calls of the last days, those with the longest weak time first; and every route there was.

    `route`: only calls in which somebody came that way.
    """
    since = now - LAST_DAYS
    rows = await call_samples.totals_since(tx, since)
    interruptions = await call_samples.interruptions_since(tx, since)
    ratings = await call_ratings.since(tx, since)
    names = {each.id: each.name for each in await practice.practitioners(tx)}
    calls = [
        CallTotal(
            encounter_id=visit,
            practitioner=names.get(of_visit[0].practitioner_id, ""),
            starts_at=min(row.first_at for row in of_visit) - SPAN,
            interruptions=interruptions.get(visit, 0),
            rating=ratings.get(visit),
            sides=tuple(_side(row) for row in sorted(of_visit, key=_clinician_last)),
        )
        for visit, of_visit in _by_visit(rows).items()
        if not route or route in {row.route for row in of_visit}
    ]
    worst = sorted(calls, key=lambda call: (call.weak, call.interruptions, call.starts_at), reverse=True)
    return worst, _routes(rows)


def _by_visit(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return found


def _clinician_last(row: Any) -> tuple[bool, bool, str, str]:
    return row.seat != "patient", row.seat == "clinician", row.seat, row.route or ""


def _side(row: Any) -> SideTotal:
    span = SPAN.total_seconds()
    return SideTotal(
        seat=row.seat,
        route=row.route,
        seconds=row.samples * span,
        weak_sending=row.weak_here * span,
        weak_receiving=row.weak_arriving * span,
        frozen=row.frozen_ms / 1000,
        rtt_ms=row.rtt_ms,
        jitter_ms=row.jitter_ms,
        loss_up=row.loss_up,
        loss_down=row.loss_down,
        bitrate_up=row.bitrate_up,
        bitrate_down=row.bitrate_down,
        fps_down=row.fps_down,
        concealed=row.concealed,
    )


def _routes(rows: Iterable[Any]) -> list[RouteTotal]:
    by_route: dict[str | None, list[Any]] = {}
    for row in rows:
        by_route.setdefault(row.route, []).append(row)
    known = [*ROUTES, *(each for each in by_route if each not in ROUTES)]
    return [
        RouteTotal(
            route=route,
            calls=len({row.id for row in by_route[route]}),
            weak=sum(row.weak_here + row.weak_arriving for row in by_route[route])
            / sum(row.samples for row in by_route[route]),
        )
        for route in known
        if route in by_route
    ]
