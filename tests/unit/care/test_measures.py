"""PHQ-9 and GAD-7: totals, bands, gaps and the item that acts whatever the total (clinical.md §1.2, §1.3)."""

from datetime import UTC, datetime, timedelta

import pytest

from server.care.measures import (
    GAD7,
    INSTRUMENTS,
    PHQ9,
    SELF_HARM,
    AlreadyCompleted,
    Due,
    MeasureResponse,
    NoSuchAnswer,
    Unanswered,
    alarms_anew,
    answer,
    complete,
    due,
    is_alarming,
    score,
    worth_a_letter,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def all_at(value: int, instrument=PHQ9) -> dict[str, int]:
    return {item.name: value for item in instrument.items}


def begun(code: str = "phq-9", **answers: int) -> MeasureResponse:
    return MeasureResponse(
        id="r1", patient_id="p1", instrument=code, begun_at=NOW, saved_at=NOW, answers=answers
    )


def test_the_items_carry_their_own_codes_in_their_own_order() -> None:
    assert [item.name for item in PHQ9.items] == [
        "44250-9",
        "44255-8",
        "44259-0",
        "44254-1",
        "44251-7",
        "44258-2",
        "44252-5",
        "44253-3",
        "44260-8",
    ]
    # "Easily annoyed" is item 6 and "afraid" item 7; both orders are found in the wild.
    assert [item.name for item in GAD7.items][-2:] == ["69689-8", "69736-7"]
    assert GAD7.items[5].text.startswith("Becoming easily annoyed")
    # The panel's code is not the total's.
    assert (GAD7.loinc, GAD7.total_loinc) == ("69737-5", "70274-6")
    assert (PHQ9.loinc, PHQ9.total_loinc) == ("44249-1", "44261-6")


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_phq_9_bands(total: int, label: str) -> None:
    assert PHQ9.band_of(total).label == label


@pytest.mark.parametrize(
    ("total", "label"),
    [
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "severe"),
        (21, "severe"),
    ],
)
def test_gad_7_bands(total: int, label: str) -> None:
    assert GAD7.band_of(total).label == label


def test_a_complete_form_has_a_total_and_difficulty_does_not_count() -> None:
    assert score(PHQ9, {**all_at(3), "69722-7": 3}).total == 27
    assert score(GAD7, all_at(2, GAD7)).total == 14
    assert (PHQ9.highest, GAD7.highest) == (27, 21)


def test_a_half_answered_form_never_has_a_total() -> None:
    for instrument in INSTRUMENTS.values():
        for item in instrument.items:
            gap = {name: 1 for name in all_at(1, instrument) if name != item.name}
            assert score(instrument, gap).total is None


@pytest.mark.parametrize(
    ("left_out", "prorated"), [(1, 18), (2, 18), (3, None)], ids=["one", "two", "three missing"]
)
def test_one_or_two_of_items_1_to_8_missing_give_an_estimate_and_no_more(
    left_out: int, prorated: int | None
) -> None:
    answers = dict(list(all_at(2).items())[left_out:])
    assert (score(PHQ9, answers).total, score(PHQ9, answers).prorated) == (None, prorated)


def test_the_estimate_is_rounded_half_up() -> None:
    # 8 answers that sum to 4: 4 × 9 / 8 = 4.5.
    answers = dict.fromkeys([item.name for item in PHQ9.items[1:]], 0) | {SELF_HARM: 1, "44255-8": 3}
    assert score(PHQ9, answers).prorated == 5
    # 6 of 7 that sum to 3: 3.5.
    gad = dict.fromkeys([item.name for item in GAD7.items[1:]], 0) | {"69736-7": 3}
    assert score(GAD7, gad).prorated == 4


def test_without_item_9_there_is_no_estimate_either() -> None:
    answers = {name: value for name, value in all_at(1).items() if name != SELF_HARM}
    assert (score(PHQ9, answers).total, score(PHQ9, answers).prorated) == (None, None)


@pytest.mark.parametrize(("value", "alarming"), [(0, False), (1, True), (2, True), (3, True)])
def test_item_9_alarms_from_1_whatever_else_was_answered(value: int, alarming: bool) -> None:
    assert is_alarming(PHQ9, item=SELF_HARM, value=value) is alarming


def test_no_other_item_alarms() -> None:
    others = [
        (each, item.name) for each in INSTRUMENTS.values() for item in each.items if item.name != SELF_HARM
    ]
    assert not any(is_alarming(each, item=name, value=3) for each, name in others)


