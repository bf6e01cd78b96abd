"""A patient's chart: one story newest first, a call on the spot, a note without a visit."""

import pytest
from sqlalchemy import text

from server.services import messages
from tests.http.clinic.conftest import COMPLETE


@pytest.fixture
def chart(cast) -> str:
    return f"/clinic/chart/{cast.mira}"


async def test_the_chart_names_the_patient_and_their_time(reyes, chart, words) -> None:
    read = words((await reyes.get(chart)).text)
    assert "Mira Lindqvist 36 years · born April 17, 1990 · 9:00 AM Denver · (303) 555-0142" in read
    assert "The story begins with the first visit." in read


async def test_the_story_has_visits_notes_and_messages_newest_first(
    reyes, database, booked, held, put, ask, at, chart, clock, words
) -> None:
    await put(reyes, COMPLETE | {"assessment": "Better."})
    await ask(reyes, "POST", f"{at}/confirmation", {})
    await ask(reyes, "POST", f"{at}/signature", {"version": 2})
    clock.advance(minutes=1)
    async with database.write() as tx:
        await messages.send(tx, encounter_id=booked.id, text="Thank you", by=None, now=clock.now())
    read = words((await reyes.get(f"{chart}/timeline")).text)
    order = ["Message from the patient Thank you", "Note · Dr. Ines Reyes Continue Better.", "Visit going on"]
    assert [read.index(part) for part in order] == sorted(read.index(part) for part in order)
    assert "1 new since your last consult Mon, Nov 23" in read
    assert read.count(" new ") == 2


async def test_what_i_wrote_myself_is_no_news(reyes, okafor, put, ask, held, at, chart, words, clock) -> None:
    await put(reyes, COMPLETE)
    await ask(reyes, "POST", f"{at}/confirmation", {})
    await ask(reyes, "POST", f"{at}/signature", {"version": 2})
    clock.advance(minutes=1)
    await reyes.post(f"{at}/messages", text="take care")
    read = words((await reyes.get(chart)).text)
    assert "Nothing new since your last consult, Mon, Nov 23" in read
    assert "since your last consult" not in words((await okafor.get(chart)).text)


async def test_call_now_opens_a_room_with_its_link_and_mails_it(
    reyes, database, stranger, cast, chart, words
) -> None:
    answer = await reyes.post(f"{chart}/call")
    assert answer.status == 303
    page = await reyes.get(answer.location)
    assert "The message with the link is going out" in words(page.text)
    token = page.text.split("/visit/join/")[1].split('"')[0]
    assert (await stranger.get(f"/visit/join/{token}")).status == 200
    async with database.read() as tx:
        mails = await tx.all(text("SELECT kind, patient_id FROM outbox"))
    assert [tuple(row) for row in mails] == [("now", cast.mira)]


async def test_pressed_twice_it_is_the_same_call(reyes, okafor, chart) -> None:
    first = (await reyes.post(f"{chart}/call")).location
    assert (await reyes.post(f"{chart}/call")).location == first
    assert (await okafor.post(f"{chart}/call")).location != first
    await reyes.post(f"{first}/finish")
    assert (await reyes.post(f"{chart}/call")).location != first


async def test_without_an_address_the_link_is_read_out(reyes, database, cast, clock, words) -> None:
    from server.services import patients

    async with database.write() as tx:
        nobody = await patients.register(
            tx,
            name="Nico Noaddress",
            date_of_birth=(await patients.by_id(tx, cast.mira)).date_of_birth,
            email=None,
            phone="(303) 555-0143",
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=clock.now(),
        )
    answer = await reyes.post(f"/clinic/chart/{nobody.id}/call")
    assert "No e-mail address is known" in words((await reyes.get(answer.location)).text)


@pytest.mark.parametrize(("kind", "asks"), [("intake", "Chief complaint"), ("check-in", "Interval history")])
async def test_a_note_begins_with_the_kind_asked_for(reyes, chart, words, kind: str, asks: str) -> None:
    address = (await reyes.post(f"{chart}/note", visit_type=kind)).location
    assert asks in words((await reyes.get(address)).text)


async def test_a_note_of_no_known_kind_is_not_begun(reyes, chart, database) -> None:
    assert (await reyes.post(f"{chart}/note", visit_type="massage")).status == 404
    async with database.read() as tx:
        assert await tx.all(text("SELECT id FROM notes")) == []


async def test_an_unknown_patient_has_no_chart(reyes) -> None:
    nowhere = f"/clinic/chart/{'0' * 32}"
    assert [(await reyes.get(f"{nowhere}{path}")).status for path in ("", "/timeline")] == [404, 404]
    assert [(await reyes.post(f"{nowhere}/{path}")).status for path in ("call", "note")] == [404, 404]


async def test_it_is_for_clinicians_only(stranger, ada, petra, chart, booked) -> None:
    for who in (stranger, ada, petra):
        for path in ("", "/timeline"):
            page = await who.get(f"{chart}{path}")
            assert (page.status, "Mira" in page.text) == (303 if who is stranger else 403, False)
        for path in ("call", "note"):
            assert (await who.post(f"{chart}/{path}")).status == (401 if who is stranger else 403)


async def test_tomas_chart_has_nothing_of_miras(reyes, put, cast, held, at) -> None:
    await put(reyes, {"assessment": "secret of Mira"})
    page = (await reyes.get(f"/clinic/chart/{cast.tomas}")).text
    assert [hers for hers in ("Mira", "secret", "Invented Lane") if hers in page] == []


async def test_reading_it_leaves_a_line(reyes, cast, chart, trail) -> None:
    await reyes.get(chart)
    assert (await trail("patient"))[-1] == (cast.reyes, "timeline-read")


