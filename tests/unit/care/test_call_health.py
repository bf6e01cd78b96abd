"""When the server calls itself, and what a failure means until calls work again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.care.call_health import ALARM_AFTER, BESIDE, CallHealth, CheckRules, after, due

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NEW = CallHealth(began_at=START)
RULES = CheckRules(minutes=5, up_to_calls=5)
NINE = START + timedelta(hours=1)
WORKING = after(NEW, failed=None, now=NINE)
ONCE = after(WORKING, failed="connect", now=NINE)
TWICE = after(ONCE, failed="media", now=NINE)


@pytest.mark.parametrize(
    ("health", "seconds", "expected"),
    [
        (replace(NEW, began_at=NINE), 29, False),
        (replace(NEW, began_at=NINE), 30, True),
        (WORKING, 299, False),
        (WORKING, 300, True),
        (ONCE, 0, True),
        (TWICE, 59, False),
        (TWICE, 60, True),
    ],
)
def test_when_a_check_is_due(health: CallHealth, seconds: int, expected: bool) -> None:
    assert due(health, RULES, NINE + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize("health", [NEW, WORKING, ONCE, TWICE])
def test_a_clinic_that_wants_none_has_none(health: CallHealth) -> None:
    assert not due(health, replace(RULES, minutes=0), NINE + timedelta(days=1))


def test_failures_count_from_the_first_and_end_with_one_success() -> None:
    assert (ONCE.works, ONCE.failures, ONCE.failing_since, ONCE.failed) == (False, 1, NINE, "connect")
    later = after(TWICE, failed="relay", now=NINE + timedelta(minutes=1))
    assert (later.failures, later.failing_since, later.failed) == (3, NINE, "relay")
    assert after(later, failed=None, now=NINE) == WORKING


def test_before_the_first_check_nothing_is_said_to_work() -> None:
    assert not NEW.works
    assert WORKING.works


def test_calls_that_stop_while_a_turn_server_is_away_are_news_of_their_own() -> None:
    """Its task may have been settled long ago, and the board says since when calls do not work."""
    away = WORKING
    for minute in range(3):
        away = after(away, failed=BESIDE, now=NINE + timedelta(minutes=minute))
    assert (away.failures, away.failing_since) == (3, NINE)
    ten = NINE + timedelta(hours=1)
    stopped = after(away, failed="relay", now=ten)
    assert (stopped.failures, stopped.failing_since) == (1, ten)
    assert after(stopped, failed="connect", now=ten + timedelta(minutes=1)).failures == ALARM_AFTER


def test_a_turn_server_is_not_said_to_be_away_since_calls_stopped() -> None:
    ten = NINE + timedelta(hours=1)
    only_turn = after(TWICE, failed=BESIDE, now=ten)
    assert (only_turn.failures, only_turn.failing_since) == (3, ten)
