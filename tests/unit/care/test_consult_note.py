"""A note is saved in versions, signed once, and amended only by addenda (clinical.md §4.4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.care import consult_note as care
from server.care.consult_note import CONFIRMED, ConsultNote
from server.care.note_sections import SECTIONS, fields_of

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
COMPLETE = {
    "medicines": "None new.",
    "suicidality": "no",
    "risk_level": "low",
    "mental_state": "Warm, linear.",
    "decision": "continue",
    "identity_checked": "yes",
    "emergency_plan": "Sister, 911.",
    "consent": "yes",
    "privacy": "yes",
}


def draft(encounter_id: str | None = "e") -> ConsultNote:
    return ConsultNote(
        id="n",
        patient_id="mira",
        author_id="reyes",
        visit_type="check-in",
        encounter_id=encounter_id,
        created_at=NOW,
        saved_at=NOW,
    )


def saved(body: dict[str, Any], note: ConsultNote | None = None) -> ConsultNote:
    note = note or draft()
    return care.save(note, body=body, based_on=note.version, by="reyes", now=NOW)


def signed() -> ConsultNote:
    confirmed = care.confirm_facts(saved(COMPLETE), facts={"where": "home"}, by="reyes", now=NOW)
    return care.sign(confirmed, by="reyes", now=LATER)


def test_each_save_is_a_version_and_saving_the_same_is_none():
    first = saved({"assessment": "Better."})

    assert (first.version, first.body) == (1, {"assessment": "Better."})
    assert saved({"assessment": "Better."}, first) is first


def test_saving_over_somebody_elses_version_shows_theirs_and_loses_nothing():
    theirs = saved({"assessment": "Theirs."})

    with pytest.raises(care.StaleNote) as refused:
        care.save(theirs, body={"assessment": "Mine."}, based_on=0, by="reyes", now=LATER)

    assert refused.value.theirs == theirs


def test_an_unknown_field_or_choice_is_refused_by_name():
    for body in (
        {"gossip": "x"},
        {"decision": "whatever"},
        {"assessment": 5},
        {"decision": {"because": "x"}},
    ):
        with pytest.raises(care.BadBody) as refused:
            saved(body)
        assert refused.value.name == next(iter(body))


def test_signing_needs_the_safety_fields_and_the_confirmed_facts_and_lists_them():
    with pytest.raises(care.FieldsMissing) as refused:
        care.sign(saved({"assessment": "Better."}), by="reyes", now=LATER)

    required = {f.name for f in fields_of("check-in").values() if f.required}
    assert set(refused.value.names) == required | {CONFIRMED}


def test_a_required_field_accepts_not_obtained_with_a_reason_only():
    without = {name: answer for name, answer in COMPLETE.items() if name != "suicidality"}

    assert (
        care.missing(saved(without | {"suicidality": {"not_obtained": "Call dropped."}}, draft(None))) == ()
    )
    assert care.missing(saved(without | {"suicidality": {"not_obtained": "  "}}, draft(None))) == (
        "suicidality",
    )


def test_a_note_without_a_visit_has_no_facts_to_confirm():
    assert care.missing(saved(COMPLETE, draft(encounter_id=None))) == ()


def test_confirmed_facts_survive_the_next_save():
    confirmed = care.confirm_facts(saved(COMPLETE), facts={"where": "home"}, by="reyes", now=NOW)

    again = saved(COMPLETE | {"assessment": "x"}, confirmed)

    assert again.body["facts"] == {"where": "home"}


def test_a_signed_note_is_final():
    note = signed()

    assert (note.status, note.signed_at, note.signed_by) == ("final", LATER, "reyes")
    for change in (
        lambda: saved({"assessment": "other"}, note),
        lambda: care.sign(note, by="reyes", now=LATER),
        lambda: care.confirm_facts(note, facts={}, by="reyes", now=LATER),
    ):
        with pytest.raises(care.NoteAlreadySigned):
            change()


def test_only_its_author_changes_or_signs_a_draft():
    with pytest.raises(care.NotTheAuthor):
        care.save(draft(), body={}, based_on=0, by="okafor", now=NOW)
    with pytest.raises(care.NotTheAuthor):
        care.sign(saved(COMPLETE), by="okafor", now=NOW)


def test_an_addendum_needs_a_signed_note_a_text_and_a_reason_and_leaves_the_original_alone():
    note = signed()

    amended = care.amend(note, id="x", reason="Late result", text="Thyroid normal.", by="okafor", now=LATER)

    assert (amended.status, amended.body, len(amended.addenda)) == ("amended", note.body, 1)
    assert amended.addenda[0].author_id == "okafor"
    with pytest.raises(care.NoteNotSigned):
        care.amend(draft(), id="x", reason="r", text="t", by="reyes", now=LATER)
    with pytest.raises(care.EmptyAddendum):
        care.amend(note, id="x", reason=" ", text="t", by="reyes", now=LATER)


@pytest.mark.parametrize("visit_type", sorted(SECTIONS))
def test_every_note_asks_about_suicidality_identity_emergency_plan_and_consent(visit_type: str):
    required = {name for name, field in fields_of(visit_type).items() if field.required}

    assert {"suicidality", "identity_checked", "emergency_plan", "consent", "mental_state"} <= required
