"""Who answers a question, until when, who may read it, and what an answer answers."""

from datetime import UTC, datetime, timedelta

import pytest

from server.care.access import CLINICIAN, FRONT_DESK
from server.care.asking import (
    ROLE,
    ThreadEntry,
    about_of,
    due_at,
    for_the_desk,
    of_the_chart,
    open_on,
    seen_by,
)

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
DENVER = "America/Denver"


def entry(name, about="practical", kind="words", sender="patient", settled=False) -> ThreadEntry:
    return ThreadEntry(
        id=name,
        patient_id="mira",
        about=about,
        kind=kind,
        sender=sender,
        account_id=None if sender == "patient" else "ada",
        text=name,
        sent_at=NOW,
        settled_at=NOW if settled else None,
    )


THREAD = [
    entry("when"),
    entry("dose", "clinical"),
    entry("tuesday", sender="clinic"),
    entry("passed", "clinical", kind="to-clinician", sender="clinic"),
    entry("less", "clinical", sender="clinic"),
    entry("read", "clinical", kind="closed", sender="clinic"),
]


def names(entries) -> list[str]:
    return [each.id for each in entries]


def test_what_is_practical_goes_to_the_desk_and_what_is_about_care_to_a_clinician():
    assert (ROLE["practical"], ROLE["clinical"]) == (FRONT_DESK, CLINICIAN)


@pytest.mark.parametrize("said", ["", "both", "Clinical", "closed"])
def test_a_question_goes_nowhere_until_its_patient_has_chosen(said):
    assert about_of(said) is None


def test_the_desk_reads_nothing_about_care_but_that_it_passed_something_on():
    assert names(for_the_desk(THREAD)) == ["when", "tuesday", "passed"]


def test_the_chart_has_the_words_about_care_and_nothing_practical():
    assert names(of_the_chart(THREAD)) == ["dose", "less"]


def test_open_is_what_its_own_side_has_not_settled():
    thread = [entry("a", settled=True), entry("b"), entry("c", "clinical"), entry("d", sender="clinic")]

    assert names(open_on(thread, "practical")) == ["b"]
    assert names(open_on(thread, "clinical")) == ["c"]


def test_an_answer_is_to_what_was_on_the_page_and_to_nothing_later():
    assert names(seen_by(THREAD, "dose")) == ["when", "dose"]
    assert seen_by(THREAD, "of another thread") == []


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        ("2026-11-23T09:00", 1, "2026-11-24T09:00"),
        ("2026-11-23T09:00", 2, "2026-11-25T09:00"),
        ("2026-11-27T15:30", 1, "2026-11-30T15:30"),
        ("2026-11-26T15:30", 2, "2026-11-30T15:30"),
        # At a weekend nobody reads it: it counts from Monday on.
        ("2026-11-28T10:00", 1, "2026-12-01T00:00"),
        ("2026-11-29T23:59", 1, "2026-12-01T00:00"),
    ],
)
def test_an_answer_is_due_after_so_many_working_days_of_the_clinic(asked, days, due):
    denver = timedelta(hours=7)
    at = datetime.fromisoformat(asked).replace(tzinfo=UTC) + denver

    assert due_at(at, days=days, zone=DENVER) == datetime.fromisoformat(due).replace(tzinfo=UTC) + denver


def test_the_working_day_is_the_clinics_and_not_the_servers():
    friday_evening = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)

    assert due_at(friday_evening, days=1, zone=DENVER) == datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def test_the_time_of_day_stays_over_a_change_of_the_clocks():
    friday = datetime(2026, 10, 30, 15, 0, tzinfo=UTC)

    assert due_at(friday, days=1, zone=DENVER) == datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
