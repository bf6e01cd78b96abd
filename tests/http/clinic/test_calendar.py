"""A clinician opens, changes and closes the address their own calendar follows; nobody does it for them."""

import re

import pytest

from server.services import calendar_mail


def address_in(page: str) -> str:
    found = re.search(r'id="address" readonly value="[^"]*(/calendar/[^"]+)"', page)
    assert found is not None
    return found[1]


async def test_there_is_no_address_until_one_is_made(reyes, words) -> None:
    page = await reyes.get("/clinic/calendar")
    assert 'id="address"' not in page.text and "Make an address" in words(page.text)


async def test_making_one_shows_it_and_pressing_twice_makes_one(reyes) -> None:
    made = await reyes.post("/clinic/calendar", act="open", shows="kind")
    assert (made.status, made.location) == (303, "/clinic/calendar?done=open")
    first = address_in((await reyes.get("/clinic/calendar")).text)
    await reyes.post("/clinic/calendar", act="open", shows="kind")
    assert address_in((await reyes.get("/clinic/calendar")).text) == first
    assert (await reyes.get(first)).status == 200


async def test_a_new_address_closes_the_one_before(reyes, words) -> None:
    await reyes.post("/clinic/calendar", act="open", shows="kind")
    first = address_in((await reyes.get("/clinic/calendar")).text)
    await reyes.post("/clinic/calendar", act="renew", shows="kind")
    page = await reyes.get("/clinic/calendar?done=renew")
    assert "The one before answers no more" in words(page.text)
    assert address_in(page.text) != first
    assert [(await reyes.get(path)).status for path in (first, address_in(page.text))] == [404, 200]


async def test_a_closed_address_answers_no_more_and_never_comes_back(reyes) -> None:
    await reyes.post("/clinic/calendar", act="open", shows="kind")
    first = address_in((await reyes.get("/clinic/calendar")).text)
    await reyes.post("/clinic/calendar", act="close", shows="kind")
    assert (await reyes.get(first)).status == 404
    await reyes.post("/clinic/calendar", act="open", shows="kind")
    assert address_in((await reyes.get("/clinic/calendar")).text) != first


async def test_each_clinician_has_an_address_of_their_own(reyes, okafor) -> None:
    for somebody in (reyes, okafor):
        await somebody.post("/clinic/calendar", act="open", shows="kind")
    pages = [(await somebody.get("/clinic/calendar")).text for somebody in (reyes, okafor)]
    assert address_in(pages[0]) != address_in(pages[1])


async def test_what_was_closed_on_another_page_is_not_changed_in_silence(reyes, words) -> None:
    answer = await reyes.post("/clinic/calendar", act="show", shows="name")
    assert answer.location == "/clinic/calendar?done=closed"
    assert "nothing was changed" in words((await reyes.get(answer.location)).text)


@pytest.mark.parametrize(("act", "shows"), [("open", "everything"), ("explode", "kind"), ("", "")])
async def test_what_no_button_says_is_refused(act: str, shows: str, reyes) -> None:
    assert (await reyes.post("/clinic/calendar", act=act, shows=shows)).status == 400
    assert 'id="address"' not in (await reyes.get("/clinic/calendar")).text


async def test_opening_and_closing_stand_on_the_trail(reyes, petra, words) -> None:
    await reyes.post("/clinic/calendar", act="open", shows="kind")
    await reyes.post("/clinic/calendar", act="show", shows="name")
    await reyes.post("/clinic/calendar", act="close", shows="name")
    read = words((await petra.get("/admin/audit")).text)
    for said in ("opened an address", "show patients' names", "closed the address"):
        assert said in read


async def test_invitations_by_mail_are_off_until_they_are_chosen_and_hide_names_unless_asked(
    reyes, database, cast, words
) -> None:
    page = (await reyes.get("/clinic/calendar")).text
    assert re.search(r'name="mailed" value="no" checked', page)
    saved = await reyes.post("/clinic/calendar/mail", mailed="kind")
    assert (saved.status, saved.location) == (303, "/clinic/calendar?done=mail")
    page = await reyes.get(saved.location)
    assert re.search(r'name="mailed" value="kind" checked', page.text)
    assert "from now on" in words(page.text)
    async with database.read() as tx:
        assert await calendar_mail.choice(tx, cast.dr_reyes) == "kind"
        assert await calendar_mail.choice(tx, cast.dr_okafor) == "no"
    assert (await reyes.post("/clinic/calendar/mail", mailed="everything")).status == 400
