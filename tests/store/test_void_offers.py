"""An offer nobody could say yes to any more keeps no time: it is free again with whatever made it void."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.interval import Interval
from scheduling.reminders import QuietHours
from scheduling.schedule import Absence, DayException
from server.care.encounter import Encounter, start
from server.services import (
    accounts,
    appointments,
    moving,
    practice,
    practice_time,
    slot_holds,
    visit_types,
    void_offers,
    wait_list,
    wait_offers,
)
from server.store import encounters, feeds
from server.store import wait_list as store
from server.store.database import Database, Tx
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

pytestmark = pytest.mark.both_databases

NOW = MONDAY_MORNING
# Wednesday at ten in Denver.
WEDNESDAY = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
LATER = WEDNESDAY + timedelta(days=14)


async def offer(tx: Tx, cast: Cast) -> str:
    [made] = await wait_offers.offer(
        tx, practitioner_id=cast.dr_reyes, starts_at=WEDNESDAY, by="system", quiet=QuietHours(), now=NOW
    )
    return store.token_for(tx, made.id)


async def wish(tx: Tx, cast: Cast, patient_id: str, practitioner_id: str | None = None) -> str:
    place = await wait_list.join(
        tx,
        patient_id=patient_id,
        visit_type="check-in",
        encounter_id=None,
        practitioner_id=practitioner_id,
        first_on=WEDNESDAY.date(),
        last_on=WEDNESDAY.date(),
        by=cast.ada,
        now=NOW,
    )
    return place.id


async def is_kept(tx: Tx, cast: Cast) -> bool:
    around = {"start": WEDNESDAY, "end": WEDNESDAY + timedelta(hours=1), "now": NOW}
    return bool(await slot_holds.kept_between(tx, [cast.dr_reyes], **around))


async def it_moved_before_it(tx: Tx, cast: Cast, visit: Encounter) -> None:
    sooner = WEDNESDAY - timedelta(days=1)
    await moving.reschedule(tx, visit.id, starts_at=sooner, was_at=LATER, by=cast.ada, now=NOW)


async def it_went_to_somebody_else(tx: Tx, cast: Cast, visit: Encounter) -> None:
    how = {"was_with": cast.dr_reyes, "reason": "Away", "by": cast.ada, "now": NOW}
    await moving.reassign(tx, visit.id, to=cast.dr_okafor, **how)


async def it_was_cancelled(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await appointments.cancel(tx, visit.id, reason="", by=cast.ada, now=NOW)


async def they_wait_for_other_days(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)


async def they_are_elsewhere_then(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await check_in(tx, cast, WEDNESDAY, practitioner_id=cast.dr_okafor, now=NOW)


async def their_clinician_is_on_leave(tx: Tx, cast: Cast, visit: Encounter) -> None:
    day = datetime(2026, 11, 25)
    leave = Absence(starts=day, ends=day + timedelta(days=1), time_zone="America/Denver")
    await practice_time.add_absence(tx, leave, practitioner_id=cast.dr_reyes, by=cast.petra, now=NOW)


async def the_day_is_closed(tx: Tx, cast: Cast, visit: Encounter) -> None:
    day = DayException(on=date(2026, 11, 25), closed=True, opens=None, closes=None)
    await practice_time.add_day(tx, cast.dr_reyes, day, by=cast.petra, now=NOW)


async def the_hours_are_others(tx: Tx, cast: Cast, visit: Encounter) -> None:
    afternoons = tuple((weekday, time(13), time(18)) for weekday in range(5))
    await practice_time.set_hours(tx, cast.dr_reyes, afternoons, by=cast.petra, now=NOW)


async def their_clinician_has_left(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await accounts.disable(tx, account_id=cast.reyes, by=cast.petra, now=NOW)


Change = Callable[[Tx, Cast, Encounter], Awaitable[None]]


@pytest.mark.parametrize(
    "change",
    [
        it_moved_before_it,
        it_went_to_somebody_else,
        it_was_cancelled,
        they_wait_for_other_days,
        they_are_elsewhere_then,
        their_clinician_is_on_leave,
        the_day_is_closed,
        the_hours_are_others,
        their_clinician_has_left,
    ],
)
async def test_the_time_is_free_again_when(change: Change, database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        visit = await check_in(tx, cast, LATER, now=NOW)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
        token = await offer(tx, cast)
        assert await is_kept(tx, cast)
        await change(tx, cast, visit)
        assert not await is_kept(tx, cast)
        assert (await wait_offers.seen(tx, token, now=NOW)).standing == "over"


async def its_kind_is_not_booked_any_more(tx: Tx, cast: Cast) -> None:
    await visit_types.retire(tx, "check-in", by=cast.petra, now=NOW)


async def its_kind_is_somebody_elses(tx: Tx, cast: Cast) -> None:
    kind = await practice.visit_type(tx, "check-in")
    await visit_types.change(tx, replace(kind, held_by=frozenset({cast.dr_okafor})), by=cast.petra, now=NOW)


async def its_kind_became_too_long(tx: Tx, cast: Cast) -> None:
    kind = await practice.visit_type(tx, "check-in")
    await visit_types.change(tx, replace(kind, length=timedelta(hours=9)), by=cast.petra, now=NOW)


@pytest.mark.parametrize(
    "change", [its_kind_is_not_booked_any_more, its_kind_is_somebody_elses, its_kind_became_too_long]
)
async def test_the_time_of_a_wish_is_free_again_when(
    change: Callable[[Tx, Cast], Awaitable[None]], database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await wish(tx, cast, cast.mira)
        await offer(tx, cast)
        await change(tx, cast)
        assert not await is_kept(tx, cast)


async def test_as_long_as_one_of_them_could_say_yes_the_time_is_kept(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        visit = await check_in(tx, cast, LATER, now=NOW)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
        await wish(tx, cast, cast.tomas)
        made = await wait_offers.offer(
            tx, practitioner_id=cast.dr_reyes, starts_at=WEDNESDAY, by=cast.ada, quiet=QuietHours(), now=NOW
        )
        mine = next(each for each in made if each.patient_id == cast.tomas)
        await it_was_cancelled(tx, cast, visit)
        assert await is_kept(tx, cast)
        await wait_offers.take(tx, store.token_for(tx, mine.id), now=NOW)
        assert [each.planned_starts_at for each in await encounters.of_patient(tx, cast.tomas)] == [WEDNESDAY]


async def another_calendar_has_something(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await feeds.put(tx, cast.dr_reyes, url="https://calendar.example/a.ics")
    [feed] = await feeds.every(tx)
    await feeds.keep(tx, feed, [Interval(start=WEDNESDAY, end=WEDNESDAY + timedelta(hours=1))], now=NOW)


async def it_began(tx: Tx, cast: Cast, visit: Encounter) -> None:
    await encounters.save(tx, start(visit, NOW))


@pytest.mark.parametrize("change", [another_calendar_has_something, it_began])
async def test_whoever_looks_finds_also_what_nobody_told_when(
    change: Change, database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await check_in(tx, cast, LATER, now=NOW)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
        await offer(tx, cast)
        assert await void_offers.close(tx, now=NOW) == 0
        await change(tx, cast, visit)
        assert await void_offers.close(tx, now=NOW) == 1
        assert not await is_kept(tx, cast)