def test_answers_are_kept_one_by_one_and_may_be_changed_until_sent() -> None:
    first = answer(begun(), item=SELF_HARM, value=2, now=NOW)
    changed = answer(first, item=SELF_HARM, value=0, now=NOW)
    assert (first.answers, changed.answers, changed.version) == ({SELF_HARM: 2}, {SELF_HARM: 0}, 3)


@pytest.mark.parametrize(("item", "value"), [("69725-0", 1), ("nothing", 1), (SELF_HARM, 4), (SELF_HARM, -1)])
def test_what_the_form_does_not_offer_is_no_answer(item: str, value: int) -> None:
    with pytest.raises(NoSuchAnswer):
        answer(begun(), item=item, value=value, now=NOW)


def test_a_form_with_gaps_cannot_be_sent_and_names_them() -> None:
    with pytest.raises(Unanswered) as refused:
        complete(begun(**{SELF_HARM: 0}), now=NOW)
    assert len(refused.value.items) == 8


def test_what_was_sent_stays_as_it_is() -> None:
    sent = complete(begun(**all_at(1)), now=NOW)
    assert (sent.status, sent.score.total) == ("completed", 9)
    with pytest.raises(AlreadyCompleted):
        answer(sent, item=SELF_HARM, value=0, now=NOW)
    with pytest.raises(AlreadyCompleted):
        complete(sent, now=NOW)


def test_the_same_answer_again_changes_nothing() -> None:
    form = begun(**{SELF_HARM: 1})
    assert answer(form, item=SELF_HARM, value=1, now=NOW + DAY) is form


@pytest.mark.parametrize(
    ("said", "value", "alarms"),
    [
        (None, 0, False),
        (None, 1, True),
        (0, 1, True),
        (1, 1, False),
        (1, 2, True),
        (3, 2, False),
        (2, 0, False),
    ],
)
def test_item_9_alarms_when_the_answer_becomes_positive_or_worse(
    said: int | None, value: int, alarms: bool
) -> None:
    form = begun(**({} if said is None else {SELF_HARM: said}))
    assert alarms_anew(form, item=SELF_HARM, value=value) is alarms
    assert not alarms_anew(form, item="44250-9", value=3)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("done", "completed", "expected"),
    [
        ({}, [], "baseline"),
        ({}, [NOW - 3 * DAY], None),
        ({1: NOW - DAY}, [NOW - 3 * DAY], None),
        ({1: NOW - 9 * DAY, 2: NOW - DAY}, [NOW - 12 * DAY], "session-2"),
        ({1: NOW - 9 * DAY, 2: NOW - 2 * DAY}, [NOW - DAY], None),
        ({2: NOW - 20 * DAY, 4: NOW - DAY}, [NOW - 12 * DAY], "session-4"),
        ({}, [NOW - 30 * DAY], "monthly"),
        ({}, [NOW - 29 * DAY], None),
        # A session starts the month again.
        ({3: NOW - 20 * DAY}, [NOW - 40 * DAY], None),
    ],
)
def test_measures_are_asked_first_after_sessions_2_and_4_and_then_monthly(
    done: dict[int, datetime], completed: list[datetime], expected: str | None
) -> None:
    found = due(sessions_done=done, completed=completed, now=NOW)
    assert (found.reason if found else None) == expected


HOUR = timedelta(hours=1)


def test_nobody_is_asked_on_the_evening_of_the_session_itself() -> None:
    """clinical.md §2.3: what follows a session is the first form from twelve hours after it."""
    done = {2: NOW - 11 * HOUR}
    assert due(sessions_done=done, completed=[NOW - 10 * DAY], now=NOW) is None
    asked = due(sessions_done=done, completed=[NOW - 10 * DAY], now=NOW + HOUR)
    assert asked == Due(reason="session-2", since=NOW + HOUR)
    # Answers of that same evening do not count for it.
    assert due(sessions_done=done, completed=[NOW - 5 * HOUR], now=NOW + HOUR) == asked


@pytest.mark.parametrize(
    ("found", "last_letter", "worth"),
    [
        ([], None, False),
        ([Due(reason="baseline", since=None)], None, True),
        ([Due(reason="baseline", since=None)], NOW - DAY, False),
        ([Due(reason="session-2", since=NOW - DAY)], NOW - 2 * DAY, True),
        ([Due(reason="session-2", since=NOW - DAY)], NOW - DAY, False),
        # One of the two became due after the letter that asked for the other.
        ([Due(reason="monthly", since=NOW - 3 * DAY), Due(reason="monthly", since=NOW)], NOW - DAY, True),
    ],
)
def test_a_letter_asks_once_for_what_became_due(
    found: list[Due], last_letter: datetime | None, worth: bool
) -> None:
    assert worth_a_letter(found, last_letter=last_letter) is worth
