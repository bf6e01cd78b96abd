"""Leave, closures and days that differ: what they close, the bookings they lie over, and the desk's tasks about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.licences import Licence
from scheduling.schedule import Absence, DayException
from server.care.access import Staff
from server.services import accounts, appointments, licences, moving, practice, practice_time, tasks
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.people import Cast

TUESDAY = date(2026, 11, 24)
TEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
ADA = Staff(account_id="ada", name="Ada Quill", roles=frozenset({"front-desk"}))
PETRA = Staff(account_id="petra", name="Petra Lund", roles=frozenset({"administrator"}))


def leave(first: date = TUESDAY, last: date = TUESDAY) -> Absence:
    return Absence.whole_days(first_on=first, last_on=last, time_zone="America/Denver", reason="Leave")


async def booked(database: Database, cast: Cast, clock: StoppedClock, at: datetime = TEN) -> str:
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=at,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    return encounter.id


async def open_tasks(database: Database, staff: Staff = ADA) -> list[tuple[str, str | None]]:
    async with database.read() as tx:
        return [(task.kind, task.encounter_id) for task in await tasks.open_tasks(tx, staff=staff)]


async def add(database: Database, cast: Cast, clock: StoppedClock, absence: Absence, *, whose: str | None):
    async with database.write() as tx:
        opened = await practice_time.add_absence(
            tx, absence, practitioner_id=whose, by=cast.petra, now=clock.now()
        )
        kept = (
            await practice_time.absences_of(tx, whose, now=clock.now())
            if whose
            else await practice_time.closures(tx, now=clock.now())
        )
    return kept[-1].id, opened


async def free(database: Database, practitioner_id: str, clock: StoppedClock, on: date = TUESDAY) -> int:
    start = datetime.combine(on, time(7), UTC)
    async with database.read() as tx:
        slots = await practice.free_times(
            tx,
            practitioner_ids=[practitioner_id],
            kind=practice.CHECK_IN,
            start=start,
            end=start + timedelta(days=1),
            now=clock.now(),
        )
    return len(slots)


async def test_leave_closes_its_days_and_asks_the_desk_about_each_booking_it_lies_over(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    assert await free(database, cast.dr_reyes, clock) > 0

    _, opened = await add(database, cast, clock, leave(), whose=cast.dr_reyes)

    assert await free(database, cast.dr_reyes, clock) == 0
    assert await free(database, cast.dr_okafor, clock) > 0
    assert len(opened) == 1 and await open_tasks(database) == [("in-absence", visit)]
    async with database.read() as tx:
        assert (await appointments.visit(tx, visit)).status == "planned"


async def test_leave_taken_back_opens_its_days_and_settles_its_tasks(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    await booked(database, cast, clock)
    before = await free(database, cast.dr_reyes, clock)
    absence_id, _ = await add(database, cast, clock, leave(), whose=cast.dr_reyes)

    async with database.write() as tx:
        await practice_time.remove_absence(
            tx, absence_id, practitioner_id=cast.dr_reyes, by=cast.petra, now=clock.now()
        )

    assert await open_tasks(database) == []
    assert await free(database, cast.dr_reyes, clock) == before


async def test_a_booking_that_another_absence_still_lies_over_keeps_its_task(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    absence_id, _ = await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    closure_id, _ = await add(database, cast, clock, leave(), whose=None)
    assert len(await open_tasks(database)) == 1

    async with database.write() as tx:
        await practice_time.remove_absence(
            tx, absence_id, practitioner_id=cast.dr_reyes, by=cast.petra, now=clock.now()
        )
    assert await open_tasks(database) == [("in-absence", visit)]

    async with database.write() as tx:
        await practice_time.remove_absence(
            tx, closure_id, practitioner_id=None, by=cast.petra, now=clock.now()
        )
    assert await open_tasks(database) == []


async def test_a_booking_under_leave_and_a_closed_day_keeps_its_task_until_both_are_gone(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    leave_id, _ = await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    shared = {"by": cast.petra, "now": clock.now()}
    async with database.write() as tx:
        await practice_time.add_day(tx, cast.dr_reyes, DayException(on=TUESDAY, closed=True), **shared)
        await practice_time.remove_absence(tx, leave_id, practitioner_id=cast.dr_reyes, **shared)
    assert await open_tasks(database) == [(tasks.IN_ABSENCE, visit)]
    await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    async with database.write() as tx:
        [day] = await practice_time.days_of(tx, cast.dr_reyes, since=TUESDAY)
        await practice_time.remove_day(tx, cast.dr_reyes, day.id, **shared)
    assert await open_tasks(database) == [(tasks.IN_ABSENCE, visit)]


@pytest.mark.parametrize("how", ["moved", "cancelled"])
async def test_a_task_goes_when_its_visit_is_moved_or_cancelled(
    database: Database, cast: Cast, clock: StoppedClock, how: str
) -> None:
    visit = await booked(database, cast, clock)
    await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    async with database.write() as tx:
        if how == "moved":
            later = TEN + timedelta(days=1)
            await moving.reschedule(tx, visit, starts_at=later, was_at=TEN, by=cast.ada, now=clock.now())
        else:
            await appointments.cancel(tx, visit, reason="leave", by=cast.ada, now=clock.now())
    assert await open_tasks(database) == []


async def test_a_closure_closes_everybody(database: Database, cast: Cast, clock: StoppedClock) -> None:
    await add(database, cast, clock, leave(), whose=None)
    assert await free(database, cast.dr_reyes, clock) == 0
    # The clinic's day in Denver: Dr. Okafor's evening in New York is the next one nowhere.
    assert await free(database, cast.dr_okafor, clock) == 0


async def test_part_of_a_day_closed_asks_about_the_bookings_in_that_part_only(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    async with database.write() as tx:
        afternoon = DayException(on=TUESDAY, closed=True, opens=time(13), closes=time(0))
        await practice_time.add_day(tx, cast.dr_reyes, afternoon, by=cast.petra, now=clock.now())
    assert await open_tasks(database) == []
    async with database.write() as tx:
        morning = DayException(on=TUESDAY, closed=True, opens=time(8), closes=time(10, 15))
        await practice_time.add_day(tx, cast.dr_reyes, morning, by=cast.petra, now=clock.now())
    assert await open_tasks(database) == [("in-absence", visit)]


async def licence(database: Database, cast: Cast, clock: StoppedClock, state: str, last_on: date | None):
    async with database.write() as tx:
        given = Licence(state=state, first_on=date(2024, 1, 1), last_on=last_on)
        return await licences.add(tx, cast.dr_reyes, given, number="CO-1", by=cast.petra, now=clock.now())


async def warned(database: Database, clock: StoppedClock) -> int:
    async with database.write() as tx:
        return await licences.warn(tx, zone="America/Denver", now=clock.now())


async def test_a_licence_is_warned_of_thirty_days_and_one_day_before_it_ends_and_never_twice(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    """clinical.md, S8: "2 licences expire tonight → 24 h warning"."""
    today = clock.now().date()
    await licence(database, cast, clock, "CO", today + timedelta(days=31))
    assert await warned(database, clock) == 0
    clock.advance(days=1)
    assert (await warned(database, clock), await warned(database, clock)) == (1, 0)
    clock.advance(days=29)
    assert (await warned(database, clock), await warned(database, clock)) == (1, 0)
    assert await open_tasks(database, PETRA) == [("licence-ends", None)]


async def test_a_renewal_settles_the_warning(database: Database, cast: Cast, clock: StoppedClock) -> None:
    today = clock.now().date()
    await licence(database, cast, clock, "CO", today + timedelta(days=20))
    assert await warned(database, clock) == 1
    async with database.write() as tx:
        renewed = Licence(state="CO", first_on=today + timedelta(days=21))
        await licences.add(tx, cast.dr_reyes, renewed, number="CO-2", by=cast.petra, now=clock.now())
    assert await open_tasks(database, PETRA) == []
    clock.advance(days=20)
    assert await warned(database, clock) == 0


async def test_how_many_statements_schedules_take_does_not_depend_on_how_many_people_there_are(
    database: Database, cast: Cast, clock: StoppedClock, statements
) -> None:
    async with database.read() as tx:
        with statements() as one:
            await practice.schedules(tx, [cast.dr_reyes])
        with statements() as both:
            assert len(await practice.schedules(tx, [cast.dr_reyes, cast.dr_okafor])) == 2
    assert len(one) == len(both)


WEEK = tuple((day, time(8), time(18)) for day in range(5))
AFTERNOONS = tuple((day, time(13), time(18)) for day in range(5))


async def set_week(database: Database, cast: Cast, clock: StoppedClock, week) -> None:  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        await practice_time.set_hours(tx, cast.dr_reyes, week, by=cast.petra, now=clock.now())


async def test_other_hours_ask_the_desk_about_each_booking_they_shut_out_until_they_take_it_in_again(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    await booked(database, cast, clock, TEN + timedelta(hours=4))
    await set_week(database, cast, clock, AFTERNOONS)
    assert await open_tasks(database) == [("in-absence", visit)]
    await set_week(database, cast, clock, AFTERNOONS)
    assert await open_tasks(database) == [("in-absence", visit)], "saved again it is still shut out"
    await set_week(database, cast, clock, WEEK)
    assert await open_tasks(database) == []


async def test_a_booking_outside_the_hours_before_is_nobodys_task_because_others_are_kept_now(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    await set_week(database, cast, clock, AFTERNOONS)
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=TEN,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
            overbook=appointments.Overbook(reason="Urgent", agreed_by=cast.reyes),
        )
    await set_week(database, cast, clock, AFTERNOONS[:4])
    assert await open_tasks(database) == []


async def test_a_visit_under_leave_too_keeps_its_task_when_the_hours_take_it_in_again(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await booked(database, cast, clock)
    await set_week(database, cast, clock, AFTERNOONS)
    absence_id, _ = await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    await set_week(database, cast, clock, WEEK)
    assert await open_tasks(database) == [("in-absence", visit)]
    async with database.write() as tx:
        shared = {"practitioner_id": cast.dr_reyes, "by": cast.petra, "now": clock.now()}
        await practice_time.remove_absence(tx, absence_id, **shared)
    assert await open_tasks(database) == []


@pytest.mark.parametrize("gone_first", ["leave", "hours"])
async def test_a_visit_under_leave_when_the_hours_shut_it_out_keeps_its_task_until_neither_does(
    database: Database, cast: Cast, clock: StoppedClock, gone_first: str
) -> None:
    visit = await booked(database, cast, clock)
    absence_id, _ = await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    await set_week(database, cast, clock, AFTERNOONS)

    async def back() -> None:
        async with database.write() as tx:
            shared = {"practitioner_id": cast.dr_reyes, "by": cast.petra, "now": clock.now()}
            await practice_time.remove_absence(tx, absence_id, **shared)

    async def open_again() -> None:
        await set_week(database, cast, clock, WEEK)

    first, last = (back, open_again) if gone_first == "leave" else (open_again, back)
    await first()
    assert await open_tasks(database) == [("in-absence", visit)]
    await last()
    assert await open_tasks(database) == []


async def test_a_visit_put_outside_the_hours_deliberately_is_no_task_once_the_leave_over_it_is_taken_back(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    await set_week(database, cast, clock, AFTERNOONS)
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=TEN,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
            overbook=appointments.Overbook(reason="Urgent", agreed_by=cast.reyes),
        )
    absence_id, opened = await add(database, cast, clock, leave(), whose=cast.dr_reyes)
    assert len(opened) == 1
    async with database.write() as tx:
        shared = {"practitioner_id": cast.dr_reyes, "by": cast.petra, "now": clock.now()}
        await practice_time.remove_absence(tx, absence_id, **shared)
    assert await open_tasks(database) == []


@pytest.mark.parametrize("remains", ["afternoons", "nothing"])
async def test_hours_changed_with_the_account_ask_the_desk_as_well(
    database: Database, cast: Cast, clock: StoppedClock, remains: str
) -> None:
    visit = await booked(database, cast, clock)
    async with database.write() as tx:
        reyes = await accounts.get(tx, cast.reyes)
        assert reyes.practice is not None
        stays = remains == "afternoons"
        await accounts.change(
            tx,
            account_id=reyes.id,
            name=reyes.name,
            email=reyes.email,
            roles=reyes.roles if stays else frozenset({"front-desk"}),
            practice=replace(reyes.practice, hours=AFTERNOONS) if stays else None,
            by=cast.petra,
            now=clock.now(),
        )
    assert await open_tasks(database) == [("in-absence", visit)]
