"""When the clinic is open: by its own hours and closed days, else by its clinicians' hours."""

from datetime import UTC, datetime, time

import pytest

from scheduling.schedule import Absence
from server.services import alarms, opening, practice_time

pytestmark = pytest.mark.both_databases
WEEK = tuple((day, time(9), time(12)) for day in range(5))
ZONE = "America/Denver"


@pytest.fixture
def watch(database):
    async def at(*moment: int) -> tuple[bool, datetime | None]:
        async with database.read() as tx:
            found = await alarms.watch(tx, now=datetime(*moment, tzinfo=UTC))
        return found.open_now, found.opens_at

    return at


async def test_where_nobody_wrote_hours_the_clinicians_count(watch, cast) -> None:
    """Dr Okafor begins at eight in New York, an hour before Dr Reyes in Denver would."""
    assert await watch(2026, 11, 23, 12, 59) == (False, datetime(2026, 11, 23, 13, tzinfo=UTC))


async def test_in_the_middle_of_a_minute_of_the_hours_it_is_open(watch, cast) -> None:
    """Hours are whole minutes and clocks are not: nobody may read "closed until 9:01" at 9:00:30."""
    assert (await watch(2026, 11, 23, 16, 0, 30))[0]


async def test_written_hours_count_instead_by_the_wall_clock_of_their_zone(
    watch, database, cast, clock
) -> None:
    async with database.write() as tx:
        await opening.set_hours(tx, WEEK, time_zone=ZONE, by=cast.petra, now=clock.now())
    assert await watch(2026, 11, 23, 15, 59, 59) == (False, datetime(2026, 11, 23, 16, tzinfo=UTC))
    assert (await watch(2026, 11, 23, 16, 0, 1))[0] and (await watch(2026, 11, 23, 18, 59, 59))[0]
    assert await watch(2026, 11, 23, 19) == (False, datetime(2026, 11, 24, 16, tzinfo=UTC))
    # Nine in Denver is an hour earlier in UTC once the clocks go forward (8 March 2026, 2027 on the 14th).
    assert await watch(2027, 3, 15, 14, 59) == (False, datetime(2027, 3, 15, 15, tzinfo=UTC))


async def test_a_closed_day_is_skipped(watch, database, cast, clock) -> None:
    day = datetime(2026, 11, 24)
    async with database.write() as tx:
        await opening.set_hours(tx, WEEK, time_zone=ZONE, by=cast.petra, now=clock.now())
        closure = Absence.whole_days(first_on=day.date(), last_on=day.date(), time_zone=ZONE)
        await practice_time.add_absence(tx, closure, practitioner_id=None, by=cast.petra, now=clock.now())
    assert await watch(2026, 11, 23, 19) == (False, datetime(2026, 11, 25, 16, tzinfo=UTC))


async def test_an_empty_week_says_nothing_any_more(watch, database, cast, clock) -> None:
    async with database.write() as tx:
        await opening.set_hours(tx, WEEK, time_zone=ZONE, by=cast.petra, now=clock.now())
        await opening.set_hours(tx, (), time_zone=ZONE, by=cast.petra, now=clock.now())
        assert await opening.schedule(tx) is None
    assert (await watch(2026, 11, 23, 20))[0], "the clinicians' hours count again"
