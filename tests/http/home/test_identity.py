"""Five wrong dates of birth, from whatever browsers, and only the telephone helps."""

from server.services import home
from tests.people import MIRA_BORN


async def test_the_right_date_leads_to_the_code(stranger, token) -> None:
    await stranger.post(f"/home/door/{token}")
    page = await stranger.post("/home/identity", date_of_birth=MIRA_BORN.isoformat())
    assert (page.status, page.location) == (303, "/home/code")
    # Proven, and still not in.
    assert (await stranger.get("/home/today")).status == 403
    assert (await stranger.get("/home/identity")).location == "/home/code"


async def test_a_wrong_date_is_said_with_the_tries_left(stranger, token, words) -> None:
    await stranger.post(f"/home/door/{token}")
    page = await stranger.post("/home/identity", date_of_birth="1990-04-18")
    assert page.status == 422
    assert "You have 4 tries left." in words(page.text) and 'value="1990-04-18"' in page.text
    assert (await stranger.get("/home/code")).status == 403


async def test_what_is_no_date_costs_no_try(stranger, token, words) -> None:
    await stranger.post(f"/home/door/{token}")
    for typed in ("", "yesterday", "17/04/1990"):
        page = await stranger.post("/home/identity", date_of_birth=typed)
        assert page.status == 422 and "your whole date of birth" in words(page.text)
    assert "4 tries left" in words((await stranger.post("/home/identity", date_of_birth="1990-04-18")).text)


async def test_five_wrong_ones_from_several_browsers_end_in_the_phone_number(
    new_visitor, token, words
) -> None:
    browsers = [await new_visitor() for _ in range(3)]
    for browser in browsers:
        await browser.post(f"/home/door/{token}")
    for n in range(5):
        page = await browsers[n % 3].post("/home/identity", date_of_birth=f"1990-05-0{n + 1}")
    assert page.status == 403
    for browser in browsers:
        page = await browser.post("/home/identity", date_of_birth=MIRA_BORN.isoformat())
        assert page.status == 403
        assert "Call the clinic: (303) 555-0100" in words(page.text)
        assert (await browser.get("/home/code")).status == 403


async def test_the_clinic_opens_it_again_with_a_new_link(stranger, token, database, clock, cast) -> None:
    await stranger.post(f"/home/door/{token}")
    for n in range(5):
        await stranger.post("/home/identity", date_of_birth=f"1990-05-0{n + 1}")
    async with database.write() as tx:
        await home.send_link(tx, cast.mira, by=cast.ada, now=clock.now())
        fresh = await home.link_token(tx, cast.mira, now=clock.now())
    assert fresh != token
    assert (await stranger.get(f"/home/door/{token}")).status == 410
    await stranger.post(f"/home/door/{fresh}")
    assert (
        await stranger.post("/home/identity", date_of_birth=MIRA_BORN.isoformat())
    ).location == "/home/code"
