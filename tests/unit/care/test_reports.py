"""The figures of a week: what is counted, what is not, and what is our own doing (experience.md, P21)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduling.bookings import AppointmentId, EncounterId, PatientId, PractitionerId
from server.care import reports
from server.care.encounter import Encounter, PresenceEvent

# A Monday in Denver, 09:00.
DUE = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
NOW = DUE + timedelta(days=2)


def at(minutes: float) -> datetime:
    return DUE + timedelta(minutes=minutes)


def visit(**changes: Any) -> Encounter:
    values: dict[str, Any] = {
        "id": EncounterId("e"),
        "appointment_id": AppointmentId("a"),
        "patient_id": PatientId("p"),
        "practitioner_id": PractitionerId("d"),
        "visit_type": "check-in",
        "mode": "video",
        "status": "planned",
        "planned_starts_at": DUE,
        "planned_ends_at": at(25),
    }
    return Encounter(**values | changes)


def held(*, came: float = -6, began: float = 0, **changes: Any) -> Encounter:
    times = {"arrived_at": at(came), "started_at": at(began), "finished_at": at(30)}
    return visit(status="finished", **times, **changes)


def events(*said: tuple[str, str, float]) -> list[PresenceEvent]:
    return [PresenceEvent(seat=seat, kind=kind, at=at(minutes)) for seat, kind, minutes in said]


def past(encounter: Encounter, *said: tuple[str, str, float], now: datetime = NOW) -> reports.Past:
    return reports.past(encounter, events(*said), now)


@pytest.mark.parametrize(
    ("encounter", "outcome"),
    [
        (held(), reports.HELD),
        (visit(status="cancelled"), reports.CANCELLED),
        (visit(no_show_at=at(20)), reports.NO_SHOW),
        (visit(), reports.UNDECIDED),
        (visit(status="finished", finished_at=at(5)), reports.UNDECIDED),
        (visit(status="in-progress", started_at=at(0)), reports.GOING_ON),
    ],
)
def test_a_visit_is_what_somebody_said_it_was(encounter: Encounter, outcome: str) -> None:
    assert past(encounter).outcome == outcome


def test_nobody_is_undecided_while_their_time_runs() -> None:
    assert past(visit(), now=at(24)).outcome == reports.GOING_ON
    assert past(visit(), now=at(25)).outcome == reports.UNDECIDED


def test_a_wait_is_all_of_their_stays_until_they_were_let_in() -> None:
    seen = [("patient", "joined", -10), ("patient", "left", -7), ("patient", "joined", -2)]
    assert past(held(came=-2), *seen).wait == timedelta(minutes=5)


def test_what_comes_after_being_let_in_is_no_wait() -> None:
    seen = [("patient", "joined", -4), ("patient", "lost", 6), ("patient", "joined", 9)]
    assert past(held(), *seen).wait == timedelta(minutes=4)


def test_whoever_was_checked_in_at_the_desk_waited_since_then() -> None:
    assert past(held(came=-6, began=3)).wait == timedelta(minutes=9)


def test_nobody_waited_in_a_visit_that_began_with_our_ringing() -> None:
    assert past(held(came=0, began=0)).wait is None
    assert past(visit()).wait is None


def test_a_start_is_late_after_five_minutes() -> None:
    of_week = reports.week(DUE.date(), [past(held(began=5)), past(held(began=5.1)), past(held(began=-3))])
    assert (of_week.late, of_week.late_patient) == (1, 0)


def test_a_call_on_the_spot_is_never_late() -> None:
    assert past(held(began=8, appointment_id=None)).late is None


@pytest.mark.parametrize(
    ("seen", "theirs"),
    [
        ([("clinician", "joined", -1), ("patient", "joined", 9)], True),
        ([("patient", "joined", 9), ("clinician", "joined", 9.5)], False),
        ([("clinician", "joined", -1), ("clinician", "left", 6), ("patient", "joined", 9)], False),
        ([("patient", "joined", 4), ("clinician", "joined", 0)], False),
    ],
    ids=["we waited", "nobody of ours", "gone by then", "in time"],
)
def test_a_late_start_is_the_patients_only_where_we_were_there_before(
    seen: list[tuple[str, str, float]], theirs: bool
) -> None:
    came = next(minutes for seat, _, minutes in seen if seat == "patient")
    assert past(held(came=came, began=10), *seen).patient_late is theirs


def test_a_no_show_with_nobody_of_ours_is_said_to_be_one() -> None:
    missed = visit(no_show_at=at(20))
    assert past(missed).unattended
    assert past(missed, ("clinician", "joined", 16)).unattended
    assert not past(missed, ("clinician", "joined", -2), ("clinician", "left", 5)).unattended
    assert not past(held()).unattended


CALL = (("clinician", "joined", 0), ("patient", "admitted", 0), ("patient", "call-started", 0))


@pytest.mark.parametrize(
    ("seen", "call"),
    [
        (CALL, reports.FINE),
        (CALL[:2], reports.NEVER_CONNECTED),
        ((*CALL, ("patient", "call-interrupted", 5), ("patient", "call-resumed", 6)), reports.INTERRUPTED),
        ((*CALL, ("patient", "call-interrupted", 5), ("patient", "call-resumed", 5.05)), reports.FINE),
        ((*CALL, ("patient", "call-interrupted", 5)), reports.BROKE_OFF),
        ((*CALL, ("patient", "left", 29), ("clinician", "finished", 30)), reports.FINE),
    ],
    ids=["fine", "never", "came back", "three seconds", "broke off", "said goodbye"],
)
def test_how_a_call_went(seen: tuple[tuple[str, str, float], ...], call: str) -> None:
    assert past(held(), *seen).call == call


def test_a_call_that_went_on_by_phone_is_told_from_one_that_was_to_be_by_phone() -> None:
    assert past(held(mode="phone"), *CALL, ("patient", "by-phone", 4)).call == reports.BY_PHONE
    assert past(held(mode="phone")).call is None


def test_a_call_that_is_not_over_is_not_judged() -> None:
    assert past(visit(status="in-progress", started_at=at(0)), *CALL[:2]).call is None


def test_waits_are_ones_somebody_really_waited() -> None:
    waits = [timedelta(minutes=n) for n in range(1, 11)]
    assert reports.quantile(waits, 0.5) == timedelta(minutes=5)
    assert reports.quantile(waits, 0.9) == timedelta(minutes=9)
    assert reports.quantile(waits[:1], 0.9) == timedelta(minutes=1)
    assert reports.quantile([], 0.5) is None


def test_cancelled_visits_are_no_part_of_the_visits() -> None:
    of_week = reports.week(DUE.date(), [past(held()), past(visit(status="cancelled")), past(visit())])
    assert (of_week.visits, of_week.held, of_week.cancelled, of_week.undecided) == (2, 1, 1, 1)


def test_weeks_begin_on_monday_in_the_clinics_zone() -> None:
    """Sunday 23:30 in Denver is Monday in UTC already."""
    sunday = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    counted = [reports.Past(starts_at=moment, outcome=reports.HELD) for moment in (sunday, DUE)]
    weeks = reports.by_week(counted, now=NOW, zone="America/Denver")
    assert len(weeks) == reports.WEEKS
    assert [(week.starts_on, week.visits) for week in weeks[-2:]] == [
        (date(2026, 11, 16), 1),
        (date(2026, 11, 23), 1),
    ]
    assert weeks[-1].number == 48


def test_weeks_are_whole_where_the_clocks_change() -> None:
    """Twelve weeks before lie on the other side of 1 November: still midnight on the wall."""
    first = reports.first_day(NOW, "America/Denver")
    assert first == date(2026, 9, 7)
    assert reports.midnight(first, "America/Denver") == datetime(2026, 9, 7, 6, 0, tzinfo=UTC)


def test_what_is_older_is_left_out() -> None:
    old = reports.Past(starts_at=NOW - timedelta(weeks=12), outcome=reports.HELD)
    assert sum(week.visits for week in reports.by_week([old], now=NOW, zone="America/Denver")) == 0
