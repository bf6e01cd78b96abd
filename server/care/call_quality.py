"""How a visit's call was, from the samples its pages reported: in words, and as a strip for each side. Pure.

Nothing of what was said or seen is in a sample, and no address: only how much of it came through.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

# A sample stands for the time before it.
SPAN = timedelta(seconds=10)
# Weak moments nearer than this are one stretch to whoever was in the call.
NEAR = timedelta(seconds=45)
# A single sample is a hiccup nobody needs to be told of.
SHORTEST = 2 * SPAN
# From this share of a call on, "good throughout" would leave something out.
NOTEWORTHY = 0.25

WORDS = ("good", "fair", "weak", "lost")
WEAK = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What was measured, as far as it was: shares from 0 to 1, bit rates in bit/s. `up` is what this seat sends."""

    rtt_ms: float | None = None
    jitter_ms: float | None = None
    loss_up: float | None = None
    loss_down: float | None = None
    bitrate_up: float | None = None
    bitrate_down: float | None = None
    fps_down: float | None = None
    frozen_ms: float | None = None
    concealed: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """`word` is one of WORDS, `side` where the trouble was: up, down, both. `route` as in PROTOCOL.md, `way`."""

    seat: str
    at: datetime
    route: str | None
    word: str
    side: str | None
    figures: Figures = field(default_factory=Figures)


# How a patient may say their call was, and what of it troubled them.
RATINGS = ("good", "fair", "bad")
TROUBLES = ("sound", "echo", "picture", "broken-off")


class UnknownRating(ValueError):
    """Neither of RATINGS."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """What a patient says of a call; `troubles` in the order of TROUBLES, none of one that was good."""

    word: str
    troubles: tuple[str, ...]
    at: datetime


def rated(word: str, troubles: Iterable[str], *, at: datetime) -> Rating:
    """Raises UnknownRating."""
    if word not in RATINGS:
        raise UnknownRating
    named = set(troubles) if word != RATINGS[0] else set()
    return Rating(word=word, troubles=tuple(each for each in TROUBLES if each in named), at=at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A time that was not good, and on whose side: `seats` in the order of the call."""

    starts_at: datetime
    ends_at: datetime
    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A piece of a seat's strip, from 0 to 1000 along the call; `level` is a place in WORDS."""

    x: int
    width: int
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One seat's call: its strip and its typical figures."""

    seat: str
    routes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    typical: Figures
    frozen_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallStory:
    """`tone`: good, or fair when much of it was; the weak times stand in `stretches`."""

    starts_at: datetime
    ends_at: datetime
    tone: str
    stretches: tuple[Stretch, ...]
    sides: tuple[Side, ...]


def story_of(
    samples: Sequence[Sample], *, seats: Iterable[str] = ("patient", "clinician")
) -> CallStory | None:
    """None when nothing was measured. `seats` says who comes first; others follow as they came."""
    if not samples:
        return None
    ordered = sorted(samples, key=lambda each: each.at)
    names = _in_order(ordered, seats)
    levels = _levels(ordered, names)
    starts_at, ends_at = ordered[0].at - SPAN, ordered[-1].at
    every = [level for of_seat in levels.values() for _, level in of_seat]
    return CallStory(
        starts_at=starts_at,
        ends_at=ends_at,
        tone="fair" if sum(level == 1 for level in every) >= NOTEWORTHY * len(every) else "good",
        stretches=_stretches(levels),
        sides=tuple(
            _side(seat, [each for each in ordered if each.seat == seat], levels[seat], starts_at, ends_at)
            for seat in names
        ),
    )


def _in_order(samples: Sequence[Sample], first: Iterable[str]) -> list[str]:
    there = dict.fromkeys(each.seat for each in samples)
    return [seat for seat in first if seat in there] + [seat for seat in there if seat not in tuple(first)]


def _levels(samples: Sequence[Sample], seats: Sequence[str]) -> dict[str, list[tuple[datetime, int]]]:
    """How each side was, at each sample. What did not arrive is put down to who sent it, where that is one person."""
    found: dict[str, list[tuple[datetime, int]]] = {seat: [] for seat in seats}
    for sample in samples:
        level = WORDS.index(sample.word)
        others = [seat for seat in seats if seat != sample.seat]
        at_fault = others[0] if sample.side == "down" and len(others) == 1 else sample.seat
        found[at_fault].append((sample.at, level))
        if at_fault != sample.seat:
            found[sample.seat].append((sample.at, 0))
    return found


def _stretches(levels: dict[str, list[tuple[datetime, int]]]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for seat, of_seat in levels.items():
        for at in sorted({at for at, level in of_seat if level >= WEAK}):
            last = found[-1] if found and found[-1].seats == (seat,) else None
            if last is not None and at - SPAN - last.ends_at <= NEAR:
                found[-1] = Stretch(starts_at=last.starts_at, ends_at=at, seats=(seat,))
            else:
                found.append(Stretch(starts_at=at - SPAN, ends_at=at, seats=(seat,)))
    long = [each for each in found if each.ends_at - each.starts_at >= SHORTEST]
    return tuple(_together(sorted(long, key=lambda each: each.starts_at)))


def _together(stretches: list[Stretch]) -> list[Stretch]:
    """Two sides that were weak for much the same time are told in one breath."""
    found: list[Stretch] = []
    for each in stretches:
        last = found[-1] if found else None
        if (
            last is not None
            and each.seats[0] not in last.seats
            and abs(each.starts_at - last.starts_at) <= NEAR
            and abs(each.ends_at - last.ends_at) <= NEAR
        ):
            found[-1] = Stretch(
                starts_at=last.starts_at,
                ends_at=max(last.ends_at, each.ends_at),
                seats=(*last.seats, *each.seats),
            )
        else:
            found.append(each)
    return found


def _side(
    seat: str,
    samples: list[Sample],
    levels: list[tuple[datetime, int]],
    starts_at: datetime,
    ends_at: datetime,
) -> Side:
    names = Figures.__dataclass_fields__
    known = {
        name: [value for each in samples if (value := getattr(each.figures, name)) is not None]
        for name in names
    }
    return Side(
        seat=seat,
        routes=tuple(dict.fromkeys(each.route for each in samples if each.route)),
        pieces=_pieces(levels, starts_at, ends_at),
        typical=Figures(**{name: median(values) for name, values in known.items() if values}),
        frozen_seconds=round(sum(known["frozen_ms"]) / 1000, 1),
    )


def _pieces(levels: list[tuple[datetime, int]], starts_at: datetime, ends_at: datetime) -> tuple[Piece, ...]:
    """Neighbours of one level are one piece; where nothing was measured the strip has a hole."""
    count = max(1, round((ends_at - starts_at) / SPAN))
    # Two pages do not take their samples at the same moment: each belongs to the ten seconds its middle lies in.
    cells: list[int | None] = [None] * count
    for at, level in levels:
        cell = min(count - 1, max(0, int((at - SPAN / 2 - starts_at) / SPAN)))
        cells[cell] = max(level, cells[cell] or 0)
    # A page reports every few seconds, so a sample may be a little late; that is no hole.
    for n in range(1, count - 1):
        if cells[n] is None and cells[n - 1] is not None:
            cells[n] = cells[n + 1]
    found: list[Piece] = []
    start = 0
    for n in range(1, count + 1):
        if n < count and cells[n] == cells[start]:
            continue
        if (reached := cells[start]) is not None:
            left, right = round(start * 1000 / count), round(n * 1000 / count)
            found.append(Piece(x=left, width=right - left, level=reached))
        start = n
    return tuple(found)
