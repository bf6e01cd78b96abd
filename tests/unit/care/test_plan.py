"""A course has four sessions on rising days; each is held once, in order, and not before its day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.care.plan import (
    CarePlan,
    CourseOver,
    CourseRules,
    DatesTooClose,
    DatesUnfit,
    EndReasonMissing,
    SessionAlreadyDone,
    SessionJustDone,
    SessionNotYet,
    complete,
    end,
    finish_session,
    make,
    move,
    too_soon,
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


def held(*hours: float) -> CarePlan:
    """The first sessions done so many hours after NOW."""
    plan = planned()
    for number, after in enumerate(hours, start=1):
        plan = finish_session(plan, f"s{number}", today=FOUR[3], now=NOW + timedelta(hours=after))
    return plan


def test_another_one_within_twelve_hours_is_the_same_one_said_again() -> None:
    with pytest.raises(SessionJustDone):
        held(0, 11.99)
    assert set(held(0, 12).done) == {1, 2}


@pytest.mark.parametrize(("hours", "early"), [(12, True), (71.99, True), (72, False), (336, False)])
def test_sooner_than_the_protocol_allows_is_known_to_be_so_in_real_hours(hours: float, early: bool) -> None:
    """clinical.md §5.3, I1: elapsed ≥ min interval in real hours; over the night the clocks change too."""
    now = NOW + timedelta(hours=hours)
    assert too_soon(held(0), rules=CourseRules(), now=now) is early
    assert held(0).opens_at(CourseRules()) == NOW + timedelta(hours=72)
    assert not too_soon(held(0), rules=CourseRules(min_between=timedelta(hours=12)), now=now)


def test_the_first_session_comes_after_nothing_and_nothing_comes_after_the_last() -> None:
    assert planned().opens_at(CourseRules()) is None
    assert held(0, 80, 160, 240).opens_at(CourseRules()) is None


def test_days_closer_than_the_protocol_allows_make_no_course() -> None:
    with pytest.raises(DatesTooClose):
        planned([TODAY + timedelta(days=2 * n) for n in range(4)])
    planned([TODAY + timedelta(days=3 * n) for n in range(4)])


def test_what_lies_behind_may_have_been_close_and_what_is_ahead_may_not() -> None:
    close = replace(
        held(0, 13),
        sessions=tuple(
            replace(each, planned_on=TODAY + timedelta(days=n)) if n < 2 else each
            for n, each in enumerate(held(0, 13).sessions)
        ),
    )
    kept = [TODAY, TODAY + timedelta(days=1)]
    ahead = [TODAY + timedelta(days=4), TODAY + timedelta(days=7)]
    assert move(close, kept + ahead, today=TODAY).version == close.version + 1
    with pytest.raises(DatesTooClose):
        move(close, [*kept, TODAY + timedelta(days=3), TODAY + timedelta(days=7)], today=TODAY)


ALL = {"s1", "s2", "s3", "s4"}


@pytest.mark.parametrize(
    ("plan", "shared", "status"),
    [
        (held(0, 80, 160, 240), ALL, "completed"),
        (held(0, 80, 160, 240), ALL - {"s2"}, "active"),
        (held(0, 80, 160), ALL, "active"),
    ],
    ids=["all done and shared", "one not shared", "one not held"],
)
def test_it_is_complete_when_all_four_are_held_and_shared(
    plan: CarePlan, shared: set[str | None], status: str
) -> None:
    """clinical.md, introduction: all four must be shared before the course can be completed (the article's rule)."""
    later = NOW + timedelta(days=30)
    after = complete(plan, shared=shared, now=later)
    assert (after.status, after.ended_at) == (status, later if status == "completed" else None)


def test_a_clinician_ends_it_with_a_reason_and_then_it_stays_ended() -> None:
    ended = end(held(0), by="a1", reason=" moved away ", now=NOW)
    assert (ended.status, ended.ended_by, ended.end_reason) == ("revoked", "a1", "moved away")
    with pytest.raises(CourseOver):
        end(ended, by="a2", reason="again", now=NOW)
    with pytest.raises(CourseOver):
        finish_session(ended, "s2", today=FOUR[1], now=NOW + timedelta(days=20))
    assert finish_session(ended, "s1", today=FOUR[1], now=NOW + timedelta(days=20)) is ended
    assert complete(ended, shared=ALL, now=NOW) is ended


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_it_is_not_ended_without_one(reason: str) -> None:
    with pytest.raises(EndReasonMissing):
        end(planned(), by="a1", reason=reason, now=NOW)


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
