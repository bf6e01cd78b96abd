"""A course has four sessions on rising days; each is held once, in order, and not before its day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.care.plan import (
    CarePlan,
    DatesUnfit,
    SessionAlreadyDone,
    SessionNotYet,
    finish_session,
    make,
    move,
)

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
FOUR = [TODAY + timedelta(days=14 * n) for n in range(4)]


def planned(days: list[date] = FOUR) -> CarePlan:
    return make(
        id="plan",
        patient_id="mira",
        practitioner_id="reyes",
        made_by="account",
        sessions=[(f"s{n}", day) for n, day in enumerate(days, start=1)],
        today=TODAY,
        now=NOW,
    )


def test_four_rising_days_make_a_course() -> None:
    plan = planned()
    assert [(each.number, each.planned_on) for each in plan.sessions] == list(enumerate(FOUR, start=1))
    assert (plan.status, plan.next, plan.done) == ("active", plan.sessions[0], {})


@pytest.mark.parametrize(
    "days",
    [
        FOUR[:3],
        [*FOUR, FOUR[-1] + timedelta(days=1)],
        [TODAY - timedelta(days=1), *FOUR[1:]],
        [FOUR[0], FOUR[0], *FOUR[2:]],
        [FOUR[1], FOUR[0], *FOUR[2:]],
        [],
    ],
    ids=["three", "five", "in the past", "two on one day", "out of order", "none"],
)
def test_other_days_make_none(days: list[date]) -> None:
    with pytest.raises(DatesUnfit):
        planned(days)


def test_the_next_session_is_done_on_its_day_and_opens_the_one_after() -> None:
    after = finish_session(planned(), "s1", today=TODAY, now=NOW)
    assert after.done == {1: NOW}
    assert after.next == after.sessions[1]
    assert after.version == 2


def test_done_twice_is_done_once() -> None:
    once = finish_session(planned(), "s1", today=TODAY, now=NOW)
    assert finish_session(once, "s1", today=TODAY, now=NOW + timedelta(hours=1)) == once


@pytest.mark.parametrize(
    ("session", "today"), [("s1", TODAY - timedelta(days=1)), ("s2", FOUR[1]), ("s9", TODAY)]
)
def test_not_before_its_day_nor_before_the_ones_before_it(session: str, today: date) -> None:
    with pytest.raises(SessionNotYet):
        finish_session(planned(), session, today=today, now=NOW)


def test_days_ahead_can_be_moved_and_a_day_that_was_held_cannot() -> None:
    once = finish_session(planned(), "s1", today=TODAY, now=NOW)
    later = [FOUR[0], *[day + timedelta(days=7) for day in FOUR[1:]]]
    assert [each.planned_on for each in move(once, later, today=TODAY).sessions] == later
    with pytest.raises(SessionAlreadyDone):
        move(once, [FOUR[0] + timedelta(days=1), *FOUR[1:]], today=TODAY)
    with pytest.raises(DatesUnfit):
        move(once, [FOUR[0], TODAY - timedelta(days=3), *FOUR[2:]], today=TODAY)


def test_a_day_that_slipped_by_may_stay_while_others_move() -> None:
    plan = replace(planned(), version=5)
    moved = move(
        plan, [FOUR[0], *[day + timedelta(days=1) for day in FOUR[1:]]], today=FOUR[0] + timedelta(days=1)
    )
    assert moved.version == 6
