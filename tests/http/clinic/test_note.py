"""The consult note over HTTP: saved in versions, never lost, signed once, amended only after that."""

import pytest
from sqlalchemy import text

from server.care.encounter import PresenceEvent
from server.services import visits
from tests.http.clinic.conftest import COMPLETE

TEXT = "\n  Grüße,\n\n<b>not bold</b> & “so” 😀\t.\n"


async def note_without_a_visit(reyes, cast) -> str:
    """Its address."""
    return (await reyes.post(f"/clinic/chart/{cast.mira}/note")).location


async def test_a_save_is_on_the_page_letter_by_letter(reyes, put, at) -> None:
    await reyes.get(at)
    saved = await put(reyes, {"interval_history": TEXT})
    assert (saved.status, saved.body["version"]) == (200, 1)
    page = (await reyes.get(at)).text
    assert "Grüße,\n\n&lt;b&gt;not bold&lt;/b&gt; &amp; “so” 😀\t." in page
    assert 'version="1"' in page


async def test_every_save_is_a_version_and_the_same_text_again_is_none(reyes, put) -> None:
    first = await put(reyes, {"interval_history": "one"})
    second = await put(reyes, {"interval_history": "two"}, version=1)
    again = await put(reyes, {"interval_history": "two"}, version=2)
    assert [a.body["version"] for a in (first, second, again)] == [1, 2, 2]


async def test_the_same_save_sent_twice_is_one_version(reyes, put, clock) -> None:
    first = await put(reyes, {"interval_history": "one"}, page="tab", sequence=1)
    clock.advance(seconds=5)
    again = await put(reyes, {"interval_history": "one"}, page="tab", sequence=1)
    assert again == first


async def test_a_late_retry_is_answered_with_its_own_version_and_not_with_the_newest(reyes, put) -> None:
    """Else the page would take the other window's version for its own, and write over that text next."""
    await put(reyes, {"interval_history": "mine"}, page="tab", sequence=1)
    await put(reyes, {"interval_history": "the other window's"}, version=1, page="other", sequence=1)
    retried = await put(reyes, {"interval_history": "mine"}, page="tab", sequence=1)
    assert retried.body["version"] == 1
    following = await put(reyes, {"interval_history": "mine, more"}, version=1, page="tab", sequence=2)
    assert (following.status, following.body["code"]) == (409, "note-stale")


async def test_another_text_under_a_number_that_is_taken_is_refused_with_both_texts_kept(
    reyes, put, at
) -> None:
    """security.md, idempotency: the same key with another body is not the same request."""
    await put(reyes, {"interval_history": "first"}, page="tab", sequence=1)
    other = await put(reyes, {"interval_history": "second"}, version=1, page="tab", sequence=1)
    assert (other.status, other.body["code"]) == (409, "note-stale")
    assert other.body["theirs"]["body"] == {"interval_history": "first"}
    following = await put(reyes, {"interval_history": "second"}, version=1, page="tab", sequence=2)
    assert (following.status, following.body["version"]) == (200, 2)


async def test_a_stale_save_is_refused_with_the_other_text_and_changes_nothing(reyes, put, at) -> None:
    await put(reyes, {"interval_history": "theirs", "tablets": "3"})
    stale = await put(reyes, {"interval_history": "mine"}, version=0)
    assert stale.status == 409
    assert (stale.body["theirs"]["version"], stale.body["theirs"]["body"]) == (
        1,
        {"interval_history": "theirs", "tablets": "3"},
    )
    page = (await reyes.get(at)).text
    assert ("theirs" in page, "mine" in page) == (True, False)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"page": "p", "sequence": 1, "version": 0},
        {"page": "p", "sequence": "x", "version": 0, "body": {}},
        {"page": "p", "sequence": 1, "version": 0, "body": "text"},
        {"page": "p", "sequence": 1, "version": 0, "body": {"no_such_field": "x"}},
        {"page": "p", "sequence": 1, "version": 0, "body": {"interval_history": 3}},
        {"page": "p", "sequence": 1, "version": 0, "body": {"risk_level": "enormous"}},
        {"page": "p", "sequence": 1, "version": 0, "body": {"facts": {"mode": "forged"}, "x": "y"}},
        [],
        None,
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence_and_nothing_is_stored(
    reyes, ask, at, database, asked
) -> None:
    answer = await ask(reyes, "PUT", f"{at}/note", asked)
    assert (answer.status, answer.body["code"]) == (422, "bad-body")
    assert answer.body["sentence"]
    async with database.read() as tx:
        assert await tx.all(text("SELECT id FROM note_versions")) == []


