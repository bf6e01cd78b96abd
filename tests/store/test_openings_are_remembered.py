"""The free times for who waits are searched for again when another answer is possible, and only then."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Absence, DayException
from server.services import (
    accounts,
    appointments,
    licences,
    patients,
    practice,
    practice_time,
    slot_holds,
    visit_types,
    wait_list,
)
from server.services.openings import RESTS_ON, Openings
from server.store import feeds
from server.store.database import Database, Tx
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

pytestmark = pytest.mark.both_databases

NOW = MONDAY_MORNING
# Wednesday: Denver's morning of the 25th begins at 15:00 in UTC.
EIGHT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
Change = Callable[[Tx, Cast], Awaitable[object]]


@pytest.fixture
async def waiting(database: Database, cast: Cast) -> None:
    """Tomas would come to Dr Reyes on Wednesday."""
    async with database.write() as tx:
        await wish(tx, cast)


async def wish(tx: Tx, cast: Cast, patient_id: str | None = None) -> object:
    return await wait_list.join(
        tx,
        patient_id=patient_id or cast.tomas,
        visit_type="check-in",
        encounter_id=None,
        practitioner_id=cast.dr_reyes,
        first_on=date(2026, 11, 25),
        last_on=date(2026, 11, 25),
        by=cast.ada,
        now=NOW,
    )


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When what is free was searched for."""
    times = []
    search = wait_list.openings_for

    async def counted(tx, waiting, *, now):  # type: ignore[no-untyped-def]
        times.append(now)
        return await search(tx, waiting, now=now)

    monkeypatch.setattr(wait_list, "openings_for", counted)
    return times


async def asked(database: Database, openings: Openings, now: datetime = NOW):  # type: ignore[no-untyped-def]
    """What is remembered, which is what one would find now."""
    async with database.read() as tx:
        remembered = await openings.newest(tx, now=now)
        assert remembered == await wait_list.openings(tx, now=now)
    return [(each.starts_at, len(each.people)) for each in remembered]


async def test_asked_again_nothing_is_searched_for(
    database: Database, waiting: None, searched: list[datetime]
) -> None:
    openings = Openings()
    async with database.read() as tx:
        first = await openings.newest(tx, now=NOW)
    async with database.write() as tx:
        # Somebody reads a chart, and the trail has another line.
        await wait_list.record(
            tx, (await wait_list.everybody(tx, now=NOW))[0].place, action="x", by="y", now=NOW
        )
    async with database.read() as tx:
        again = await openings.newest(tx, now=NOW + timedelta(seconds=30))
    assert first == again and len(first) == 1
    assert len(searched) == 1


async def test_a_minute_later_it_is(database: Database, waiting: None, searched: list[datetime]) -> None:
    openings = Openings()
    for now in (NOW, NOW + timedelta(minutes=1)):
        async with database.read() as tx:
            await openings.newest(tx, now=now)
    assert searched == [NOW, NOW + timedelta(minutes=1)]


async def somebody_books(tx: Tx, cast: Cast) -> object:
    return await check_in(tx, cast, EIGHT, now=NOW)


async def somebody_keeps_it(tx: Tx, cast: Cast) -> object:
    return await slot_holds.keep(
        tx,
        hold_id="b" * 32,
        practitioner_id=cast.dr_reyes,
        visit_type="check-in",
        starts_at=EIGHT,
        held_by=cast.ada,
        now=NOW,
    )


async def the_hours_change(tx: Tx, cast: Cast) -> object:
    week = tuple((weekday, time(13), time(18)) for weekday in range(5))
    return await practice_time.set_hours(tx, cast.dr_reyes, week, by=cast.petra, now=NOW)


async def they_go_on_leave(tx: Tx, cast: Cast) -> object:
    morning = Absence(
        starts=datetime(2026, 11, 25, 7), ends=datetime(2026, 11, 25, 12), time_zone="America/Denver"
    )
    return await practice_time.add_absence(tx, morning, practitioner_id=cast.dr_reyes, by=cast.petra, now=NOW)


async def the_clinic_closes(tx: Tx, cast: Cast) -> object:
    day = Absence(starts=datetime(2026, 11, 25), ends=datetime(2026, 11, 26), time_zone="America/Denver")
    return await practice_time.add_absence(tx, day, practitioner_id=None, by=cast.petra, now=NOW)


