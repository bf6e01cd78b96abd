"""A visit's life, when its door is open, and the call's facts as the note will say them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.care import encounter as care
from server.care.encounter import Encounter, EncounterOver, EntryAnswers, PresenceEvent

TEN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
VISIT = Encounter(
    id="e",  # type: ignore[arg-type]
    appointment_id="a",  # type: ignore[arg-type]
    patient_id="mira",  # type: ignore[arg-type]
    practitioner_id="reyes",  # type: ignore[arg-type]
    visit_type="check-in",
    mode="video",
    status="planned",
    planned_starts_at=TEN,
    planned_ends_at=TEN + timedelta(minutes=30),
    entry=EntryAnswers(where="41 Elm Court", call_back="555", with_whom="Nobody", agreed_at=TEN),
)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def events(*lines: tuple[float, str, str]) -> list[PresenceEvent]:
    return [PresenceEvent(seat=seat, kind=kind, at=at(minute)) for minute, seat, kind in lines]


def test_the_door_opens_an_hour_before_and_stays_open_until_the_clinician_finishes():
    assert care.door(VISIT, at(-61)) == "too-early"
    assert care.door(VISIT, at(-60)) == "open"
    assert care.door(VISIT, at(600)) == "open"
    assert care.door(care.start(VISIT, at(0)), at(60 * 24)) == "open"
    assert care.door(care.finish(care.start(VISIT, at(0)), at(30)), at(31)) == "finished"
    assert care.door(care.cancel(VISIT), at(0)) == "cancelled"


def test_arriving_twice_counts_once_and_leaving_before_the_call_undoes_it():
    arrived = care.arrive(VISIT, at(-5))

    assert care.arrive(arrived, at(-1)) == arrived
    assert care.go_away(arrived).status == "planned"
    assert care.go_away(arrived).arrived_at is None


def test_leaving_during_the_call_does_not_end_the_visit():
    running = care.start(care.arrive(VISIT, at(-5)), at(0))

    assert care.go_away(running) == running
    assert care.start(running, at(3)) == running


def test_a_visit_that_never_was_is_past_half_a_day_after_its_planned_end():
    end = VISIT.planned_ends_at
    assert care.door(VISIT, end + timedelta(hours=12, seconds=-1)) == "open"
    assert care.door(VISIT, end + timedelta(hours=12)) == "past"
    assert care.door(care.arrive(VISIT, at(0)), end + timedelta(hours=12)) == "open"


def test_a_visit_that_is_over_takes_nobody_in():
    for over in (care.cancel(VISIT), care.finish(VISIT, at(30))):
        with pytest.raises(EncounterOver):
            care.arrive(over, at(31))
        with pytest.raises(EncounterOver):
            care.start(over, at(31))
        with pytest.raises(EncounterOver):
            care.by_phone(over)


def test_a_visit_that_has_begun_is_finished_and_not_cancelled():
    with pytest.raises(EncounterOver):
        care.cancel(care.start(VISIT, at(0)))


def test_every_change_raises_the_version_by_one():
    arrived = care.arrive(VISIT, at(-5))
    assert [arrived.version, care.start(arrived, at(0)).version, care.by_phone(arrived).version] == [2, 3, 3]


def test_the_facts_tell_start_stop_gaps_persons_and_place():
    finished = replace(VISIT, status="finished", finished_at=at(28))
    seen = events(
        (-6, "patient", "joined"),
        (0, "clinician", "joined"),
        (0.1, "patient", "admitted"),
        (0.2, "clinician", "call-started"),
        (10, "patient", "call-interrupted"),
        (11, "patient", "call-resumed"),
    )

    facts = care.call_facts(finished, seen)

    assert (facts.started_at, facts.ended_at) == (at(0.2), at(28))
    assert facts.gaps == ((at(10), at(11)),)
    assert facts.persons == ("patient", "clinician")
    assert (facts.where, facts.with_whom, facts.mode) == ("41 Elm Court", "Nobody", "video")


def test_a_match_of_the_safety_words_holds_for_one_connection():
    running = replace(VISIT, status="in-progress")
    matched = ((0, "patient", "call-started"), (1, "clinician", "words-match"))
    renewed = (*matched, (5, "patient", "call-started"))

    assert care.call_facts(running, events(*matched)).checks == (("words-match", at(1)),)
    assert care.call_facts(running, events(*renewed)).checks == (
        ("words-match", at(1)),
        ("words-renewed", at(5)),
    )
    # Once somebody has compared them again, that is what counts.
    again = care.call_facts(running, events(*renewed, (6, "clinician", "words-match")))
    assert again.checks == (("words-match", at(1)), ("words-match", at(6)))
    assert again.gaps == ()


@pytest.mark.parametrize("kind", ["words-differ", "words-forged"])
def test_a_call_that_was_stopped_is_a_gap_until_the_next_one(kind: str):
    running = replace(VISIT, status="in-progress")
    stopped = ((0, "patient", "call-started"), (5, "clinician", kind))

    assert care.call_facts(running, events(*stopped)).gaps == ((at(5), None),)
    facts = care.call_facts(running, events(*stopped, (9, "patient", "call-started")))
    assert (facts.gaps, facts.checks) == (((at(5), at(9)),), ((kind, at(5)),))


def test_a_hiccup_is_no_gap_and_an_open_gap_has_no_end():
    running = replace(VISIT, status="in-progress")
    start = (0, "clinician", "call-started")

    hiccup = events(start, (5, "patient", "call-interrupted"), (5.05, "patient", "call-resumed"))
    still_gone = events(start, (5, "patient", "lost"))

    assert care.call_facts(running, hiccup).gaps == ()
    assert care.call_facts(running, still_gone).gaps == ((at(5), None),)


def test_a_gap_lasts_until_everybody_is_back():
    both = events(
        (0, "clinician", "call-started"),
        (5, "patient", "call-interrupted"),
        (6, "clinician", "call-interrupted"),
        (7, "patient", "call-resumed"),
        (9, "clinician", "call-resumed"),
    )

    assert care.call_facts(VISIT, both).gaps == ((at(5), at(9)),)


def test_waiting_alone_is_no_gap():
    waiting = events((-6, "patient", "joined"), (-3, "patient", "lost"), (-2, "patient", "joined"))

    assert care.call_facts(VISIT, waiting).gaps == ()


def test_the_same_page_coming_back_ends_the_gap_its_silence_made():
    """Its media may never have stopped, so nothing says that the call was resumed."""
    seen = events(
        (0, "clinician", "call-started"),
        (5, "patient", "lost"),
        (7, "patient", "joined"),
        (9, "patient", "left"),
    )

    assert care.call_facts(VISIT, seen).gaps == ((at(5), at(7)), (at(9), None))


def test_a_call_that_went_on_by_phone_says_from_when_and_has_no_gap_there():
    by_phone = replace(VISIT, status="finished", mode="phone", finished_at=at(30))
    seen = events((0, "clinician", "call-started"), (5, "patient", "lost"), (8, "patient", "by-phone"))

    facts = care.call_facts(by_phone, seen)

    assert (facts.by_phone_from, facts.gaps) == (at(8), ((at(5), at(8)),))
    assert care.call_facts(replace(by_phone, mode="video"), seen).by_phone_from is None


def test_finish_is_taken_back_within_ten_minutes_and_by_nothing_else():
    running = care.start(VISIT, at(0))
    finished = care.finish(running, at(20))

    assert care.reopen(finished, at(30)) == replace(
        running, version=finished.version + 1, started_at=at(0), arrived_at=at(0)
    )
    assert care.reopen(care.finish(VISIT, at(20)), at(21)).status == "planned"
    for late in (finished, running, care.cancel(VISIT)):
        with pytest.raises(care.TooLateToReopen):
            care.reopen(late, at(31))
