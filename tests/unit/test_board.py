"""How a visit stands on the board: a word, whole minutes, and how much it should be noticed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.bookings import EncounterId, PatientId, PractitionerId
from server.care import encounter as care
from server.care.encounter import Encounter
from server.services.board import Standing, bounds_of, standing

TEN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
VISIT = Encounter(
    id=EncounterId("e"),
    appointment_id=None,
    patient_id=PatientId("p"),
    practitioner_id=PractitionerId("d"),
    visit_type="check-in",
    mode="video",
    status="planned",
    planned_starts_at=TEN,
    planned_ends_at=TEN + timedelta(minutes=30),
)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-25, ("later", 25, "")),
        (0, ("due", 0, "")),
        (4.9, ("due", 4, "")),
        (5, ("late", 5, "wait")),
        (14.9, ("late", 14, "wait")),
        (15, ("late", 15, "alarm")),
    ],
)
def test_somebody_who_is_not_here(minutes: float, expected: tuple[str, int, str]) -> None:
    word, whole, tint = expected
    assert standing(VISIT, at(minutes)) == Standing(word=word, minutes=whole, tint=tint)


@pytest.mark.parametrize(
    ("minutes", "tint"), [(-5, "good"), (0, "good"), (5, "wait"), (14, "wait"), (15, "alarm")]
)
def test_somebody_who_waits_is_counted_from_their_coming(minutes: int, tint: str) -> None:
    waiting = care.arrive(VISIT, at(-10))
    assert standing(waiting, at(minutes)) == Standing(word="waiting", minutes=minutes + 10, tint=tint)


def test_a_call_is_counted_from_its_start_and_is_never_an_alarm() -> None:
    assert standing(care.start(VISIT, at(2)), at(60)) == Standing(word="in-call", minutes=58, tint="good")


@pytest.mark.parametrize("over", [care.finish(VISIT, at(30)), care.cancel(VISIT)])
def test_what_is_over_is_no_alarm(over: Encounter) -> None:
    assert standing(over, at(90)).tint == ""
    assert standing(over, at(90)).word == over.status


def test_a_clock_that_ran_ahead_never_counts_below_nothing() -> None:
    assert standing(replace(care.arrive(VISIT, at(1))), at(0)).minutes == 0


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 23), 24)]
)
def test_a_day_is_as_long_as_the_clocks_make_it(on: date, hours: int) -> None:
    start, end = bounds_of(on, "America/Denver")
    assert end - start == timedelta(hours=hours)
