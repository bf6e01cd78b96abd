"""Guests of a visit: what their seat stands at, and who was there from when to when, by its events alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.care.cut_off import call_due
from server.care.encounter import PresenceEvent, call_facts
from server.care.guests import (
    Invitation,
    InvitationRefused,
    Standing,
    checked_name,
    first_name,
    guest_facts,
    holds,
    next_seat,
    standing,
    waiting,
)
from tests.unit.care.test_encounter import VISIT

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SEAT = "interpreter-1"


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def events(*told: tuple[float, str, str]) -> list[PresenceEvent]:
    return [PresenceEvent(seat=seat, kind=kind, at=at(minute)) for minute, seat, kind in told]


def of_ana(*told: tuple[float, str]) -> list[PresenceEvent]:
    return events(*((minute, SEAT, kind) for minute, kind in told))


ANA = Invitation(
    id="i",
    encounter_id="e",
    patient_id="p",
    seat=SEAT,
    role="interpreter",
    name="Ana Example",
    email=None,
    said_name=None,
    invited_by="a",
    created_at=START,
)
IN = ((1, "joined"), (2, "asked"), (2.5, "agreed"), (3, "admitted"))


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ([(0, SEAT, "joined")], (SEAT,)),
        ([(0, SEAT, "joined"), (1, SEAT, "asked"), (2, SEAT, "agreed")], (SEAT,)),
        ([(0, SEAT, "joined"), (1, SEAT, "admitted")], ()),
        ([(0, SEAT, "joined"), (1, SEAT, "lost")], ()),
        ([(0, SEAT, "joined"), (1, SEAT, "removed")], ()),
        # The patient said no, or had them leave: there is nothing to do until somebody asks again.
        ([(0, SEAT, "joined"), (1, SEAT, "admitted"), (2, SEAT, "declined")], ()),
        ([(0, SEAT, "joined"), (1, SEAT, "declined"), (2, SEAT, "asked")], (SEAT,)),
        # It goes on by telephone: their page says so.
        ([(0, SEAT, "joined"), (1, "patient", "by-phone"), (2, "patient", "by-video")], ()),
        ([(0, "patient", "joined"), (1, "sitter-2", "joined"), (2, SEAT, "joined")], ("sitter-2", SEAT)),
    ],
)
def test_a_guest_waits_from_coming_in_until_let_in_or_gone(
    told: list[tuple[float, str, str]], waits: tuple[str, ...]
) -> None:
    assert waiting(events(*told)) == waits


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ((), Standing()),
        (IN[:2], Standing(agreed="asked")),
        (IN, Standing(agreed="yes")),
        ((*IN, (4, "held")), Standing(agreed="yes", held=True)),
        ((*IN, (4, "held"), (5, "lost"), (6, "came-back")), Standing(agreed="yes", held=True)),
        ((*IN, (4, "held"), (5, "taken-back")), Standing(agreed="yes")),
        ((*IN, (4, "held"), (5, "declined")), Standing(agreed="no")),
    ],
)
def test_a_seat_stands_where_its_last_events_left_it(told, stands) -> None:
    others = events((9, "patient", "held"), (9, "sitter-2", "declined"))
    assert standing([*others, *of_ana(*told)], SEAT) == stands


@pytest.mark.parametrize(
    ("told", "spans"),
    [
        (IN[:3], None),
        (IN, ((3, None),)),
        ((*IN, (21, "left")), ((3, 21),)),
        ((*IN, (5, "lost"), (6, "came-back"), (21, "removed")), ((3, 5), (6, 21))),
        ((*IN, (5, "lost"), (6, "joined")), ((3, 5),)),
        ((*IN, (8, "declined"), (9, "asked"), (10, "agreed"), (11, "admitted")), ((3, 8), (11, None))),
    ],
)
def test_somebody_was_there_from_being_let_in_until_being_out(told, spans) -> None:
    found = guest_facts([ANA], of_ana(*told))
    if spans is None:
        assert found == ()
    else:
        (facts,) = found
        assert facts.spans == tuple((at(a), None if b is None else at(b)) for a, b in spans)


@pytest.mark.parametrize(
    ("seat", "kind"), [("clinician", "finished"), ("patient", "by-phone"), ("patient", "words-differ")]
)
def test_what_ends_the_call_ends_it_for_guests(seat: str, kind: str) -> None:
    (facts,) = guest_facts([ANA], [*of_ana(*IN, (4, "held")), *events((30, seat, kind))])
    assert (facts.spans, facts.holds) == (((at(3), at(30)),), ((at(4), at(30)),))
    assert facts.agreed_at == at(2.5)


def test_another_name_than_the_invited_one_stands_beside_it() -> None:
    said = replace(ANA, said_name="A. Beispiel")
    (facts,) = guest_facts([said], of_ana(*IN))
    assert (facts.name, facts.invited_as) == ("A. Beispiel", "Ana Example")
    assert ANA.invited_as == ""


def test_the_holds_of_a_patient_outlast_leaving() -> None:
    told = events((4, "patient", "held"), (5, "patient", "lost"), (7, "patient", "taken-back"))
    assert holds(told, "patient") == ((at(4), at(7)),)


def test_a_guests_coming_and_going_is_no_gap_and_no_reason_to_ring() -> None:
    two = events((0, "patient", "admitted"), (0, "clinician", "joined"), (0, "clinician", "call-started"))
    visit = replace(VISIT, status="in-progress", started_at=at(0))
    with_ana = [*two, *of_ana(*IN, (5, "lost"), (7, "words-match"))]
    assert call_facts(visit, with_ana) == call_facts(visit, two)
    assert call_due(visit, with_ana, at(30)) is None


def test_names_are_shown_in_one_line_without_hidden_marks() -> None:
    assert checked_name("  Ana\u202e \n Example ") == "Ana Example"
    for name in ("", " \u200b ", "x" * 81):
        with pytest.raises(InvitationRefused):
            checked_name(name)


def test_a_seat_is_never_given_twice_in_one_visit() -> None:
    assert [next_seat("sitter", invited_before=n) for n in (0, 1)] == ["sitter-1", "sitter-2"]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Mira Lindqvist", "Mira"),
        ("Mira", "Mira"),
        ("Lindqvist, Mira", "Mira"),
        ("Lindqvist , Mira Sofia", "Mira"),
        ("Dr. Mira Lindqvist", "Mira"),
        ("prof. Dr. Mira Lindqvist", "Mira"),
        ("Mrs Mira Lindqvist", "Mira"),
        ("Lindqvist, Ms. Mira", "Mira"),
        ("Dr. Lindqvist, Mira", "Mira"),
        ("Mira Lindqvist, MD", "Mira"),
        ("Lindqvist, Mira, Ph.D.", "Mira"),
        ("Mr. Lindqvist", "Mr."),
        ("Mr. Lindqvist Jr.", "Mr."),
        ("Dr. Lindqvist, MD", "Dr."),
    ],
)
def test_guests_see_the_patients_first_name_and_no_surname_however_it_was_written(name, seen) -> None:
    assert first_name(name) == seen
