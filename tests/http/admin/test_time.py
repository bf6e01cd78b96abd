"""Everybody's time as an administrator keeps it: closures, one person's hours, licences and languages."""

import re
from datetime import UTC, date, datetime

import pytest

from scheduling.bookings import NotLicensed
from server.services import appointments, licences, opening, patients, practice, practice_time


@pytest.fixture
async def petra(sign_in, cast):
    return await sign_in(cast.petra)


async def test_the_overview_names_everybody(petra) -> None:
    page = await petra.get("/admin/time")
    assert page.status == 200 and "Dr. Ines Reyes" in page.text and "Dr. Chidi Okafor" in page.text


async def test_the_clinic_is_closed_after_the_bookings_were_shown_and_opened_again(
    petra, database, cast, clock
) -> None:
    async with database.write() as tx:
        await book(tx, cast, clock)
    page = await petra.post("/admin/time/closures", first_on="2026-11-24")
    assert page.status == 409 and "Mira Lindqvist" in page.text
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    assert (await petra.post("/admin/time/closures", first_on="2026-11-24", seen=seen)).status == 303
    async with database.read() as tx:
        [closure] = await practice_time.closures(tx, now=clock.now())
    assert (await petra.post(f"/admin/time/closures/{closure.id}/removal")).status == 303
    async with database.read() as tx:
        assert await practice_time.closures(tx, now=clock.now()) == []


async def book(tx, cast, clock, patient_id: str = ""):
    return await appointments.book(
        tx,
        patient_id=patient_id or cast.mira,
        practitioner_id=cast.dr_reyes,
        visit_type="check-in",
        starts_at=datetime(2026, 11, 24, 17, tzinfo=UTC),
        mode="video",
        booked_by=cast.ada,
        now=clock.now(),
    )


async def test_a_licence_is_kept_with_its_dates_and_asked_for_at_booking(
    petra, database, cast, clock
) -> None:
    base = f"/admin/time/{cast.dr_reyes}"
    wrong = await petra.post(f"{base}/licences", state="XX", number="", valid_from="2026-01-01")
    assert wrong.status == 422 and "Choose the state." in wrong.text
    written = {"state": "NM", "number": "NM-77", "valid_from": "2026-01-01", "valid_until": "2026-12-10"}
    assert (await petra.post(f"{base}/licences", **written)).status == 303
    page = await petra.get(base)
    assert "NM-77" in page.text and "Ends soon" in page.text

    async with database.write() as tx:
        await patients.correct(tx, cast.mira, state="CO", by=cast.ada, now=clock.now())
        with pytest.raises(NotLicensed):
            await book(tx, cast, clock)
        # Whose state is not known is booked as ever.
        await book(tx, cast, clock, cast.tomas)
    async with database.read() as tx:
        [kept] = await licences.of(tx, [cast.dr_reyes])
    assert kept.licence.last_on == date(2026, 12, 10)
    assert (await petra.post(f"{base}/licences/{kept.id}/removal")).status == 303
    async with database.read() as tx:
        assert await licences.of(tx, [cast.dr_reyes]) == []


async def test_languages_are_kept(petra, database, cast) -> None:
    both = {"language-es": "yes", "language-fr": "yes"}
    assert (await petra.post(f"/admin/time/{cast.dr_reyes}/languages", **both)).status == 303
    async with database.read() as tx:
        assert (await practice.practitioner(tx, cast.dr_reyes)).languages == {"es", "fr"}


async def test_an_administrator_changes_somebodys_hours_leave_and_days(petra, cast) -> None:
    base = f"/admin/time/{cast.dr_okafor}"
    assert (await petra.post(f"{base}/hours", **{"day-2": "9-12"})).status == 303
    assert (await petra.post(f"{base}/leave", first_on="2027-01-04", last_on="2027-01-08")).status == 303
    assert (await petra.post(f"{base}/days", on="2026-12-30", how="closed")).status == 303
    assert (await petra.post(f"{base}/feed", url="webcal://calendar.example/x.ics")).status == 303
    page = await petra.get(base)
    assert (
        "Mon, Jan 4 – Fri, Jan 8" in page.text and "Wed, Dec 30" in page.text and "09:00–12:00" in page.text
    )


async def test_nobody_has_no_page(petra) -> None:
    assert (await petra.get("/admin/time/nobody")).status == 404
    assert (await petra.post("/admin/time/nobody/hours", **{"day-0": "9-12"})).status == 404


OPEN = {f"day-{day}": "9:00-12:00, 13:00-17:00" for day in range(5)}


async def test_the_clinics_opening_hours_are_kept_as_written_and_can_be_taken_back(
    petra, database, words
) -> None:
    assert (await petra.post("/admin/time/opening", **OPEN)).location == "/admin/time"
    page = await petra.get("/admin/time")
    assert page.text.count('value="09:00–12:00, 13:00–17:00"') == 5
    async with database.read() as tx:
        assert len(await opening.hours(tx)) == 10
    assert "Petra Lund changed the clinic's opening hours" in words((await petra.get("/admin/audit")).text)
    await petra.post("/admin/time/opening")
    async with database.read() as tx:
        assert await opening.hours(tx) == ()


@pytest.mark.parametrize("form", ["opening", "person"])
async def test_hours_over_midnight_are_said_to_be_two_entries_before_and_after(
    petra, cast, words, form: str
) -> None:
    path = "/admin/time" if form == "opening" else f"/admin/time/{cast.dr_reyes}"
    target = f"{path}/opening" if form == "opening" else f"{path}/hours"
    two = "Hours over midnight are two entries: until 24:00 on"
    assert f"{two} one day" in words((await petra.get(path)).text)
    page = await petra.post(target, **{"day-0": "22:00-02:00"})
    assert page.status == 422 and 'value="22:00-02:00"' in page.text
    assert f"{two} this day, like 22:00-24:00" in words(page.text)
    written = {"day-0": "22:00-24:00", "day-1": "0:00-2:00"}
    assert (await petra.post(target, **written)).status == 303


async def test_opening_hours_that_cannot_be_read_are_shown_again_as_typed(petra, database, words) -> None:
    page = await petra.post("/admin/time/opening", **OPEN | {"day-0": "nine to five"})
    assert page.status == 422 and 'value="nine to five"' in page.text
    assert "Write times like 9:00-12:00, 13:00-17:00" in words(page.text)
    async with database.read() as tx:
        assert await opening.hours(tx) == ()
