"""A free time by link: looking takes nothing, one press has it, who comes second keeps what they had."""

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.interval import Interval
from scheduling.reminders import QuietHours
from server.services import appointments, visit_types, wait_list, wait_offers
from server.store import encounters, feeds
from server.store import wait_list as store
from server.store.database import Database
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

# Tuesday at ten in Denver.
FREE = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
LATER = MONDAY_MORNING + timedelta(days=14, hours=1)


@pytest.fixture
async def tokens(database: Database, cast: Cast, clock: StoppedClock) -> dict[str, str]:
    """Mira and Tomas wait with visits two weeks away, and were both offered Tuesday at ten."""
    found = {}
    async with database.write() as tx:
        for hours, patient_id in ((0, cast.mira), (2, cast.tomas)):
            visit = await check_in(
                tx, cast, LATER + timedelta(hours=hours), now=clock.now(), patient_id=patient_id
            )
            await wait_list.join_for_earlier(tx, visit, by="patient", now=clock.now())
        made = await wait_offers.offer(
            tx,
            practitioner_id=cast.dr_reyes,
            starts_at=FREE,
            by=cast.ada,
            quiet=QuietHours(),
            now=clock.now(),
        )
        for one in made:
            found["mira" if one.patient_id == cast.mira else "tomas"] = store.token_for(tx, one.id)
    return found


async def starts(database: Database, patient_id: str) -> list[datetime]:
    async with database.read() as tx:
        return [each.planned_starts_at for each in await encounters.of_patient(tx, patient_id)]


async def test_it_says_when_in_both_zones_until_when_and_what_stays(stranger, tokens, words) -> None:
    read = words((await stranger.get(f"/visit/offer/{tokens['tomas']}")).text)
    assert "An earlier time is free" in read
    assert "12:00 PM your time (New York) · 10:00 AM clinic (Denver)" in read
    assert "You can say yes until Mon, Nov 23, 1:00 PM your time." in read
    assert "If you do nothing, your visit stays as it is: Mon, Dec 7, 2:00 PM" in read
    assert "Tomas" not in read and "Check-in" not in read


async def test_looking_at_it_any_number_of_times_takes_nothing(stranger, tokens, database, cast) -> None:
    before = await starts(database, cast.mira)
    for _ in range(50):
        assert (await stranger.get(f"/visit/offer/{tokens['mira']}")).status == 200
    assert await starts(database, cast.mira) == before


async def test_the_first_yes_moves_the_visit_and_the_second_keeps_theirs(
    stranger, tokens, database, cast, words
) -> None:
    mine, theirs = f"/visit/offer/{tokens['mira']}", f"/visit/offer/{tokens['tomas']}"
    await stranger.get(mine)
    answer = await stranger.post(mine)
    assert (answer.status, answer.location) == (303, mine)
    assert "It is yours" in words((await stranger.get(mine)).text)
    assert await starts(database, cast.mira) == [FREE]
    before = await starts(database, cast.tomas)
    late = await stranger.post(theirs)
    read = words(late.text)
    assert late.status == 409 and "Somebody was faster" in read
    assert "You keep your place on our list" in read and "Your visit stays as it is: Mon, Dec 7" in read
    assert await starts(database, cast.tomas) == before
    async with database.read() as tx:
        assert len(await wait_list.everybody(tx, now=MONDAY_MORNING)) == 1


async def test_yes_twice_is_the_same_yes(stranger, tokens, database, cast) -> None:
    mine = f"/visit/offer/{tokens['mira']}"
    assert [(await stranger.post(mine)).status for _ in range(2)] == [303, 303]
    assert await starts(database, cast.mira) == [FREE]


async def test_an_offer_that_is_over_says_so_and_takes_nothing(
    stranger, tokens, database, cast, clock, words
) -> None:
    clock.at = MONDAY_MORNING + timedelta(hours=3)
    before = await starts(database, cast.mira)
    page = await stranger.post(f"/visit/offer/{tokens['mira']}")
    assert page.status == 410 and "This offer is over" in words(page.text)
    assert "You keep your place" in words(page.text)
    assert await starts(database, cast.mira) == before