async def one_day_differs(tx: Tx, cast: Cast) -> object:
    day = DayException(on=date(2026, 11, 25), closed=True)
    return await practice_time.add_day(tx, cast.dr_reyes, day, by=cast.petra, now=NOW)


async def their_account_is_closed(tx: Tx, cast: Cast) -> object:
    return await accounts.disable(tx, account_id=cast.reyes, by=cast.petra, now=NOW)


async def another_calendar_has_something(tx: Tx, cast: Cast) -> object:
    await feeds.put(tx, cast.dr_reyes, url="https://calendar.example/a.ics")
    [feed] = await feeds.every(tx)
    busy = [Interval(start=EIGHT, end=EIGHT + timedelta(hours=2))]
    return await feeds.keep(tx, feed, busy, now=NOW)


async def such_visits_become_longer(tx: Tx, cast: Cast) -> object:
    kind = await practice.visit_type(tx, "check-in")
    longer = replace(kind, length=timedelta(hours=11))
    return await visit_types.change(tx, longer, by=cast.petra, now=NOW)


async def somebody_else_waits(tx: Tx, cast: Cast) -> object:
    return await wish(tx, cast, cast.mira)


@pytest.mark.parametrize(
    "change",
    [
        somebody_books,
        somebody_keeps_it,
        the_hours_change,
        they_go_on_leave,
        the_clinic_closes,
        one_day_differs,
        their_account_is_closed,
        another_calendar_has_something,
        such_visits_become_longer,
        somebody_else_waits,
    ],
)
async def test_nothing_is_stale_when(change: Change, database: Database, cast: Cast, waiting: None) -> None:
    openings = Openings()
    before = await asked(database, openings)
    assert before == [(EIGHT, 1)]
    async with database.write() as tx:
        await change(tx, cast)
    assert await asked(database, openings) != before


async def test_what_is_free_again_is_found(database: Database, cast: Cast, waiting: None) -> None:
    openings = Openings()
    async with database.write() as tx:
        visit = await check_in(tx, cast, EIGHT, now=NOW)
        day = Absence(starts=datetime(2026, 11, 25), ends=datetime(2026, 11, 26), time_zone="America/Denver")
        shared = {"practitioner_id": cast.dr_reyes, "by": cast.petra, "now": NOW}
        await practice_time.add_absence(tx, day, **shared)
        [leave] = await practice_time.absences_of(tx, cast.dr_reyes, now=NOW)
    assert await asked(database, openings) == []
    async with database.write() as tx:
        await practice_time.remove_absence(tx, leave.id, **shared)
    [(later, _)] = await asked(database, openings)
    assert later > EIGHT
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="", by=cast.ada, now=NOW)
    assert await asked(database, openings) == [(EIGHT, 1)]


async def test_a_licence_that_is_written_down_counts_at_once(database: Database, cast: Cast) -> None:
    openings = Openings()
    async with database.write() as tx:
        patient = await patients.register(
            tx,
            name="Nadia Okoye",
            date_of_birth=date(1990, 1, 1),
            email="nadia@example.org",
            phone=None,
            time_zone="America/New_York",
            language="en",
            state="NY",
            by=cast.ada,
            now=NOW,
        )
        await wish(tx, cast, patient.id)
    assert len(await asked(database, openings)) == 1
    elsewhere = Licence(state="CO", first_on=date(2020, 1, 1))
    async with database.write() as tx:
        await licences.add(tx, cast.dr_reyes, elsewhere, number="1", by=cast.petra, now=NOW)
    assert await asked(database, openings) == []


async def changed_and_failed(database: Database, cast: Cast) -> None:
    async with database.write() as tx:
        await the_hours_change(tx, cast)
        raise ZeroDivisionError


async def test_what_was_not_committed_is_not_remembered(
    database: Database, cast: Cast, waiting: None
) -> None:
    openings = Openings()
    before = await asked(database, openings)
    with pytest.raises(ZeroDivisionError):
        await changed_and_failed(database, cast)
    assert await asked(database, openings) == before


async def test_every_table_the_search_reads_is_one_it_rests_on(
    database: Database, waiting: None, statements
) -> None:
    async with database.read() as tx:
        with statements() as who:
            everyone = await wait_list.everybody(tx, now=NOW)
        with statements() as search:
            assert await wait_list.openings_for(tx, everyone, now=NOW)
    assert who, "who waits is read each time"
    read = {name for each in search for name in re.findall(r"(?:FROM|JOIN) (\w+)", each)}
    assert read == set(RESTS_ON)