@pytest.mark.parametrize("answer", ["x" * 20_001, {"not_obtained": "x" * 20_001}])
async def test_a_text_that_is_too_long_is_refused_by_its_fields_name_and_by_how_much(
    reyes, put, at, database, answer
) -> None:
    refused = await put(reyes, {"medicines": answer})
    assert (refused.status, refused.body["code"], refused.body["name"]) == (422, "too-long", "medicines")
    for said in ("“New medicines, alcohol or other drugs", "20,001 characters", "20,000 fit"):
        assert said in refused.body["sentence"]
    page = await reyes.post(f"{at}/note", version="0", interval_history="y" * 20_001)
    assert (page.status, "“Interval history" in page.text, "y" * 20_001 in page.text) == (422, True, True)
    async with database.read() as tx:
        assert await tx.all(text("SELECT id FROM note_versions")) == []
    assert (await put(reyes, {"interval_history": "x" * 20_000})).status == 200


async def test_the_facts_of_the_call_cannot_be_typed_over(reyes, put, at, held, ask, words) -> None:
    await ask(reyes, "POST", f"{at}/confirmation", {})
    await put(reyes, {"interval_history": "x", "facts": {"where": "forged"}}, version=1)
    assert "12 Invented Lane" in words((await reyes.get(f"{at}/facts")).text)


# confirming and signing


async def test_confirming_keeps_the_facts_with_the_note(reyes, ask, at, held, words, clock) -> None:
    before = words((await reyes.get(f"{at}/facts")).text)
    assert "8:40 AM – …" in before
    assert "with: My sister" in before
    assert "1 gap: 8:45 AM – 8:45 AM" in before
    assert "Confirmed" not in before
    answer = await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (answer.status, answer.body["version"]) == (200, 1)
    assert "Confirmed 9:00 AM" in words((await reyes.get(f"{at}/facts")).text)


async def test_signing_wants_the_safety_fields_by_name_and_loses_nothing(reyes, put, ask, at, words) -> None:
    await put(reyes, {"interval_history": "kept"})
    answer = await ask(reyes, "POST", f"{at}/signature", {"version": 1})
    assert (answer.status, answer.body["code"]) == (422, "fields-missing")
    assert [each["name"] for each in answer.body["missing"]] == [*MISSING, "facts_confirmed_at"]
    page = await reyes.post(f"{at}/signature")
    assert page.status == 422
    assert '<a href="#field-risk_level">Risk level</a>' in page.text
    assert 'id="field-risk_level"' in page.text
    assert "kept" in page.text


MISSING = [
    "medicines",
    "suicidality",
    "risk_level",
    "mental_state",
    "decision",
    "identity_checked",
    "emergency_plan",
    "consent",
    "privacy",
]


async def test_not_obtained_with_a_reason_is_an_answer_and_without_one_is_none(reyes, put, ask, at) -> None:
    refused = COMPLETE | {
        "decision": {"not_obtained": "  "},
        "risk_level": {"not_obtained": "call broke off"},
    }
    await put(reyes, refused)
    await ask(reyes, "POST", f"{at}/confirmation", {})
    missing = (await ask(reyes, "POST", f"{at}/signature", {})).body["missing"]
    assert [each["name"] for each in missing] == ["decision"]


async def test_a_decision_that_was_not_obtained_is_told_without_one(reyes, put, at) -> None:
    await put(reyes, COMPLETE | {"decision": {"not_obtained": "the call broke off"}})
    assert (await reyes.get(at)).status == 200


@pytest.fixture
async def signed(reyes, put, ask, at, held) -> str:
    await put(reyes, COMPLETE | {"interval_history": TEXT})
    await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (await ask(reyes, "POST", f"{at}/signature", {"version": 2})).status == 200
    return at


async def test_a_note_signed_before_its_visit_ends_gets_the_end_from_the_visits_record(
    reyes, signed, database, booked, clock, words
) -> None:
    """The signed facts stay as they were signed; what came after stands beside them, with its time."""
    read = words((await reyes.get(signed)).text)
    assert "8:40 AM – still open at the signature" in read
    assert "The visit was still going on when this was signed." in read
    async with database.write() as tx:
        event = PresenceEvent(seat="patient", kind="lost", at=clock.now())
        await visits.record(tx, encounter_id=booked.id, event=event)
    clock.advance(minutes=5)
    assert "Added by the server" not in words((await reyes.get(f"{signed}/facts")).text)
    clock.advance(minutes=5)
    await reyes.post(f"{signed}/finish")
    for read in (words((await reyes.get(signed)).text), words((await reyes.get(f"{signed}/facts")).text)):
        assert "8:40 AM – still open at the signature" in read
        assert "was still going on" not in read
        _, added = read.split("Added by the server after the signature: the whole visit, finished at 9:10 AM")
        assert "8:40 AM – 9:10 AM" in added
        # A gap without an end ends with the visit.
        assert "2 gaps: 8:45 AM – 8:45 AM, 9:00 AM – 9:10 AM" in added


