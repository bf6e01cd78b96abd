"""The three questions: asked once a visit, kept sealed, never lost while typing."""

import pytest
from sqlalchemy import select

from server.store import encounters
from server.store.tables.encounters import encounters as table
from tests.http.visit.conftest import ANSWERS


async def test_the_answers_lead_into_the_waiting_room(proven, visit, database, actions) -> None:
    page = await proven.get(f"/visit/entry/{visit.id}")
    for label in ("Where are you right now?", "Number to call you back on", "Who is with you?", "I agree"):
        assert f">{label}</label>" in page.text
    answer = await proven.post(f"/visit/entry/{visit.id}", **ANSWERS)
    assert (answer.status, answer.location) == (303, f"/visit/waiting/{visit.id}")
    async with database.read() as tx:
        entry = (await encounters.by_id(tx, visit.id)).entry
    assert (entry.where, entry.call_back, entry.with_whom) == tuple(ANSWERS[n] for n in list(ANSWERS)[:3])
    assert (await actions(visit.id))[-1] == "entry-answered"


async def test_the_answers_are_stored_sealed(mira, visit, database) -> None:
    async with database.read() as tx:
        row = await tx.one(select(table.c.entry_answers).where(table.c.id == visit.id))
    assert b"Invented Lane" not in row.entry_answers


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ("where", "Write where you are"),
        ("call_back", "Write a number with its area code"),
        ("with_whom", "Write who is with you"),
        ("agree", "Please tick the box"),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_stays(
    proven, visit, database, words, left_out, sentence
) -> None:
    given = {name: value for name, value in ANSWERS.items() if name != left_out}
    page = await proven.post(f"/visit/entry/{visit.id}", **given)
    assert page.status == 422 and sentence in words(page.text)
    for name, value in given.items():
        assert f'value="{value}"' in page.text
        assert name != "agree" or "checked" in page.text
    async with database.read() as tx:
        assert (await encounters.by_id(tx, visit.id)).entry is None


async def test_a_number_needs_enough_digits(proven, visit, words) -> None:
    page = await proven.post(f"/visit/entry/{visit.id}", **ANSWERS | {"call_back": "call me"})
    assert page.status == 422 and "area code" in words(page.text) and 'value="call me"' in page.text


async def test_markup_in_an_answer_is_text(proven, visit) -> None:
    page = await proven.post(f"/visit/entry/{visit.id}", where='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text


async def test_somebody_coming_back_is_not_asked_again(mira, visit) -> None:
    assert (await mira.get(f"/visit/entry/{visit.id}")).location == f"/visit/waiting/{visit.id}"


async def test_the_answers_can_be_changed(mira, visit) -> None:
    page = await mira.get(f"/visit/entry/{visit.id}?again=1")
    assert page.status == 200 and 'value="12 Invented Lane, Boulder"' in page.text


async def test_answers_of_yesterday_are_asked_for_again(new_visitor, book, cast, clock) -> None:
    visit, token = await book(cast.mira, hours=25)
    browser = await new_visitor()
    await browser.post(f"/visit/join/{token}")
    await browser.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-17")
    await browser.post(f"/visit/entry/{visit.id}", **ANSWERS)
    assert (await browser.get(f"/visit/waiting/{visit.id}")).status == 200
    clock.advance(hours=24)
    assert (await browser.get(f"/visit/waiting/{visit.id}")).location == f"/visit/entry/{visit.id}"
    assert 'value="12 Invented Lane, Boulder"' in (await browser.get(f"/visit/entry/{visit.id}")).text


async def test_tomas_sees_nothing_of_miras(tomas, mira, visit, database) -> None:
    assert (await tomas.get(f"/visit/entry/{visit.id}?again=1")).status == 403
    answer = await tomas.post(f"/visit/entry/{visit.id}", **ANSWERS | {"where": "Elsewhere"})
    assert answer.status == 403
    async with database.read() as tx:
        assert (await encounters.by_id(tx, visit.id)).entry.where == ANSWERS["where"]


async def test_a_visit_cancelled_while_typing_shows_its_own_page(proven, ada, visit, words) -> None:
    await ada.post(f"/desk/visit/{visit.id}/cancellation", reason="a cold")
    answer = await proven.post(f"/visit/entry/{visit.id}", **ANSWERS)
    assert answer.status == 303
    assert "cancelled" in words((await proven.get(answer.location)).text)


async def test_a_visit_by_phone_is_agreed_to_as_one(holder, book, cast, words, stranger) -> None:
    visit, token = await book(cast.mira, hours=3, mode="phone")
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-17")
    read = words((await stranger.get(f"/visit/entry/{visit.id}")).text)
    assert "This is a visit by phone" in read and "video visit" not in read
