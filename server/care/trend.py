"""The course of a measure as a drawing: where each total stands, in severity bands, beside the sessions.

Plain geometry in the drawing's own units, so that a page only has to put the shapes down.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.care.measures import Instrument, MeasureResponse

# The right edge holds the longest name of a band, below the floor stand sessions, holds and dates, a row each.
WIDTH, HEIGHT = 384, 190
LEFT, RIGHT, TOP, BOTTOM = 8, 112, 26, 44
# So far from the edges that neither a dot nor its number leaves the bands.
INSET = 14
# Words nearer than this would be written over each other.
LEGIBLE = 17
# One answer alone still needs an axis.
SHORTEST = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """`named` when its total is written beside it; in a crowd only some are, and the table has them all."""

    x: float
    y: float
    at: datetime
    total: int
    band: str
    alarming: bool
    named: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Stripe:
    """A severity band: its upper edge, its height, and its name."""

    y: float
    height: float
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A moment on the time axis: a session held, or a hold opened."""

    x: float
    at: datetime
    kind: str
    label: str
    named: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """`line` is an SVG path through the points, oldest first."""

    instrument: Instrument
    points: tuple[Point, ...]
    stripes: tuple[Stripe, ...]
    marks: tuple[Mark, ...]
    line: str
    starts_at: datetime
    ends_at: datetime
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def trend(
    instrument: Instrument,
    responses: Iterable[MeasureResponse],
    *,
    sessions: Sequence[tuple[int, datetime]],
    holds: Sequence[datetime],
    now: datetime,
) -> Trend | None:
    """None while nothing was answered. Only complete forms have a place in it."""
    given = [
        (each.completed_at, each.score.total, each.answers.get(instrument.alarm or "", 0) >= 1)
        for each in responses
        if each.instrument == instrument.code and each.completed_at is not None
    ]
    scored = [(at, total, alarming) for at, total, alarming in given if total is not None]
    if not scored:
        return None
    starts_at = min([at for at, _, _ in scored] + [at for _, at in sessions])
    ends_at = max(now, starts_at + SHORTEST)

    def x(at: datetime) -> float:
        room = WIDTH - LEFT - RIGHT - 2 * INSET
        return round(LEFT + INSET + (at - starts_at) / (ends_at - starts_at) * room, 1)

    named = legible([x(at) for at, _, _ in scored], always=[alarming for _, _, alarming in scored])
    points = tuple(
        Point(
            x=x(at),
            y=_height_of(total, instrument),
            at=at,
            total=total,
            band=instrument.band_of(total).label,
            alarming=alarming,
            named=name,
        )
        for (at, total, alarming), name in zip(scored, named, strict=True)
    )
    return Trend(
        instrument=instrument,
        points=points,
        stripes=_stripes(instrument),
        marks=_marks(sessions, [at for at in holds if at >= starts_at], x),
        line=" ".join(f"{'L' if n else 'M'}{point.x} {point.y}" for n, point in enumerate(points)),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def legible(places: Sequence[float], *, always: Sequence[bool]) -> list[bool]:
    """Which of these, from left to right, can be written beside each other: the last one, and those that must."""
    named = list(always)
    taken = [place for place, must in zip(places, always, strict=True) if must]
    for n, place in reversed(list(enumerate(places))):
        if all(abs(place - other) >= LEGIBLE for other in taken):
            named[n] = True
            taken.append(place)
    return named


def _marks(
    sessions: Sequence[tuple[int, datetime]], holds: Sequence[datetime], x: Callable[[datetime], float]
) -> tuple[Mark, ...]:
    named = legible([x(at) for _, at in sessions], always=[False] * len(sessions))
    return (
        *(
            Mark(x=x(at), at=at, kind="session", label=str(number), named=name)
            for (number, at), name in zip(sessions, named, strict=True)
        ),
        *(Mark(x=x(at), at=at, kind="hold", label="", named=False) for at in holds),
    )


def _height_of(total: float, instrument: Instrument) -> float:
    return round(HEIGHT - BOTTOM - total / instrument.highest * (HEIGHT - TOP - BOTTOM), 1)


def _stripes(instrument: Instrument) -> tuple[Stripe, ...]:
    """Each band from its least total to the next one's, the highest to the top."""
    edges = [band.least for band in instrument.bands] + [instrument.highest]
    found = []
    for band, lower, upper in zip(instrument.bands, edges, edges[1:], strict=False):
        top = _height_of(upper, instrument)
        found.append(Stripe(y=top, height=round(_height_of(lower, instrument) - top, 1), label=band.label))
    return tuple(found)
