"""experience.md, row 131: outside of the opening hours, pages say when the clinic opens again, and what to do now."""

from datetime import time

import pytest

from server.services import opening
from tests.devices import let_in
from tests.http.visit.conftest import ANSWERS
from tests.people import MIRA_BORN

# In Denver it is nine on a Monday.
CLOSED = "The clinic is closed now. It opens again on Mon, Nov 23, 1:00 PM (Denver)."
HELP = "If you need help before then, call or text 988 , and in an emergency call 911 ."
GOES_ON = "Your visit takes place as it is booked."


@pytest.fixture
async def afternoons(database, cast, clock) -> None:
    async with database.write() as tx:
        await opening.set_hours(
            tx, ((0, time(13), time(17)),), time_zone="America/Denver", by=cast.petra, now=clock.now()
        )


async def test_whoever_has_a_visit_is_told_so_and_is_never_shut_out(
    afternoons, stranger, mira, token, visit, book, cast, words
) -> None:
    for page in (await mira.get(f"/visit/waiting/{visit.id}"), await mira.get(f"/visit/join/{token}")):
        read = words(page.text)
        assert page.status == 200
        assert CLOSED in read and GOES_ON in read and HELP in read
    assert "You're in the waiting room" in words((await mira.get(f"/visit/waiting/{visit.id}")).text)
    later, later_token = await book(cast.mira, hours=50)
    await mira.post(f"/visit/join/{later_token}")
    await mira.post(f"/visit/identity/{later.id}", date_of_birth=MIRA_BORN.isoformat())
    await mira.post(f"/visit/entry/{later.id}", **ANSWERS)
    assert CLOSED in words((await mira.get(f"/visit/waiting/{later.id}")).text)


async def test_a_visit_by_phone_says_so_too(afternoons, mira, visit, words) -> None:
    await mira.post(f"/visit/by-phone/{visit.id}")
    read = words((await mira.get(f"/visit/waiting/{visit.id}")).text)
    assert "We will call you" in read and CLOSED in read and GOES_ON in read


async def test_whoever_lost_their_link_reads_when_somebody_answers(afternoons, stranger, words) -> None:
    for address in ("/visit/lost-link", "/visit/lost-link?asked"):
        read = words((await stranger.get(address)).text)
        assert CLOSED in read and HELP in read and GOES_ON not in read and "(303) 555-0100" in read


async def test_their_own_pages_say_so_and_where_to_turn(
    afternoons, new_visitor, database, visit, cast, clock, words
) -> None:
    home = await let_in(await new_visitor(), database, cast.mira, now=clock.now())
    read = words((await home.get("/home/today")).text)
    assert CLOSED in read and GOES_ON in read and HELP in read
    assert "The clinic is closed now, until Mon, Nov 23, 1:00 PM." in words(
        (await home.get("/home/ask")).text
    )


async def test_while_it_is_open_nothing_is_said(afternoons, stranger, clock, words) -> None:
    clock.advance(hours=4, seconds=30)
    assert "is closed" not in words((await stranger.get("/visit/lost-link")).text)