async def test_a_note_signed_after_the_end_needs_no_addition(reyes, put, ask, at, held, words) -> None:
    await put(reyes, COMPLETE)
    await reyes.post(f"{at}/finish")
    await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (await ask(reyes, "POST", f"{at}/signature", {"version": 2})).status == 200
    assert "Added by the server" not in words((await reyes.get(at)).text)


async def test_a_signed_note_is_read_and_takes_no_more_text(reyes, put, signed, words) -> None:
    answer = await put(reyes, {"interval_history": "later"}, version=2)
    assert (answer.status, answer.body["code"]) == (409, "note-signed")
    page = (await reyes.get(signed)).text
    assert "Signed" in words(page)
    assert "Sign note" not in page
    assert "Grüße,\n\n&lt;b&gt;not bold&lt;/b&gt;" in page
    assert "<autosave-form" not in page


async def test_what_is_signed_is_what_its_author_saw(reyes, put, ask, at, held) -> None:
    """Another window saved in between: the signature waits until that text has been seen."""
    await put(reyes, COMPLETE)
    await ask(reyes, "POST", f"{at}/confirmation", {})
    await put(reyes, COMPLETE | {"reasons": "another window"}, version=2, page="other")
    answer = await ask(reyes, "POST", f"{at}/signature", {"version": 2})
    assert (answer.status, answer.body["code"]) == (409, "note-stale")
    assert (await ask(reyes, "POST", f"{at}/signature", {"version": 3})).status == 200


async def test_facts_that_changed_since_are_confirmed_again(reyes, put, ask, at, held, words) -> None:
    """Confirmed during the call; the end of it is not in the note yet."""
    await put(reyes, COMPLETE)
    await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (await reyes.post(f"{at}/finish")).status == 303
    assert "They changed since you confirmed them." in words((await reyes.get(f"{at}/facts")).text)
    refused = await ask(reyes, "POST", f"{at}/signature", {"version": 2})
    assert [each["name"] for each in refused.body["missing"]] == ["facts_confirmed_at"]
    await ask(reyes, "POST", f"{at}/confirmation", {})
    assert (await ask(reyes, "POST", f"{at}/signature", {"version": 3})).status == 200
    assert "8:40 AM – 9:00 AM" in words((await reyes.get(at)).text)


async def test_an_addendum_waits_for_the_signature(reyes, at) -> None:
    assert (await reyes.post(f"{at}/addenda", reason="r", text="t")).status == 409
    assert "Add addendum" not in (await reyes.get(at)).text


async def test_an_addendum_stands_under_the_untouched_note(okafor, reyes, cast, signed, words, clock) -> None:
    clock.advance(minutes=10)
    answer = await okafor.post(f"{signed}/addenda", reason="Result came", text="Potassium 4.1 <ok>")
    assert (answer.status, answer.location) == (303, signed)
    page = (await reyes.get(signed)).text
    assert "Potassium 4.1 &lt;ok&gt;" in page
    read = words(page)
    assert "Addendum · Mon, Nov 23, 9:10 AM · Dr. Chidi Okafor" in read
    assert "Reason: Result came" in read
    assert "not bold" in read


@pytest.mark.parametrize("typed", [{"reason": "why", "text": " "}, {"reason": "", "text": "what"}])
async def test_half_an_addendum_is_refused_and_stays_in_its_fields(reyes, signed, words, typed) -> None:
    page = await reyes.post(f"{signed}/addenda", **typed)
    assert (page.status, "Write what is to be added, and why." in words(page.text)) == (422, True)
    assert max(typed.values()) in page.text
    assert "Reason:" not in words((await reyes.get(signed)).text)


async def test_the_versions_can_all_be_read_newest_first(reyes, put, at, words) -> None:
    await put(reyes, {"interval_history": "one"})
    await put(reyes, {"interval_history": "two", "risk_level": {"not_obtained": "refused"}}, version=1)
    read = words((await reyes.get(f"{at}/versions")).text)
    assert read.index("Version 2") < read.index("two") < read.index("Version 1")
    assert "Interval history one two The whole text" in read or "Interval history one two Risk level" in read
    assert "Not obtained, because refused" in read
    assert "9:00:00 AM · Dr. Ines Reyes" in read
    shown = (await reyes.get(f"{at}/versions")).text
    assert ("<del>one</del><ins>two</ins>" in shown, "<ins>one</ins>" in shown) == (True, True)


# without a script


