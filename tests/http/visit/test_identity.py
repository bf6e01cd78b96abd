"""Who it is: one question, five tries for the whole link, and no difference between a foreign and no visit."""

from datetime import timedelta

import pytest

from server.services import moving
from server.store.ids import new_id
from tests.people import MIRA_BORN


async def test_the_right_date_leads_to_the_questions(holder, visit, actions) -> None:
    page = await holder.get(f"/visit/identity/{visit.id}")
    assert page.status == 200 and "Date of birth" in page.text and "That's me" in page.text
    answer = await holder.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    assert (answer.status, answer.location) == (303, f"/visit/entry/{visit.id}")
    assert await actions(visit.id) == ["identity-proven"]


async def test_a_wrong_date_says_how_many_tries_are_left(holder, visit, words, actions) -> None:
    page = await holder.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-18")
    assert page.status == 422
    assert "You have 4 tries left." in words(page.text)
    assert 'value="1990-04-18"' in page.text
    assert (await holder.get(f"/visit/entry/{visit.id}")).status == 403
    assert await actions(visit.id) == ["identity-refused"]


@pytest.mark.parametrize("typed", ["", "yesterday", "1990-13-40"])
async def test_what_is_no_date_costs_no_try(holder, visit, words, typed) -> None:
    page = await holder.post(f"/visit/identity/{visit.id}", date_of_birth=typed)
    assert page.status == 422
    assert "Give your whole date of birth" in words(page.text)
    page = await holder.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-18")
    assert "You have 4 tries left." in words(page.text)


async def test_after_five_wrong_dates_the_link_is_closed_for_every_browser(
    holder, visit, token, new_visitor, words
) -> None:
    for _ in range(4):
        await holder.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-18")
    other = await new_visitor()
    await other.post(f"/visit/join/{token}")
    page = await other.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-18")
    assert page.status == 403 and "Please call us" in words(page.text) and "(303) 555-0100" in page.text
    for browser in (holder, other):
        right = await browser.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
        assert right.status == 403
        assert (await browser.get(f"/visit/waiting/{visit.id}")).status == 403


async def test_a_link_that_was_replaced_meanwhile_says_so_and_blames_no_date(
    holder, visit, database, cast, clock, words, actions
) -> None:
    """The desk moved the visit after Continue: nobody has given a wrong date."""
    async with database.write() as tx:
        await moving.reschedule(
            tx,
            visit.id,
            starts_at=visit.planned_starts_at + timedelta(hours=1),
            was_at=visit.planned_starts_at,
            by=cast.ada,
            now=clock.now(),
        )
    for page in (
        await holder.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat()),
        await holder.get(f"/visit/identity/{visit.id}"),
    ):
        assert page.status == 410 and "This link was replaced" in words(page.text)
        assert "did not match" not in page.text and "(303) 555-0100" in page.text
    assert (await holder.get(f"/visit/waiting/{visit.id}")).status == 403
    assert await actions(visit.id) == []


async def test_who_was_proven_before_stays_in(mira, visit, token, new_visitor) -> None:
    other = await new_visitor()
    await other.post(f"/visit/join/{token}")
    for _ in range(5):
        await other.post(f"/visit/identity/{visit.id}", date_of_birth="1990-04-18")
    assert (await mira.get(f"/visit/waiting/{visit.id}")).status == 200


async def test_somebody_proven_is_not_asked_again(proven, visit) -> None:
    for method in ("get", "post"):
        answer = await getattr(proven, method)(f"/visit/identity/{visit.id}")
        assert answer.location == f"/visit/entry/{visit.id}"


async def test_a_foreign_visit_looks_like_none(tomas, visit) -> None:
    foreign = await tomas.get(f"/visit/identity/{visit.id}")
    unknown = await tomas.get(f"/visit/identity/{new_id()}")
    assert (foreign.status, foreign.text) == (unknown.status, unknown.text)
    assert foreign.status == 403
    answer = await tomas.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    assert answer.status == 403


async def test_another_sites_form_is_refused(holder, visit) -> None:
    response = await holder.client.post(
        f"/visit/identity/{visit.id}",
        data={"csrf": holder.token(), "date_of_birth": MIRA_BORN.isoformat()},
        headers={"Origin": "https://elsewhere.example"},
        allow_redirects=False,
    )
    assert response.status == 403
    assert (await holder.get(f"/visit/entry/{visit.id}")).status == 403
