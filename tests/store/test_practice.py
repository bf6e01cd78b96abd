"""Hours and kinds of visit as the clinic keeps them, and the free times that follow from them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.schedule import Hours
from server.services import accounts, appointments, practice
from server.services.default_visit_types import DEFAULT_VISIT_TYPES
from server.services.practice import CHECK_IN, INTAKE, NoSuchChoice
from server.store import practice as store
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast


async def free(database: Database, cast: Cast, on: date) -> list[str]:
    """Dr Reyes's free check-in times that day, in UTC."""
    start = datetime.combine(on, time(), UTC) + timedelta(hours=7)
    async with database.read() as tx:
        slots = await practice.free_times(
            tx,
            practitioner_ids=[cast.dr_reyes],
            kind=CHECK_IN,
            start=start,
            end=start + timedelta(days=1),
            now=MONDAY_MORNING,
        )
    return [f"{slot.starts_at:%H:%M}" for slot in slots]


async def test_the_kinds_of_visit_come_back_as_they_were_kept(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        kept = {kind.code: kind for kind in await practice.visit_types(tx)}
    assert kept == {kind.code: kind for kind in DEFAULT_VISIT_TYPES}
    assert next(iter(kept)) == INTAKE.code


async def test_adding_them_again_changes_nothing(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await practice.add_default_visit_types(tx)
        assert len(await practice.visit_types(tx)) == 6


async def test_a_schedule_has_the_hours_in_their_zone(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        schedule = await practice.schedule_of(tx, cast.dr_okafor)
    weekdays = tuple(Hours(weekday=day, opens=time(8), closes=time(18)) for day in range(5))
    assert (schedule.time_zone, schedule.hours) == ("America/New_York", weekdays)


async def test_an_unknown_practitioner_or_kind_is_a_refusal(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        with pytest.raises(NoSuchChoice):
            await practice.schedule_of(tx, "nobody")
        with pytest.raises(NoSuchChoice):
            await practice.visit_type(tx, "massage")


async def test_a_day_offers_every_quarter_of_an_hour(database: Database, cast: Cast) -> None:
    tuesday = await free(database, cast, date(2026, 11, 24))
    assert (tuesday[0], tuesday[1], tuesday[-1], len(tuesday)) == ("15:00", "15:15", "00:30", 39)


async def test_a_closed_day_offers_nothing(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await store.insert_exception(
            tx, practitioner_id=cast.dr_reyes, on=date(2026, 11, 24), closed=True, opens=None, closes=None
        )
    assert await free(database, cast, date(2026, 11, 24)) == []
    assert await free(database, cast, date(2026, 11, 25)) != []


async def test_a_booked_time_and_its_buffers_are_not_offered(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    tuesday = await free(database, cast, date(2026, 11, 24))
    around = [at for at in tuesday if "16:00" <= at <= "18:00"]
    assert around == ["16:00", "16:15", "17:45", "18:00"]


async def test_what_is_past_is_not_offered(database: Database, cast: Cast) -> None:
    assert (await free(database, cast, MONDAY_MORNING.date()))[0] == "16:00"


async def test_a_clinician_whose_account_is_closed_has_no_free_time(database: Database, cast: Cast) -> None:
    monday = MONDAY_MORNING.date()
    assert await free(database, cast, monday)

    async with database.write() as tx:
        await accounts.disable(tx, account_id=cast.reyes, by=cast.petra, now=MONDAY_MORNING)

    assert await free(database, cast, monday) == []
