"""A psychiatrist's own time: the week, and every change of it, with the bookings shown before leave is saved."""

import re
from datetime import UTC, datetime

import pytest

from server.care.access import Staff
from server.services import appointments, practice, practice_time, tasks
from server.store.database import Database
from tests.people import Cast

TUESDAY = {"first_on": "2026-11-24", "last_on": "2026-11-25", "reason": "Conference"}


@pytest.fixture
async def reyes(sign_in, cast):
    return await sign_in(cast.reyes)


@pytest.fixture
async def visit(database: Database, cast: Cast, clock) -> str:
    """Mira's check-in on Tuesday at ten."""
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=datetime(2026, 11, 24, 17, tzinfo=UTC),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    return str(encounter.id)


async def leave_of(database: Database, cast: Cast, clock) -> list[str]:
    async with database.read() as tx:
        return [each.id for each in await practice_time.absences_of(tx, cast.dr_reyes, now=clock.now())]


async def desk_tasks(database: Database) -> list[str]:
    async with database.read() as tx:
        ada = Staff(account_id="a", name="Ada", roles=frozenset({"front-desk"}))
        return [task.kind for task in await tasks.open_tasks(tx, staff=ada)]


async def test_the_week_shows_hours_and_visits_in_their_own_zone(reyes, visit, words) -> None:
    read = words((await reyes.get("/clinic/time?week=2026-11-24")).text)
    assert "Week of November 23, 2026" in read and "All times in Denver" in read
    tuesday = read[read.index("Tue, Nov 24") : read.index("Wed, Nov 25")]
    assert "8:00 AM–6:00 PM" in tuesday.replace("\u202f", " ")
    assert "10:00 AM Mira Lindqvist" in tuesday.replace("\u202f", " ")


async def test_leave_over_a_booking_is_saved_only_after_the_booking_was_shown(
    reyes, database, cast, clock, visit, words
) -> None:
    page = await reyes.post("/clinic/time/leave", **TUESDAY)
    assert page.status == 409 and await leave_of(database, cast, clock) == []
    assert "Mira Lindqvist" in page.text and "1 visit lies in this time" in words(page.text)
    assert 'value="Conference"' in page.text and 'value="2026-11-24"' in page.text

    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    answer = await reyes.post("/clinic/time/leave", **TUESDAY, seen=seen)
    assert (answer.status, answer.location) == (303, "/clinic/time")
    assert await desk_tasks(database) == ["in-absence"]
    async with database.read() as tx:
        assert (await appointments.visit(tx, visit)).status == "planned"

    [absence_id] = await leave_of(database, cast, clock)
    await reyes.post(f"/clinic/time/leave/{absence_id}/removal")
    assert (await desk_tasks(database), await leave_of(database, cast, clock)) == ([], [])


async def test_a_booking_that_came_after_the_list_was_shown_is_shown_too(
    reyes, database, cast, clock, visit
) -> None:
    page = await reyes.post("/clinic/time/leave", **TUESDAY)
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=datetime(2026, 11, 25, 17, tzinfo=UTC),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    again = await reyes.post("/clinic/time/leave", **TUESDAY, seen=seen)
    assert again.status == 409 and "Tomas Brandt" in again.text
    assert await leave_of(database, cast, clock) == []


@pytest.mark.parametrize(
    "typed",
    [
        {"first_on": ""},
        {"first_on": "2026-11-26", "last_on": "2026-11-25"},
        {"first_on": "2026-11-26", "last_on": "2036-11-25"},
        {"first_on": "2026-11-26", "last_on": "2026-11-26", "from_time": "14:00", "until_time": "13:00"},
    ],
)
async def test_leave_that_cannot_be_right_is_refused_with_what_was_typed(
    reyes, database, cast, clock, typed: dict[str, str]
) -> None:
    page = await reyes.post("/clinic/time/leave", reason="Conference", **typed)
    assert page.status == 422 and 'value="Conference"' in page.text
    assert await leave_of(database, cast, clock) == []


