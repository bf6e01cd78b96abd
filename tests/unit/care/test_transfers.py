"""Who saw the patient when a visit is handed from one clinician to another."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.care.encounter import EncounterOver
from server.care.transfers import NotToHandOver, Transfer, clinician_facts, must_allow
from tests.unit.care.test_encounter import TEN, VISIT

NAMES = {"r": "Dr. Reyes", "o": "Dr. Okafor", "x": "Dr. Ximenes"}


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def handed(number: int, goes: str, comes: str, minute: float, joined: float | None) -> Transfer:
    return Transfer(
        id=str(number),
        encounter_id="e",
        from_practitioner_id=goes,
        to_practitioner_id=comes,
        handed_by="a",
        at=at(minute),
        joined_at=None if joined is None else at(joined),
    )


def turns(
    *transfers: Transfer, started: float | None = 0, ended: float | None = 30
) -> list[tuple[str, datetime | None, datetime | None]]:
    start, end = (None if minute is None else at(minute) for minute in (started, ended))
    facts = clinician_facts(transfers, names=NAMES, started_at=start, ended_at=end)
    return [(each.name, each.since, each.until) for each in facts]


def test_one_clinician_all_the_time_is_nothing_to_tell() -> None:
    assert turns() == []
    assert turns(handed(1, "r", "o", 10, None)) == [], "handed over, and nobody came yet"


def test_the_first_one_sees_the_patient_until_the_next_one_is_there() -> None:
    assert turns(handed(1, "r", "o", 10, 12)) == [
        ("Dr. Reyes", at(0), at(12)),
        ("Dr. Okafor", at(12), at(30)),
    ]
    assert turns(handed(1, "r", "o", 10, 12), ended=None)[-1] == ("Dr. Okafor", at(12), None)


def test_who_never_came_saw_nobody() -> None:
    twice = handed(1, "r", "x", 5, None), handed(2, "x", "o", 8, 9)
    assert turns(*twice) == [("Dr. Reyes", at(0), at(9)), ("Dr. Okafor", at(9), at(30))]


def test_who_is_handed_the_visit_back_before_anybody_came_was_there_all_the_time() -> None:
    back = handed(1, "r", "o", 5, None), handed(2, "o", "r", 8, 8)
    assert turns(*back) == []
    assert turns(*back, handed(3, "r", "x", 10, 12)) == [
        ("Dr. Reyes", at(0), at(12)),
        ("Dr. Ximenes", at(12), at(30)),
    ]


def test_who_handed_the_visit_over_before_the_call_saw_nobody() -> None:
    in_waiting_room = handed(1, "r", "o", -5, 0)
    assert turns(in_waiting_room, started=2) == [], "it was one clinician all the time"
    assert turns(in_waiting_room, started=0) == [], "there as it began is there from the beginning"
    assert turns(in_waiting_room, handed(2, "o", "x", 10, 12), started=2) == [
        ("Dr. Okafor", at(2), at(12)),
        ("Dr. Ximenes", at(12), at(30)),
    ]
    assert turns(in_waiting_room, handed(2, "o", "x", 0.5, 1), started=2) == []


def test_where_no_call_began_nobody_saw_the_patient() -> None:
    assert turns(handed(1, "r", "o", -5, 0), started=None) == []


@pytest.mark.parametrize(
    ("status", "problem"),
    [("planned", NotToHandOver), ("finished", EncounterOver), ("cancelled", EncounterOver)],
)
def test_only_a_visit_whose_patient_is_there_is_handed_over(status: str, problem: type[Exception]) -> None:
    with pytest.raises(problem):
        must_allow(replace(VISIT, status=status))
    for there in ("arrived", "in-progress"):
        must_allow(replace(VISIT, status=there))
