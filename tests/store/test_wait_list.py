"""A free time is offered to several at once, and the first yes has it: on both databases, however many say it."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.reminders import QuietHours
from server.care.encounter import Encounter
from server.care.wait_list import Faster, Offer, OfferOver
from server.services import appointments, moving, patients, sending, slot_holds, wait_list, wait_offers
from server.store import appointments as appointments_store
from server.store import encounters
from server.store import wait_list as store
from server.store.database import ConstraintBroken, Database, Tx
from server.store.ids import new_id
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

pytestmark = pytest.mark.both_databases

NOW = MONDAY_MORNING
# Wednesday at ten in Denver.
WEDNESDAY = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
QUIET = QuietHours()


async def wisher(database: Database, cast: Cast, number: int) -> str:
    """Somebody without a visit who would come on Wednesday; their place's id."""
    async with database.write() as tx:
        patient = await patients.register(
            tx,
            name=f"Nadia {number}",
            date_of_birth=date(1990, 1, 1),
            email=f"nadia{number}@example.org",
            phone=None,
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=NOW,
        )
        place = await wait_list.join(
            tx,
            patient_id=patient.id,
            visit_type="check-in",
            encounter_id=None,
            practitioner_id=cast.dr_reyes,
            first_on=date(2026, 11, 25),
            last_on=date(2026, 11, 25),
            by=cast.ada,
            now=NOW + timedelta(seconds=number),
        )
    return place.id


async def offered(database: Database, cast: Cast, starts_at: datetime = WEDNESDAY) -> list[tuple[Offer, str]]:
    async with database.write() as tx:
        made = await wait_offers.offer(
            tx, practitioner_id=cast.dr_reyes, starts_at=starts_at, by=cast.ada, quiet=QUIET, now=NOW
        )
        return [(each, store.token_for(tx, each.id)) for each in made]


async def booked_later(tx: Tx, cast: Cast) -> Encounter:
    """A visit of Mira's a fortnight after the time that is free."""
    return await check_in(tx, cast, WEDNESDAY + timedelta(days=14), now=NOW)


async def test_of_twenty_who_say_yes_together_exactly_one_has_the_time(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait_offers, "AT_ONCE", 20)
    for number in range(20):
        await wisher(database, cast, number)
    offers = await offered(database, cast)
    assert len(offers) == 20

    async def yes(token: str) -> str:
        try:
            async with database.write() as tx:
                await wait_offers.take(tx, token, now=NOW)
        except Faster:
            return "faster"
        return "mine"

    answers = await asyncio.gather(*(yes(token) for _, token in offers))
    assert sorted(answers) == ["faster"] * 19 + ["mine"]
    async with database.read() as tx:
        waiting = await wait_list.everybody(tx, now=NOW)
        live = await appointments_store.live_of_practitioner(
            tx, cast.dr_reyes, starts_at=WEDNESDAY, ends_at=WEDNESDAY + timedelta(hours=1)
        )
    assert len(waiting) == 19, "the others keep their place"
    assert [each.starts_at for each in live] == [WEDNESDAY]


async def test_the_database_itself_takes_one_yes_a_time(database: Database, cast: Cast) -> None:
    await wisher(database, cast, 1)
    await wisher(database, cast, 2)
    (one, _), (other, _) = await offered(database, cast)
    async with database.write() as tx:
        await store.insert_offer(tx, replace(one, id=new_id(), taken_at=NOW))
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await store.insert_offer(tx, replace(other, id=new_id(), taken_at=NOW))


