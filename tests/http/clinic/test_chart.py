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
    assert "The mail with the link is going out" in words(page.text)
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
