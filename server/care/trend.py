"""The course of a measure as a drawing: where each total stands, in severity bands, beside the sessions.

Plain geometry in the drawing's own units, so that a page only has to put the shapes down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.care.measures import Instrument, MeasureResponse

# The right edge holds the longest name of a band, below the floor stand sessions, holds and dates, a row each.
WIDTH, HEIGHT = 384, 190
LEFT, RIGHT, TOP, BOTTOM = 8, 112, 26, 44
# So far from the edges that neither a dot nor its number leaves the bands.
INSET = 14
# One answer alone still needs an axis.
SHORTEST = timedelta(days=14)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    x: float
    y: float
    at: datetime
    total: int
    band: str
    alarming: bool


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

    points = tuple(
        Point(
            x=x(at),
            y=_height_of(total, instrument),
            at=at,
            total=total,
            band=instrument.band_of(total).label,
            alarming=alarming,
        )
        for at, total, alarming in scored
    )
    marks = [Mark(x=x(at), at=at, kind="session", label=str(number)) for number, at in sessions]
    marks += [Mark(x=x(at), at=at, kind="hold", label="") for at in holds if at >= starts_at]
    return Trend(
        instrument=instrument,
        points=points,
        stripes=_stripes(instrument),
        marks=tuple(marks),
        line=" ".join(f"{'L' if n else 'M'}{point.x} {point.y}" for n, point in enumerate(points)),
        starts_at=starts_at,
        ends_at=ends_at,
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