async def test_an_afternoon_can_be_closed_and_taken_back(reyes, database, cast, clock) -> None:
    typed = {"on": "2026-11-24", "how": "part", "opens": "13:00", "closes": "18:00"}
    assert (await reyes.post("/clinic/time/days", **typed)).status == 303
    async with database.read() as tx:
        [kept] = await practice_time.days_of(tx, cast.dr_reyes, since=clock.now().date())
        open_then = (await practice.schedule_of(tx, cast.dr_reyes)).open_between(
            datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 25, 2, tzinfo=UTC)
        )
    assert [(f"{each.start:%H:%M}", f"{each.end:%H:%M}") for each in open_then] == [("15:00", "20:00")]
    assert (await reyes.post(f"/clinic/time/days/{kept.id}/removal")).status == 303
    assert (await reyes.post(f"/clinic/time/days/{kept.id}/removal")).status == 404


async def test_a_closed_day_over_a_booking_is_shown_before_it_is_saved(reyes, database, visit) -> None:
    page = await reyes.post("/clinic/time/days", on="2026-11-24", how="closed")
    assert page.status == 409 and "Mira Lindqvist" in page.text
    assert await desk_tasks(database) == []


async def test_the_usual_week_is_changed_and_a_slip_keeps_what_was_typed(reyes, database, cast) -> None:
    slip = await reyes.post("/clinic/time/hours", **{"day-0": "9 to 5", "day-1": "10:00-12:00"})
    assert slip.status == 422 and 'value="9 to 5"' in slip.text and 'value="10:00-12:00"' in slip.text
    assert (await reyes.post("/clinic/time/hours", **{"day-0": "9:00-12:00, 13:00-17:00"})).status == 303
    async with database.read() as tx:
        hours = (await practice.schedule_of(tx, cast.dr_reyes)).hours
    assert [(h.weekday, h.opens.hour, h.closes.hour) for h in hours] == [(0, 9, 12), (0, 13, 17)]


@pytest.mark.parametrize("url", ["http://calendar.example/x.ics", "ftp://calendar.example/", "https://", "x"])
async def test_a_calendar_is_followed_over_https_only(reyes, url: str) -> None:
    page = await reyes.post("/clinic/time/feed", url=url)
    assert page.status == 422 and "begins with https://" in page.text


async def test_a_calendars_secret_address_is_never_shown_again(reyes) -> None:
    url = "https://calendar.example/secret-kite/basic.ics"
    assert (await reyes.post("/clinic/time/feed", url=url)).status == 303
    page = await reyes.get("/clinic/time")
    assert "secret-kite" not in page.text and "Not read yet" in page.text
    assert (await reyes.post("/clinic/time/feed", url="")).status == 303
    assert "Not read yet" not in (await reyes.get("/clinic/time")).text


async def test_one_clinicians_leave_is_not_anothers_to_take_back(
    reyes, sign_in, database, cast, clock
) -> None:
    await reyes.post("/clinic/time/leave", first_on="2026-12-24")
    [absence_id] = await leave_of(database, cast, clock)
    okafor = await sign_in(cast.okafor)
    assert (await okafor.post(f"/clinic/time/leave/{absence_id}/removal")).status == 404
    assert await leave_of(database, cast, clock) == [absence_id]


async def test_hours_that_shut_out_a_booking_are_saved_only_after_it_was_shown(
    reyes, database, cast, visit, words
) -> None:
    afternoons = {f"day-{day}": "13:00-18:00" for day in range(5)}
    page = await reyes.post("/clinic/time/hours", **afternoons)
    assert page.status == 409 and 'value="13:00-18:00"' in page.text
    assert "Mira Lindqvist" in page.text and "1 visit would lie outside these hours" in words(page.text)
    assert await desk_tasks(database) == []
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    assert (await reyes.post("/clinic/time/hours", **afternoons, seen=seen)).status == 303
    assert await desk_tasks(database) == ["in-absence"]
