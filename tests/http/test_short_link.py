"""A text message's short link leads to the whole one, says so when it was replaced, and changes nothing."""

from datetime import timedelta

import pytest

from server.services import appointments, moving
from server.store.links import SHORT
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING


@pytest.fixture
async def booked(database, cast, clock):
    async with database.write() as tx:
        return await check_in(tx, cast, MONDAY_MORNING + timedelta(hours=1), now=clock.now())


async def test_it_leads_to_the_visits_own_page(stranger, database, booked) -> None:
    async with database.read() as tx:
        token = appointments.token_of(tx, booked)
    answer = await stranger.get(f"/j/{token[:SHORT]}")
    assert (answer.status, answer.location) == (303, f"/visit/join/{token}")
    assert (await stranger.get(answer.location)).status == 200


async def test_the_link_of_a_visit_that_moved_says_that_it_was_replaced(
    stranger, database, booked, cast, clock
) -> None:
    async with database.write() as tx:
        token = appointments.token_of(tx, booked)
        at = booked.planned_starts_at
        later = at + timedelta(hours=2)
        await moving.reschedule(tx, booked.id, starts_at=later, was_at=at, by=cast.ada, now=clock.now())
    answer = await stranger.get(f"/j/{token[:SHORT]}")
    assert (await stranger.get(answer.location)).status == 410


@pytest.mark.parametrize("length", [SHORT - 1, SHORT + 1, 43])
async def test_nothing_but_the_exact_beginning_is_known(stranger, database, booked, length) -> None:
    async with database.read() as tx:
        token = appointments.token_of(tx, booked)
    assert (await stranger.get(f"/j/{token[:length]}")).status == 404