async def test_a_visit_moves_there_as_itself_and_its_calendar_number_rises(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await booked_later(tx, cast)
        before = await appointments.sequence_of(tx, visit)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
    [(_, token)] = await offered(database, cast)
    async with database.write() as tx:
        await wait_offers.take(tx, token, now=NOW)
    async with database.write() as tx:
        again = await wait_offers.take(tx, token, now=NOW)
        moved = await encounters.by_id(tx, visit.id)
        assert moved is not None
        assert (again.encounter_id, moved.planned_starts_at) == (visit.id, WEDNESDAY)
        assert await appointments.sequence_of(tx, moved) == before + 1
        assert await wait_list.everybody(tx, now=NOW) == []


async def test_the_time_is_kept_while_it_is_offered_and_free_again_after(
    database: Database, cast: Cast
) -> None:
    await wisher(database, cast, 1)
    [(offer, token)] = await offered(database, cast)
    around = {"start": WEDNESDAY, "end": WEDNESDAY + timedelta(hours=1)}
    async with database.read() as tx:
        [kept] = await slot_holds.kept_between(tx, [cast.dr_reyes], now=NOW, **around)
        assert (kept.offered, kept.until) == (True, offer.expires_at)
        assert await slot_holds.kept_between(tx, [cast.dr_reyes], now=offer.expires_at, **around) == []
    with pytest.raises(OfferOver):
        async with database.write() as tx:
            await wait_offers.take(tx, token, now=offer.expires_at)


async def test_nobody_is_asked_twice_about_the_same_time(database: Database, cast: Cast) -> None:
    await wisher(database, cast, 1)
    [(offer, _)] = await offered(database, cast)
    async with database.read() as tx:
        assert await wait_list.openings(tx, now=NOW) == [], "one offer at a time"
        later = await wait_list.openings(tx, now=offer.expires_at)
    assert [each.starts_at for each in later] != [WEDNESDAY] and len(later) == 1


async def test_a_visit_that_is_cancelled_or_moved_to_that_day_waits_for_nothing(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await booked_later(tx, cast)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
        soon = NOW + timedelta(hours=1)
        await moving.reschedule(
            tx, visit.id, starts_at=soon, was_at=visit.planned_starts_at, by=cast.ada, now=NOW
        )
        assert await wait_list.openings(tx, now=NOW) == []
        await appointments.cancel(tx, visit.id, reason="", by=cast.ada, now=NOW)
        assert await wait_list.everybody(tx, now=NOW) == []


async def test_an_offer_is_one_message_and_none_once_somebody_has_it(database: Database, cast: Cast) -> None:
    await wisher(database, cast, 1)
    await wisher(database, cast, 2)
    (_, token), _ = await offered(database, cast)

    async def out() -> list[sending.Outgoing]:
        async with database.write() as tx:
            taken = [await sending.claim(tx, each, now=NOW) for each in await sending.due(tx, now=NOW)]
        return [each for each in taken if each is not None]

    async with database.write() as tx:
        await wait_offers.take(tx, token, now=NOW)
    assert [each.kind for each in await out()] == ["booked"], "the loser's message says nothing true any more"


async def test_an_offer_made_at_night_stands_until_late_in_the_patients_morning(
    database: Database, cast: Cast
) -> None:
    await wisher(database, cast, 1)
    night = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # ten in the evening in Denver
    async with database.write() as tx:
        [offer] = await wait_offers.offer(
            tx, practitioner_id=cast.dr_reyes, starts_at=WEDNESDAY, by="system", quiet=QUIET, now=night
        )
    assert offer.expires_at == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


async def test_when_the_only_one_asked_leaves_the_time_is_free_again(database: Database, cast: Cast) -> None:
    place_id = await wisher(database, cast, 1)
    [(_, token)] = await offered(database, cast)
    async with database.write() as tx:
        await wait_list.leave(tx, place_id, why="left", by="patient", now=NOW)
        end = WEDNESDAY + timedelta(hours=1)
        assert await slot_holds.kept_between(tx, [cast.dr_reyes], start=WEDNESDAY, end=end, now=NOW) == []
        await wait_list.come_back(tx, place_id, by=cast.ada, now=NOW)
        assert (await wait_offers.seen(tx, token, now=NOW)).standing == "over"
