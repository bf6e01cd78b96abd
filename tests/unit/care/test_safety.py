"""Pausing is automatic; resuming is never automatic and never by the patient (clinical.md §5.1, invariant I3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.care.access import ROLES, Staff
from server.care.safety import AlreadyLifted, Hold, NotForThisRole, ReasonMissing, lift, on_hold, say

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
HOLD = Hold(
    id="h1",
    patient_id="mira",
    kind="patient-stop",
    opened_by="patient",
    opened_at=NOW,
    pressed_at=NOW,
)


def staff(*roles: str) -> Staff:
    return Staff(account_id="a1", name="Somebody", roles=frozenset(roles))


def test_a_course_is_on_hold_while_one_hold_is_open() -> None:
    lifted = replace(HOLD, lifted_at=NOW)
    assert [on_hold(each) for each in ([], [lifted], [lifted, HOLD])] == [False, False, True]


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (2, False), (60, False), (61, True), (7200, True)])
def test_a_press_that_arrived_as_fast_as_a_tap_does_is_not_late(seconds: int, late: bool) -> None:
    assert replace(HOLD, pressed_at=NOW - timedelta(seconds=seconds)).came_late is late


def test_a_clinician_lifts_it_with_a_reason_and_a_name() -> None:
    lifted = lift(HOLD, by=staff("clinician"), reason=" talked, all well ", now=NOW)
    assert (lifted.open, lifted.lifted_by, lifted.lift_reason) == (False, "a1", "talked, all well")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "clinician"])
def test_nobody_else_lifts_it(role: str) -> None:
    with pytest.raises(NotForThisRole):
        lift(HOLD, by=staff(role), reason="because", now=NOW)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_never_without_a_reason(reason: str) -> None:
    with pytest.raises(ReasonMissing):
        lift(HOLD, by=staff("clinician"), reason=reason, now=NOW)


def test_the_first_name_stays() -> None:
    with pytest.raises(AlreadyLifted):
        lift(
            lift(HOLD, by=staff("clinician"), reason="a", now=NOW), by=staff("clinician"), reason="b", now=NOW
        )


def test_what_the_patient_says_and_what_a_clinician_says_stand_apart() -> None:
    own = say(say(HOLD, " my chest is tight "), "better now")
    assert (own.told, own.reason) == ("my chest is tight\n\nbetter now", None)
    clinics = say(replace(HOLD, opened_by="a1", words="Suspects diversion."), "i feel fine")
    assert (clinics.told, clinics.reason, clinics.words) == (
        "i feel fine",
        "Suspects diversion.",
        "Suspects diversion.",
    )


def test_nothing_is_added_to_a_hold_that_was_lifted() -> None:
    with pytest.raises(AlreadyLifted):
        say(replace(HOLD, lifted_at=NOW), "too late")
