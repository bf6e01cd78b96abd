"""The visit as a file for the patient's own calendar: the very entry that was mailed."""

from icalendar import Calendar

from server.services import appointments


async def test_it_is_the_entry_that_was_mailed(mira, visit, token) -> None:
    page = await mira.get(f"/visit/calendar/{visit.id}")
    calendar = Calendar.from_ical(page.text)
    [event] = calendar.walk("VEVENT")
    assert (page.status, str(calendar["METHOD"]), str(event["SUMMARY"])) == (
        200,
        "PUBLISH",
        "Visit with Harbor Clinic",
    )
    assert str(event["UID"]).split("@")[0] == visit.id
    assert event.decoded("DTSTART") == visit.planned_starts_at
    assert str(event["URL"]).endswith(f"/visit/join/{token}")


async def test_it_says_nothing_of_care(mira, visit) -> None:
    said = (await mira.get(f"/visit/calendar/{visit.id}")).text.lower()
    assert not [word for word in ("ketamine", "psychiatr", "reyes", "check-in", "treatment") if word in said]


async def test_a_cancelled_visit_is_in_no_calendar(mira, visit, database, cast, clock) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="a cold", by=cast.ada, now=clock.now())
    assert (await mira.get(f"/visit/calendar/{visit.id}")).status == 404
