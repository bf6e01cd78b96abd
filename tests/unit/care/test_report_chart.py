"""Columns by week as a drawing: what stands where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.care.report_chart import HEIGHT, LEFT, TOP, WIDTH, columns


def test_parts_stand_on_each_other_without_a_gap() -> None:
    drawn = columns([[2, 0], [3, 1]])
    first, second, alone = drawn.pieces
    assert (first.part, second.part, alone.part) == (0, 1, 1)
    assert first.y + first.height == drawn.floor
    assert second.y + second.height == pytest.approx(first.y, abs=0.11)
    assert alone.y + alone.height == drawn.floor


def test_nothing_draws_nothing_but_its_scale() -> None:
    drawn = columns([[0, 0, 0]], marks=[None, None, None])
    assert (drawn.pieces, drawn.marks) == ((), ())
    assert [number for _, number in drawn.scale] == [0, 1]


@pytest.mark.parametrize(
    ("highest", "numbers"),
    [
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (6, [0, 2, 4, 6]),
        (23, [0, 5, 10, 15, 20, 25]),
        (70, [0, 20, 40, 60, 80]),
    ],
)
def test_the_scale_counts_in_round_numbers(highest: int, numbers: list[int]) -> None:
    assert [number for _, number in columns([[highest]]).scale] == numbers


FIGURES = st.floats(0, 5000)


@given(st.lists(st.tuples(FIGURES, FIGURES, st.none() | FIGURES), min_size=1, max_size=12))
def test_nothing_is_drawn_outside(weeks: list[tuple[float, float, float | None]]) -> None:
    parts = [[week[0] for week in weeks], [week[1] for week in weeks]]
    drawn = columns(parts, marks=[week[2] for week in weeks])
    for piece in drawn.pieces:
        assert LEFT <= piece.x <= piece.x + piece.width <= WIDTH
        assert TOP - 0.1 <= piece.y <= piece.y + piece.height <= HEIGHT
    assert all(TOP - 0.1 <= y <= drawn.floor for _, y in drawn.marks)
    assert len(drawn.scale) <= 6 + 1
