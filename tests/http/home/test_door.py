"""The link to a patient's own pages: anybody may look at it; a person's Continue begins, and proves nothing yet."""

import pytest

from server.care.home import WRONG_DATES
from server.services import home
from server.store import home as store


async def test_it_says_nothing_about_anybody(stranger, token, words) -> None:
    page = await stranger.get(f"/home/door/{token}")
    assert page.status == 200
    assert "Your own pages" in words(page.text) and "(303) 555-0100" in page.text
    assert "Mira" not in page.text and "Reyes" not in page.text


async def test_looking_changes_nothing(stranger, token, everything) -> None:
    before = await everything()
    for _ in range(20):
        await stranger.get(f"/home/door/{token}")
        await stranger.client.head(f"/home/door/{token}")
    assert await everything() == before
    assert not list(stranger.client.session.cookie_jar)


async def test_continue_leads_to_the_date_of_birth_with_no_token_in_the_address(stranger, token) -> None:
    page = await stranger.post(f"/home/door/{token}")
    assert (page.status, page.location) == (303, "/home/identity")
    assert (await stranger.get("/home/identity")).status == 200
    assert (await stranger.get("/home/today")).status == 403


async def test_a_remembered_device_goes_straight_in(mira, token) -> None:
    assert (await mira.get(f"/home/door/{token}")).location == "/home/today"


async def test_somebody_elses_device_is_asked_who_it_is(tomas, token) -> None:
    assert (await tomas.get(f"/home/door/{token}")).status == 200
    assert (await tomas.post(f"/home/door/{token}")).location == "/home/identity"
    # What was remembered there is not lost until the new one is proven; but this browser is on its way to Mira's.
    assert (await tomas.get("/home/today")).status == 403


@pytest.mark.parametrize("token", ["x", "t" * 43, "%F0%9F%92%A9"])
async def test_a_link_nobody_made(stranger, token, words) -> None:
    for page in (await stranger.get(f"/home/door/{token}"), await stranger.post(f"/home/door/{token}")):
        assert page.status == 404
        assert "We do not know this link" in words(page.text) and "(303) 555-0100" in page.text


async def test_a_replaced_link_says_so(stranger, token, database, clock, cast, words) -> None:
    async with database.write() as tx:
        await home.forget_all(tx, cast.mira, by=cast.ada, now=clock.now())
    page = await stranger.get(f"/home/door/{token}")
    assert page.status == 410
    assert "This link was replaced" in words(page.text)
    assert (await stranger.post(f"/home/door/{token}")).status == 410


async def test_a_link_closed_by_wrong_dates_ends_in_the_phone_number(
    stranger, token, database, words
) -> None:
    async with database.write() as tx:
        link = await store.link_by_token(tx, token)
        for _ in range(WRONG_DATES):
            await store.count_wrong_date(tx, link.id)
    for page in (await stranger.get(f"/home/door/{token}"), await stranger.post(f"/home/door/{token}")):
        assert page.status == 403
        assert "Please call us" in words(page.text) and "Call the clinic: (303) 555-0100" in words(page.text)


async def test_a_door_left_half_open_closes_within_the_hour(stranger, token, clock) -> None:
    await stranger.post(f"/home/door/{token}")
    clock.advance(minutes=61)
    assert (await stranger.get("/home/identity")).status == 403


async def test_after_a_visit_the_date_of_birth_is_not_asked_again(
    stranger, token, database, clock, cast
) -> None:
    from server.services import appointments
    from tests.people import MIRA_BORN

    async with database.write() as tx:
        visit, _ = await appointments.call_now(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, by=cast.reyes, now=clock.now()
        )
        visit_token = appointments.token_of(tx, visit)
    await stranger.post(f"/visit/join/{visit_token}")
    await stranger.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    await stranger.post(f"/home/door/{token}")
    assert (await stranger.get("/home/identity")).location == "/home/code"


async def test_pressing_it_over_and_over_fills_no_table(new_visitor, mira, token, everything) -> None:
    stranger = await new_visitor()
    for _ in range(home.HALF_OPEN + 10):
        await stranger.post(f"/home/door/{token}")
    at_the_door = (await everything())["home_devices"]
    assert len(at_the_door) == home.HALF_OPEN + 2, (
        "those, the one that was just opened, and the remembered one"
    )
    # Whoever was last still comes in, and whoever is in stays in.
    assert (await stranger.get("/home/identity")).status == 200
    assert (await mira.get("/home/today")).status == 200
