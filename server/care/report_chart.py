"""Columns by week as a drawing: plain geometry in the drawing's own units, so that a page only puts the shapes down."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 384, 150
LEFT, RIGHT, TOP, BOTTOM = 28, 4, 12, 22
# Columns stand this much of their place apart.
GAP = 0.3
# Numbers at the side that people count in.
ROUND = (1, 2, 5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of one column; `part` is which of the parts, from 0."""

    part: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """`marks` are points above the columns. `scale` are (y, number), `weeks` the middles of the columns."""

    pieces: tuple[Piece, ...]
    marks: tuple[tuple[float, float], ...]
    scale: tuple[tuple[float, int], ...]
    weeks: tuple[float, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def columns(parts: Sequence[Sequence[float]], *, marks: Sequence[float | None] = ()) -> Columns:
    """`parts` lie on each other: one list of figures for each, with a figure for each week, oldest first."""
    totals = [sum(figures) for figures in zip(*parts, strict=True)]
    top, step = _scale(max([*totals, *(mark or 0 for mark in marks)], default=0))
    place = (WIDTH - LEFT - RIGHT) / max(1, len(totals))

    def y(figure: float) -> float:
        return round(HEIGHT - BOTTOM - figure / top * (HEIGHT - TOP - BOTTOM), 1)

    def middle(n: int) -> float:
        return round(LEFT + place * (n + 0.5), 1)

    pieces = []
    for n in range(len(totals)):
        stands_on = 0.0
        for part, figures in enumerate(parts):
            reaches = stands_on + figures[n]
            if figures[n] > 0:
                pieces.append(
                    Piece(
                        part=part,
                        x=round(LEFT + place * (n + GAP / 2), 1),
                        y=y(reaches),
                        width=round(place * (1 - GAP), 1),
                        height=round(y(stands_on) - y(reaches), 1),
                    )
                )
            stands_on = reaches
    return Columns(
        pieces=tuple(pieces),
        marks=tuple((middle(n), y(mark)) for n, mark in enumerate(marks) if mark is not None),
        scale=tuple((y(number), number) for number in range(0, top + 1, step)),
        weeks=tuple(middle(n) for n in range(len(totals))),
    )


def _scale(highest: float) -> tuple[int, int]:
    """The number at the top and the step to it: round ones, at most five steps."""
    step = 1
    while step * 5 < highest:
        power = 10 ** (len(str(step)) - 1)
        step = next((each * power for each in ROUND if each * power > step), 10 * power)
    return max(step, -int(-highest // step) * step), step
