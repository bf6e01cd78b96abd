"""A measure over time as a drawing: oldest left, lowest at the bottom, every band in its place."""

import itertools
from datetime import UTC, datetime, timedelta

from server.care.measures import GAD7, PHQ9, MeasureResponse
from server.care.trend import HEIGHT, LEGIBLE, TOP, WIDTH, trend

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def sent(total: int, days_ago: int, *, alarm: int = 0) -> MeasureResponse:
    answers, left = {}, total - alarm
    for item in PHQ9.items[:-1]:
        answers[item.name] = min(3, left)
        left -= answers[item.name]
    answers[PHQ9.items[-1].name] = alarm
    at = NOW - days_ago * DAY
    return MeasureResponse(
        id=f"r{days_ago}",
        patient_id="p",
        instrument="phq-9",
        status="completed",
        begun_at=at,
        saved_at=at,
        completed_at=at,
        answers=answers,
    )


def drawn(*responses: MeasureResponse, sessions=(), holds=()):
    return trend(PHQ9, responses, sessions=list(sessions), holds=list(holds), now=NOW)


def test_nothing_answered_is_nothing_drawn() -> None:
    assert drawn() is None
    assert trend(GAD7, [sent(5, 1)], sessions=[], holds=[], now=NOW) is None


def test_time_runs_to_the_right_and_totals_rise_upwards() -> None:
    picture = drawn(sent(20, 40), sent(8, 10), sent(0, 0))
    assert [point.x for point in picture.points] == sorted(point.x for point in picture.points)
    assert [point.y for point in picture.points] == sorted(point.y for point in picture.points)
    first, last = picture.points[0].x, picture.points[-1].x
    assert first - picture.left == picture.right - last > 0
    assert picture.points[-1].y == picture.floor
    assert picture.line.startswith("M") and picture.line.count("L") == 2


def test_one_answer_alone_has_its_place() -> None:
    picture = drawn(sent(27, 0, alarm=3))
    [point] = picture.points
    assert (point.total, point.band, point.alarming, point.y) == (27, "severe", True, TOP)
    assert picture.left <= point.x <= picture.right < WIDTH


def test_the_bands_fill_the_drawing_without_a_gap() -> None:
    stripes = drawn(sent(5, 1)).stripes
    assert [stripe.label for stripe in stripes] == [
        "minimal",
        "mild",
        "moderate",
        "moderately severe",
        "severe",
    ]
    for lower, upper in itertools.pairwise(stripes):
        assert abs(upper.y + upper.height - lower.y) < 0.2
    assert stripes[-1].y == TOP and abs(stripes[0].y + stripes[0].height - drawn(sent(5, 1)).floor) < 0.2
    assert drawn(sent(5, 1)).floor < HEIGHT


def test_in_a_crowd_the_last_total_and_every_alarm_are_written_and_nothing_over_another() -> None:
    picture = drawn(*(sent(5, ago, alarm=ago == 91) for ago in range(360, -1, -1)))
    named = [point for point in picture.points if point.named]
    assert picture.points[-1] in named and any(point.alarming for point in named)
    assert all(right.x - left.x >= LEGIBLE for left, right in itertools.pairwise(named))
    assert 5 < len(named) < 20
    assert all(point.named for point in drawn(sent(20, 40), sent(8, 20), sent(0, 0)).points)


def test_sessions_and_holds_stand_where_they_happened() -> None:
    picture = drawn(
        sent(20, 40), sent(8, 0), sessions=[(1, NOW - 20 * DAY)], holds=[NOW - 10 * DAY, NOW - 90 * DAY]
    )
    assert [(mark.kind, mark.label) for mark in picture.marks] == [("session", "1"), ("hold", "")]
    assert picture.points[0].x < picture.marks[0].x < picture.marks[1].x < picture.points[1].x