async def test_the_form_saves_by_itself(reyes, at) -> None:
    await reyes.get(at)
    sent = {"version": "0", "interval_history": "line\r\nline", "not_obtained:decision": "broke off"}
    answer = await reyes.post(f"{at}/note", **sent)
    assert (answer.status, answer.location) == (303, at)
    page = (await reyes.get(at)).text
    assert "line\nline" in page
    assert "broke off" in page


async def test_a_stale_form_shows_both_texts(reyes, put, at, words) -> None:
    await put(reyes, {"interval_history": "theirs"})
    page = await reyes.post(f"{at}/note", version="0", interval_history="mine", tablets="4")
    assert page.status == 409
    assert "changed in another window" in page.text
    read = words(page.text)
    assert "mine" in read
    assert "Saved in the other window theirs" in read
    assert 'value="1"' in page.text
    assert (await reyes.post(f"{at}/note", version="1", interval_history="mine")).status == 303


async def test_a_form_sent_after_the_signature_shows_what_was_not_saved(reyes, signed, words) -> None:
    page = await reyes.post(f"{signed}/note", version="2", interval_history="too late for this")
    assert page.status == 409
    assert "Not saved" in words(page.text)
    assert "too late for this" in page.text


async def test_a_form_with_an_answer_that_is_none_comes_back_as_typed(reyes, at) -> None:
    page = await reyes.post(f"{at}/note", version="0", interval_history="mine", risk_level="enormous")
    assert (page.status, "mine" in page.text) == (422, True)


async def test_signing_from_the_form_saves_it_first(reyes, at, words) -> None:
    page = await reyes.post(f"{at}/signature", version="0", interval_history="typed and signed at once")
    assert page.status == 422
    assert "typed and signed at once" in (await reyes.get(at)).text


# a note without a visit


async def test_a_note_can_begin_without_a_visit(reyes, cast, ask, words) -> None:
    address = await note_without_a_visit(reyes, cast)
    page = await reyes.get(address)
    assert (page.status, "Note without a visit" in words(page.text)) == (200, True)
    assert 'aria-label="Call"' not in page.text
    sent = {"page": "p", "sequence": 1, "version": 0, "body": COMPLETE}
    assert (await ask(reyes, "PUT", f"{address}/note", sent)).status == 200
    assert (await ask(reyes, "POST", f"{address}/signature", {"version": 1})).status == 200
    assert "Add addendum" in (await reyes.get(address)).text


async def test_an_unknown_note_is_no_page(reyes) -> None:
    for path in ("", "/versions"):
        assert (await reyes.get(f"/clinic/note/{'0' * 32}{path}")).status == 404


# whose it is, and who looked


async def test_another_clinician_reads_but_does_not_write(okafor, reyes, put, ask, at, words) -> None:
    await put(reyes, {"interval_history": "hers"})
    page = await okafor.get(at)
    assert (page.status, "hers" in page.text, "<autosave-form" in page.text) == (200, True, False)
    assert "A draft by Dr. Ines Reyes. Only they can change it." in words(page.text)
    assert (await put(okafor, {"interval_history": "his"}, version=1)).body["code"] == "not-the-author"
    for what in ("confirmation", "signature"):
        assert (await ask(okafor, "POST", f"{at}/{what}", {})).status == 403
    assert "his" not in words((await reyes.get(f"{at}/versions")).text).split()


async def test_the_visits_own_clinician_is_the_author_whoever_opens_it_first(okafor, put, reyes, at) -> None:
    await okafor.get(at)
    assert (await put(reyes, {"interval_history": "hers"})).status == 200


async def test_every_reading_and_writing_leaves_its_line(reyes, okafor, cast, put, signed, trail) -> None:
    await okafor.get(signed)
    assert await trail("note") == [
        (cast.reyes, "saved"),
        (cast.reyes, "facts-confirmed"),
        (cast.reyes, "signed"),
        (cast.okafor, "read"),
    ]


async def test_nobody_else_comes_near_a_note(stranger, ada, petra, reyes, put, cast, at) -> None:
    await put(reyes, {"interval_history": "secret of Mira"})
    note = await note_without_a_visit(reyes, cast)
    for who in (stranger, ada, petra):
        for path in (at, f"{at}/facts", f"{at}/versions", note, f"{note}/versions"):
            page = await who.get(path)
            assert page.status == (303 if who is stranger else 403)
            assert "secret" not in page.text
        for path in ("note", "confirmation", "signature", "addenda"):
            answer = await who.post(f"{at}/{path}", version="1", text="x", reason="x")
            assert answer.status == (401 if who is stranger else 403)
    assert "secret of Mira" in (await reyes.get(at)).text
