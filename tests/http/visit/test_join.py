"""The link's page: anybody and anything may look at it; only a person's Continue does something."""

from datetime import timedelta

import pytest

from server.services import appointments, moving, visits
from tests.people import MIRA_BORN

SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 BingPreview/1.0b",
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; proofpoint-urldefense)",
    "Slackbot-LinkExpanding 1.0",
    "python-requests/2.32",
]


async def test_it_says_with_whom_and_when_in_the_patients_own_time(stranger, token, words) -> None:
    page = await stranger.get(f"/visit/join/{token}")
    read = words(page.text)
    assert page.status == 200
    for said in (
        "Your visit with Dr. Ines Reyes",
        "Monday, November 23, 2026",
        "10:00 AM your time (Denver)",
        "(303) 555-0100",
        "Continue",
    ):
        assert said in read.replace("\u202f", " ")
    assert "Mira" not in read and "Lindqvist" not in read


async def test_both_zones_are_shown_where_they_differ(stranger, book, cast, words) -> None:
    _, token = await book(cast.tomas)
    read = words((await stranger.get(f"/visit/join/{token}")).text).replace("\u202f", " ")
    assert "12:00 PM your time (New York) · 10:00 AM clinic (Denver)" in read


async def test_mail_scanners_open_no_session_and_change_nothing(
    stranger, token, everything, new_visitor
) -> None:
    before = await everything()
    for number in range(50):
        headers = {"User-Agent": SCANNERS[number % len(SCANNERS)]}
        for method in ("GET", "HEAD"):
            response = await stranger.client.request(method, f"/visit/join/{token}", headers=headers)
            assert response.status == 200
            assert "Set-Cookie" not in response.headers
    assert await everything() == before
    person = await new_visitor()
    assert (await person.post(f"/visit/join/{token}")).status == 303


async def test_continue_leads_on_without_the_token_in_the_address(stranger, token, visit, count) -> None:
    answer = await stranger.post(f"/visit/join/{token}")
    assert (answer.status, answer.location) == (303, f"/visit/identity/{visit.id}")
    assert await count("visitor_sessions") == 1
    cookie = next(iter(stranger.client.session.cookie_jar))
    assert (cookie.key, cookie["httponly"], cookie["samesite"]) == ("vid", True, "Lax")


async def test_continuing_twice_keeps_what_was_proven(mira, token, visit, count) -> None:
    await mira.post(f"/visit/join/{token}")
    assert await count("visitor_sessions") == 1
    assert (await mira.get(f"/visit/identity/{visit.id}")).location == f"/visit/waiting/{visit.id}"


async def test_a_cookie_we_never_gave_out_is_not_taken_up(stranger, token) -> None:
    jar = stranger.client.session.cookie_jar
    jar.update_cookies({"vid": "planted-by-somebody-else"}, stranger.client.make_url("/"))
    await stranger.post(f"/visit/join/{token}")
    assert next(iter(jar)).value != "planted-by-somebody-else"


async def test_one_browser_may_hold_two_visits(mira, visit, book, cast) -> None:
    later, token = await book(cast.mira, hours=3)
    await mira.post(f"/visit/join/{token}")
    await mira.post(f"/visit/identity/{later.id}", date_of_birth=MIRA_BORN.isoformat())
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 200
    assert (await mira.get(f"/visit/entry/{later.id}")).status == 200


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_link_nobody_made(stranger, method, words, count) -> None:
    page = await getattr(stranger, method)("/visit/join/" + "A" * 43)
    assert page.status == 404
    assert "We do not know this link" in words(page.text)
    assert "(303) 555-0100" in page.text
    assert await count("visitor_sessions") == 0


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_replaced_link_names_the_newest_message(
    stranger, method, token, visit, database, cast, clock, words, count
) -> None:
    async with database.write() as tx:
        starts_at = visit.planned_starts_at + timedelta(hours=2)
        was_at = visit.planned_starts_at
        await moving.reschedule(
            tx, visit.id, starts_at=starts_at, was_at=was_at, by=cast.ada, now=clock.now()
        )
    page = await getattr(stranger, method)(f"/visit/join/{token}")
    assert page.status == 410
    assert "newest message" in words(page.text) and "(303) 555-0100" in page.text
    assert "Reyes" not in page.text
    assert await count("visitor_sessions") == 0


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 409)])
async def test_a_cancelled_visit(
    stranger, method, status, token, visit, database, cast, clock, words, count
) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="Ill", by=cast.ada, now=clock.now())
    page = await getattr(stranger, method)(f"/visit/join/{token}")
    assert page.status == status
    assert "This visit was cancelled" in words(page.text) and "(303) 555-0100" in page.text
    assert await count("visitor_sessions") == 0


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 409)])
async def test_a_finished_visit(
    stranger, method, status, token, visit, database, cast, clock, words, count
) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
    page = await getattr(stranger, method)(f"/visit/join/{token}")
    assert page.status == status
    assert "This visit is finished" in words(page.text) and "(303) 555-0100" in page.text
    assert await count("visitor_sessions") == 0


async def test_too_early_counts_down_and_still_lets_in(stranger, book, cast, words) -> None:
    visit, token = await book(cast.mira, hours=50)
    page = await stranger.get(f"/visit/join/{token}")
    read = words(page.text)
    assert page.status == 200
    assert "Your visit starts in 2 days." in read and "test your camera" in read
    assert f'until="{visit.planned_starts_at.isoformat()}"' in page.text
    answer = await stranger.post(f"/visit/join/{token}")
    assert answer.location == f"/visit/identity/{visit.id}"


async def test_somebody_late_is_still_let_in(stranger, token, visit, clock) -> None:
    clock.advance(hours=4)
    assert (await stranger.get(f"/visit/join/{token}")).status == 200
    await stranger.post(f"/visit/join/{token}")
    assert (await stranger.get(f"/visit/identity/{visit.id}")).status == 200
