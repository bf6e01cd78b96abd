"""Whoever is let in and has no call is called by telephone, whether it broke off or never came up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.care.cut_off import call_due
from server.care.encounter import Encounter, PresenceEvent

TEN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
VISIT = Encounter(
    id="e",  # type: ignore[arg-type]
    appointment_id="a",  # type: ignore[arg-type]
    patient_id="mira",  # type: ignore[arg-type]
    practitioner_id="reyes",  # type: ignore[arg-type]
    visit_type="check-in",
    mode="video",
    status="in-progress",
    planned_starts_at=TEN,
    planned_ends_at=TEN + timedelta(minutes=30),
)
LET_IN = ((-6, "patient", "joined"), (-1, "clinician", "joined"), (0, "patient", "admitted"))
IN_CALL = (*LET_IN, (0.1, "patient", "call-started"))


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def due(*lines: tuple[float, str, str], now: float = 20, visit: Encounter = VISIT) -> datetime | None:
    events = [PresenceEvent(seat=seat, kind=kind, at=at(minute)) for minute, seat, kind in lines]
    return call_due(visit, events, at(now))


def test_a_call_that_never_came_up_is_due_two_minutes_after_the_patient_was_let_in():
    assert due(*LET_IN, now=1.99) is None
    assert due(*LET_IN, now=2) == at(0)
    assert due(*LET_IN, (1, "patient", "lost")) == at(0)
    assert due(*LET_IN, (1, "patient", "lost"), (1.2, "patient", "joined")) == at(0)


@pytest.mark.parametrize("kind", ["call-started", "by-phone", "left", "words-forged", "desk-told"])
def test_it_is_not_due_once_it_came_up_or_somebody_chose_or_knows(kind: str):
    assert due(*LET_IN, (1, "patient", kind)) is None


def test_nobody_is_called_who_only_waits():
    assert due(*LET_IN[:2]) is None
    assert due(*LET_IN, visit=replace(VISIT, mode="phone")) is None
    assert due(*LET_IN, visit=replace(VISIT, status="finished")) is None


def test_a_page_that_was_loaded_anew_and_finds_no_way_any_more_is_due():
    reloaded = (*IN_CALL, (5, "patient", "call-interrupted"))
    assert due(*reloaded) == at(5)
    assert due(*reloaded, (5.1, "patient", "call-started")) is None


def test_who_comes_back_to_the_call_and_does_not_get_through_is_due():
    back = (*IN_CALL, (5, "patient", "left"), (8, "patient", "joined"))
    assert due(*back) == at(8)
    assert due(*back, (8.1, "patient", "other-device")) is None
    clinician = (*IN_CALL, (5, "clinician", "left"), (8, "clinician", "joined"))
    assert due(*clinician[:-1]) is None
    assert due(*clinician) == at(8)


def test_a_break_stays_one_until_everybody_is_back():
    both = (*IN_CALL, (5, "patient", "call-interrupted"), (6, "clinician", "call-interrupted"))
    assert due(*both, (7, "patient", "call-resumed")) == at(5)
    assert due(*both, (7, "patient", "call-resumed"), (8, "clinician", "call-resumed")) is None


def test_the_desk_is_told_once_for_each_break():
    told = (*LET_IN, (2, "patient", "desk-told"))
    assert due(*told, (3, "patient", "lost")) is None
    again = (*told, (4, "patient", "call-started"), (9, "patient", "lost"))
    assert due(*again) == at(9)


def test_a_visit_opened_again_counts_from_there():
    over = (*IN_CALL, (5, "clinician", "finished"), (6, "clinician", "reopened"))
    assert due(*over) is None
    assert due(*over, (7, "patient", "joined"), (8, "clinician", "joined")) == at(8)