async def test_somebody_with_another_visit_then_is_told_so_calmly(
    stranger, tokens, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        await check_in(tx, cast, FREE, now=clock.now(), practitioner_id=cast.dr_okafor)
    page = await stranger.post(f"/visit/offer/{tokens['mira']}")
    assert page.status == 410 and "This offer is over" in words(page.text)
    assert "You keep your place" in words(page.text)
    assert (await stranger.post(f"/visit/offer/{tokens['tomas']}")).status == 303, "nothing was spent"


async def test_what_another_calendar_takes_meanwhile_is_refused_calmly(
    stranger, tokens, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        await feeds.put(tx, cast.dr_reyes, url="https://calendar.example/a.ics")
        [feed] = await feeds.every(tx)
        elsewhere = Interval(start=FREE, end=FREE + timedelta(hours=1))
        await feeds.keep(tx, feed, [elsewhere], now=clock.now())
    page = await stranger.post(f"/visit/offer/{tokens['mira']}")
    assert page.status == 409 and "no longer free for you" in words(page.text)


async def test_not_being_asked_again_leaves_the_list_and_the_visit(
    stranger, tokens, database, cast, words
) -> None:
    before = await starts(database, cast.mira)
    page = await stranger.post(f"/visit/offer/{tokens['mira']}/leaving")
    assert "We will not ask you again" in words(page.text)
    async with database.read() as tx:
        waiting = await wait_list.everybody(tx, now=MONDAY_MORNING)
    assert [each.patient.id for each in waiting] == [cast.tomas]
    assert await starts(database, cast.mira) == before
    assert (await stranger.post(f"/visit/offer/{tokens['mira']}")).status == 410


async def wish_offered(database: Database, cast: Cast, clock: StoppedClock) -> str:
    async with database.write() as tx:
        await wait_list.join(
            tx,
            patient_id=cast.tomas,
            visit_type="check-in",
            encounter_id=None,
            practitioner_id=None,
            first_on=date(2026, 11, 24),
            last_on=date(2026, 11, 24),
            by=cast.ada,
            now=clock.now(),
        )
        how = {"practitioner_id": cast.dr_okafor, "starts_at": FREE, "by": cast.ada, "quiet": QuietHours()}
        [one] = await wait_offers.offer(tx, **how, now=clock.now())
        return store.token_for(tx, one.id)


async def test_when_such_visits_are_not_booked_any_more_they_are_told_calmly(
    stranger, database, cast, clock, words
) -> None:
    token = await wish_offered(database, cast, clock)
    async with database.write() as tx:
        await visit_types.retire(tx, "check-in", by=cast.petra, now=clock.now())
    page = await stranger.post(f"/visit/offer/{token}")
    assert page.status == 410 and "This offer is over" in words(page.text)


async def test_a_visit_that_was_cancelled_is_not_said_to_stay(
    stranger, tokens, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        [visit] = await encounters.of_patient(tx, cast.mira)
        await appointments.cancel(tx, visit.id, reason="", by=cast.ada, now=clock.now())
    mine = f"/visit/offer/{tokens['mira']}"
    for page in (await stranger.post(mine), await stranger.post(f"{mine}/leaving")):
        assert "Your visit stays" not in words(page.text)


async def test_a_wish_without_a_visit_is_booked_with_its_link(stranger, database, cast, clock) -> None:
    token = await wish_offered(database, cast, clock)
    assert (await stranger.post(f"/visit/offer/{token}")).status == 303
    assert await starts(database, cast.tomas) == [FREE]


async def test_a_link_nobody_made_leads_nowhere(stranger, words) -> None:
    page = await stranger.get("/visit/offer/" + "x" * 22)
    assert page.status == 404 and "Nothing was changed" in words(page.text)
    assert (await stranger.post("/visit/offer/" + "x" * 22)).status == 404
    assert (await stranger.post("/visit/offer/" + "x" * 22 + "/leaving")).status == 404