@pytest.fixture
def journal(database, clock, cast):
    """`await journal("words", share=True, …)`: an entry of Mira's."""
    from server.services import journals

    async def written(text: str = "", *, share: bool = False, **safety: str) -> str:
        async with database.write() as tx:
            entry = await journals.begin(tx, patient_id=cast.mira, now=clock.now())
            body = {"text": text, **safety}
            await journals.write(tx, entry.id, patient_id=cast.mira, body=body, based_on=0, now=clock.now())
            if share:
                await journals.share(tx, entry.id, patient_id=cast.mira, now=clock.now())
        return entry.id

    return written


async def test_of_a_kept_entry_only_what_bears_on_safety_is_seen(reyes, chart, journal, words) -> None:
    await journal("canary-kept", unusual="no", more="7")
    for path in ("", "/timeline"):
        page = await reyes.get(f"{chart}{path}")
        read = words(page.text)
        assert "canary-kept" not in page.text
        for said in (
            "Journal not shared",
            "Written and kept by the patient.",
            "Unusual or frightening: no",
            "7 of 10",
        ):
            assert said in read


async def test_an_entry_begun_and_left_empty_is_no_news(reyes, chart, journal, words) -> None:
    await journal("")
    assert "The story begins with the first visit." in words((await reyes.get(chart)).text)


async def test_shared_words_are_read_and_a_newer_version_only_when_it_is_shared_too(
    reyes, chart, journal, database, clock, cast, words
) -> None:
    from server.services import journals

    entry = await journal("canary-first", share=True)
    async with database.write() as tx:
        await journals.revise(tx, entry, patient_id=cast.mira, now=clock.now())
        await journals.write(
            tx, entry, patient_id=cast.mira, body={"text": "canary-second"}, based_on=0, now=clock.now()
        )
    page = (await reyes.get(chart)).text
    assert "canary-first" in page and "canary-second" not in page
    async with database.write() as tx:
        await journals.share(tx, entry, patient_id=cast.mira, now=clock.now())
    read = words((await reyes.get(chart)).text)
    assert read.index("canary-second") < read.index("Version 1, shared") < read.index("canary-first")


@pytest.fixture
def answered(database, clock, cast):
    """`await answered([…])`: a PHQ-9 of Mira's with these answers, handed in when complete."""
    from server.care.measures import PHQ9
    from server.services import measures

    async def given(values: list[int]) -> None:
        async with database.write() as tx:
            for item, value in zip(PHQ9.items, values, strict=False):
                await measures.answer(
                    tx, patient_id=cast.mira, code="phq-9", item=item.name, value=value, now=clock.now()
                )
            if len(values) == len(PHQ9.items):
                await measures.complete(tx, patient_id=cast.mira, code="phq-9", now=clock.now())

    return given


async def test_measures_have_total_band_change_and_a_drawing_with_a_table(
    reyes, chart, answered, clock, words
) -> None:
    await answered([2] * 8 + [0])
    clock.advance(minutes=1)
    await answered([1] * 8 + [0])
    page = (await reyes.get(chart)).text
    read = words(page)
    assert "PHQ-9: mood: 16 of 27, moderately severe" in read
    assert "PHQ-9: mood: 8 of 27, mild" in read and "8 lower than last time" in read
    assert page.count("<circle") == 2 and "As a table" in read and "Mon, Nov 23 8 mild" in read
    assert "style=" not in page


async def test_a_half_answered_form_has_no_total_anywhere(reyes, chart, answered, words) -> None:
    """A public health record once summed what was there and called it mild."""
    await answered([3, 3, 3, 3])
    read = words((await reyes.get(chart)).text)
    assert "Nothing was answered yet." in read and "12" not in read.split("Timeline", 1)[1]


async def test_item_9_of_a_form_that_was_never_sent_is_seen(
    reyes, chart, database, clock, cast, words
) -> None:
    from server.care.measures import SELF_HARM
    from server.services import measures

    async with database.write() as tx:
        await measures.answer(
            tx, patient_id=cast.mira, code="phq-9", item=SELF_HARM, value=2, now=clock.now()
        )
    read = words((await reyes.get(chart)).text)
    assert "PHQ-9: mood not sent yet" in read and "Item 9: More than half the days" in read


async def test_the_link_to_their_own_pages_is_mailed_and_everything_can_be_closed(
    reyes, chart, database, stranger, clock, cast, words
) -> None:
    from server.services import home
    from tests.devices import let_in

    device = await let_in(stranger, database, cast.mira, now=clock.now())
    assert "1 phone or computer is remembered." in words((await reyes.get(chart)).text)
    answer = await reyes.post(f"{chart}/home-link")
    assert "The mail with the link is going out." in words(
        (await reyes.get(answer.location.split("#")[0])).text
    )
    async with database.read() as tx:
        assert [tuple(row) for row in await tx.all(text("SELECT kind FROM outbox"))] == [("home",)]
        before = await home.known_token(tx, cast.mira)
    answer = await reyes.post(f"{chart}/home-closing")
    assert "The new one is not sent yet." in words((await reyes.get(answer.location.split("#")[0])).text)
    assert (await device.get("/home/today")).status == 403
    async with database.read() as tx:
        assert await home.known_token(tx, cast.mira) != before


async def test_without_an_address_the_link_is_not_sent_and_that_is_said(
    reyes, chart, database, cast, words
) -> None:
    from server.store import patients

    async with database.write() as tx:
        await patients.change(tx, (await patients.by_id(tx, cast.mira)) | {"email": None})
    answer = await reyes.post(f"{chart}/home-link")
    assert "No e-mail address is known" in words((await reyes.get(answer.location.split("#")[0])).text)
