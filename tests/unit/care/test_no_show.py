"""What is suggested about somebody who did not come, from who was where when (experience.md, P21; S3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling.bookings import EncounterId, PatientId, PractitionerId
from server.care import encounter as care
from server.care import no_show
from server.care.encounter import Encounter, PresenceEvent
from server.care.no_show import ABSENT, NOBODY_OF_OURS, NOT_LET_IN
from server.care.visit_actions import VisitAction

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


def seen(*said: tuple[str, str, float]) -> list[PresenceEvent]:
    return [PresenceEvent(seat=seat, kind=kind, at=at(minutes)) for seat, kind, minutes in said]


RANG = VisitAction(encounter_id="e", patient_id="p", kind="rang", at=at(10))
WE_WERE_THERE = seen(("clinician", "joined", -2))


@pytest.mark.parametrize(
    ("events", "actions", "suggested"),
    [
        (WE_WERE_THERE, [], ABSENT),
        ([], [RANG], ABSENT),
        # Nobody of ours was there to let them in: cal #21195.
        ([], [], NOBODY_OF_OURS),
        (seen(("clinician", "joined", -40), ("clinician", "left", -1)), [], NOBODY_OF_OURS),
        (seen(("clinician", "joined", 11)), [], NOBODY_OF_OURS),
        ([], [replace(RANG, at=at(-60))], NOBODY_OF_OURS),
        # They were here for the time it had yesterday, before it was moved.
        (seen(("patient", "joined", -1445), ("patient", "left", -1430)), [RANG], ABSENT),
        # They were here, and gave up.
        (seen(("patient", "joined", -5), ("patient", "left", 12)), [], NOT_LET_IN),
        ([*WE_WERE_THERE, *seen(("patient", "joined", 1), ("patient", "lost", 2))], [], NOT_LET_IN),
    ],
)
def test_what_is_suggested_after_a_quarter_of_an_hour(
    events: list[PresenceEvent], actions: list[VisitAction], suggested: str
) -> None:
    assert no_show.suggestion(VISIT, events, actions, at(15)) == suggested


@pytest.mark.parametrize(
    "visit",
    [
        care.arrive(VISIT, at(14)),
        care.start(VISIT, at(14)),
        care.finish(VISIT, at(14)),
        care.cancel(VISIT),
        care.no_show(VISIT, at(15)),
    ],
)
def test_nothing_is_suggested_about_what_is_settled(visit: Encounter) -> None:
    assert no_show.suggestion(visit, WE_WERE_THERE, [], at(20)) is None


def test_nothing_is_suggested_before_a_quarter_of_an_hour() -> None:
    assert no_show.suggestion(VISIT, WE_WERE_THERE, [], at(14.9)) is None


def test_whoever_waits_is_no_no_show() -> None:
    with pytest.raises(care.IsHere):
        care.no_show(care.arrive(VISIT, at(14)), at(15))


def test_a_second_page_in_a_seat_is_one_stay_and_an_open_one_lasts_until_now() -> None:
    events = seen(
        ("patient", "joined", 0), ("patient", "joined", 1), ("patient", "lost", 2), ("patient", "joined", 5)
    )
    assert no_show.stays(events, "patient", until=at(9)) == [(at(0), at(2)), (at(5), at(9))]
