"""A clinician's own calendar reads their visits at a secret address, as much of them as they chose."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from server.services import accounts, appointments, calendar_feeds, moving, visit_types
from tests.builders import check_in


@pytest.fixture
def opened(database, cast, clock):
    async def open_one(shows: str = "kind", practitioner: str = "") -> str:
        async with database.write() as tx:
            token = await calendar_feeds.open_new(
                tx, practitioner or cast.dr_reyes, shows=shows, by=cast.reyes, now=clock.now()
            )
        return f"/calendar/{token}.ics"

    return open_one


@pytest.fixture
async def booked(database, cast, clock):
    async with database.write() as tx:
        return await check_in(tx, cast, clock.now() + timedelta(hours=1), now=clock.now())


def events_of(text: str) -> list[tuple[str, str]]:
    return [
        (str(event["SUMMARY"]), str(event.get("URL", "")))
        for event in Calendar.from_ical(text).walk("VEVENT")
    ]


@pytest.mark.parametrize(
    ("shows", "title", "leads"),
    [("busy", "Busy", False), ("kind", "Check-in", True), ("name", "Check-in · Mira Lindqvist", True)],
)
async def test_it_tells_as_much_as_was_chosen_and_no_more(
    shows: str, title: str, leads: bool, stranger, opened, booked
) -> None:
    page = await stranger.get(await opened(shows))
    [(summary, url)] = events_of(page.text)
    assert (summary, url.endswith(f"/clinic/consult/{booked.id}")) == (title, leads)
    assert ("Lindqvist" in page.text) == (shows == "name")
    assert ("Check-in" in page.text) == (shows != "busy")


async def test_a_visit_keeps_its_title_when_its_kind_is_not_booked_any_more(
    stranger, opened, booked, database, cast, clock
) -> None:
    address = await opened("name")
    async with database.write() as tx:
        await visit_types.retire(tx, "check-in", by=cast.petra, now=clock.now())
    assert [title for title, _ in events_of((await stranger.get(address)).text)] == [
        "Check-in · Mira Lindqvist"
    ]


async def test_a_visit_is_there_in_the_clinicians_own_time(stranger, opened, booked, clock) -> None:
    page = await stranger.get(await opened())
    [event] = Calendar.from_ical(page.text).walk("VEVENT")
    assert event.decoded("DTSTART") == booked.planned_starts_at
    assert "DTSTART;TZID=America/Denver:" in page.text
    assert str(event["UID"]).startswith(f"{booked.id}.")


async def test_nobody_elses_visits_are_in_it(stranger, opened, booked, cast) -> None:
    assert events_of((await stranger.get(await opened(practitioner=cast.dr_okafor))).text) == []


async def test_a_cancelled_visit_is_gone_and_a_moved_one_has_a_higher_number(
    stranger, opened, booked, database, cast, clock
) -> None:
    feed = await opened()
    before = Calendar.from_ical((await stranger.get(feed)).text).walk("VEVENT")[0]
    async with database.write() as tx:
        await moving.reschedule(
            tx,
            booked.id,
            starts_at=clock.now() + timedelta(hours=26),
            was_at=booked.planned_starts_at,
            by=cast.ada,
            now=clock.now(),
        )
    moved = Calendar.from_ical((await stranger.get(feed)).text).walk("VEVENT")[0]
    assert (moved["UID"], int(moved["SEQUENCE"]) > int(before["SEQUENCE"])) == (before["UID"], True)
    assert moved.decoded("DTSTART") == clock.now() + timedelta(hours=26)
    async with database.write() as tx:
        await appointments.cancel(tx, booked.id, reason="a cold", by=cast.ada, now=clock.now())
    assert events_of((await stranger.get(feed)).text) == []


async def test_what_has_not_changed_is_not_sent_again(stranger, opened, booked) -> None:
    feed = await opened()
    first = await stranger.client.get(feed)
    again = await stranger.client.get(feed, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, await again.read()) == (200, 304, b"")
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-cache" in first.headers["Cache-Control"] and "private" in first.headers["Cache-Control"]


async def test_an_address_nobody_made_and_a_closed_one_look_alike(
    stranger, opened, database, cast, clock
) -> None:
    feed = await opened()
    async with database.write() as tx:
        await calendar_feeds.close(tx, cast.dr_reyes, by=cast.reyes, now=clock.now())
    closed, unknown = await stranger.get(feed), await stranger.get("/calendar/" + "x" * 43 + ".ics")
    assert (closed.status, closed.text) == (unknown.status, unknown.text) == (404, unknown.text)


async def test_somebody_who_left_has_no_calendar_here_any_more(
    stranger, opened, database, cast, clock
) -> None:
    feed = await opened()
    async with database.write() as tx:
        await accounts.disable(tx, account_id=cast.reyes, by=cast.petra, now=clock.now())
    assert (await stranger.get(feed)).status == 404


async def test_the_clinician_sees_when_a_calendar_last_came(reyes, stranger, opened, clock, words) -> None:
    feed = await opened()
    assert "No calendar has come for it yet." in words((await reyes.get("/clinic/calendar")).text)
    await stranger.get(feed)
    assert "A calendar last came for it 9:00 AM" in words((await reyes.get("/clinic/calendar")).text)
    clock.advance(minutes=3)
    await stranger.get(feed)
    assert "9:00 AM" in words((await reyes.get("/clinic/calendar")).text), (
        "not written down every few minutes"
    )
    clock.advance(minutes=8)
    await stranger.get(feed)
    assert "9:11 AM" in words((await reyes.get("/clinic/calendar")).text)


async def test_long_past_visits_are_left_out(stranger, opened, booked, clock) -> None:
    feed = await opened()
    clock.advance(seconds=timedelta(days=30).total_seconds())
    assert events_of((await stranger.get(feed)).text) == []


async def test_many_patients_names_take_no_more_searches_than_one(
    stranger, opened, booked, database, cast, clock, statements
) -> None:
    address = await opened("name")
    await stranger.get(address)
    with statements() as few:
        await stranger.get(address)
    async with database.write() as tx:
        for n in range(2, 6):
            await appointments.book(
                tx,
                patient_id=cast.tomas if n % 2 else cast.mira,
                practitioner_id=cast.dr_reyes,
                visit_type="check-in",
                starts_at=clock.now() + timedelta(hours=n),
                mode="video",
                booked_by=cast.ada,
                now=clock.now(),
            )
    await stranger.get(address)
    with statements() as many:
        await stranger.get(address)
    assert len(many) == len(few)
