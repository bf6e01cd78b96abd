"""From when to when a kind of visit may be booked and changed, and how long it is with an interpreter."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.visit_types import (
    TooFarAhead,
    TooLate,
    TooLateToChange,
    VisitType,
    check_cut_off,
    check_notice,
)

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
INTAKE = VisitType(
    code="intake",
    name="First visit",
    length=timedelta(minutes=25),
    minimum_notice=DAY,
    horizon=30 * DAY,
    cut_off=2 * DAY,
    held_by=frozenset({"reyes"}),
)


def test_a_start_at_the_last_moment_of_notice_and_horizon_is_fine_and_a_minute_beyond_is_not():
    minute = timedelta(minutes=1)

    check_notice(INTAKE, starts_at=NOW + DAY, now=NOW)
    check_notice(INTAKE, starts_at=NOW + 30 * DAY, now=NOW)
    with pytest.raises(TooLate):
        check_notice(INTAKE, starts_at=NOW + DAY - minute, now=NOW)
    with pytest.raises(TooFarAhead):
        check_notice(INTAKE, starts_at=NOW + 30 * DAY + minute, now=NOW)


def test_a_link_changes_a_visit_until_the_cut_off():
    check_cut_off(INTAKE, starts_at=NOW + 2 * DAY, now=NOW)
    with pytest.raises(TooLateToChange):
        check_cut_off(INTAKE, starts_at=NOW + 2 * DAY - timedelta(minutes=1), now=NOW)


def test_without_a_horizon_a_visit_is_booked_as_far_ahead_as_one_likes():
    check_notice(VisitType(code="x", name="x", length=DAY), starts_at=NOW + 999 * DAY, now=NOW)


def test_an_interpreter_makes_a_visit_half_as_long_again_to_the_next_whole_minute():
    assert INTAKE.with_interpreter().length == timedelta(minutes=38)


def test_a_kind_nobody_is_named_for_is_held_by_everybody():
    assert INTAKE.may_be_held_by("reyes") and not INTAKE.may_be_held_by("okafor")
    assert VisitType(code="x", name="x", length=DAY).may_be_held_by("okafor")
