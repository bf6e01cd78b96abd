"""The psychiatrist's day: today with who waits since when, the coming days, and what is still to be signed."""

import re
from datetime import timedelta

from server.services import appointments, visits
from tests.http.clinic.conftest import COMPLETE


async def test_today_is_listed_by_time_with_both_clocks(reyes, database, cast, clock, booked, words) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="intake",
            starts_at=clock.now() + timedelta(hours=3),
            mode="phone",
            booked_by=cast.ada,
            now=clock.now(),
        )
    read = words((await reyes.get("/clinic/day")).text)
    assert "Monday, November 23, 2026 9:00 AM Denver 10:00 AM Mira Lindqvist Check-in" in read
    assert "12:00 PM Tomas Brandt First visit · by phone · 2:00 PM New York" in read


async def test_who_waits_is_told_with_since_when(reyes, database, booked, clock, words) -> None:
    assert "Waiting" not in words((await reyes.get("/clinic/day/list")).text)
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=booked.id, now=clock.now())
    clock.advance(minutes=4)
    assert "Mira Lindqvist Check-in Waiting 4 min" in words((await reyes.get("/clinic/day/list")).text)


async def test_a_visit_leads_to_its_consult_page(reyes, booked) -> None:
    assert f'href="/clinic/consult/{booked.id}"' in (await reyes.get("/clinic/day")).text


async def test_the_coming_days_follow_and_cancelled_visits_do_not(
    reyes, ada, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        for days in (1, 2):
            last = await appointments.book(
                tx,
                patient_id=cast.mira,
                practitioner_id=cast.dr_reyes,
                visit_type="check-in",
                starts_at=clock.now() + timedelta(days=days),
                mode="video",
                booked_by=cast.ada,
                now=clock.now(),
            )
    await ada.post(f"/desk/visit/{last.id}/cancellation", reason="a cold")
    read = words((await reyes.get("/clinic/day")).text)
    assert "No visits today." in read
    assert "Tue, Nov 24 9:00 AM Mira Lindqvist Check-in" in read
    assert "Wed, Nov 25" not in read


async def test_open_drafts_are_listed_until_they_are_signed(reyes, okafor, put, ask, held, at, words) -> None:
    await reyes.get(at)
    assert "Every note is signed." in words((await reyes.get("/clinic/day")).text)
    await put(reyes, COMPLETE)
    page = await reyes.get("/clinic/day")
    assert "Mira Lindqvist draft note" in words(page.text)
    assert "draft note" not in words((await okafor.get("/clinic/day")).text)
    await ask(reyes, "POST", f"{at}/confirmation", {})
    await ask(reyes, "POST", f"{at}/signature", {"version": 2})
    assert "Every note is signed." in words((await reyes.get("/clinic/day")).text)


async def test_a_clinician_sees_their_own_day_only(okafor, booked, words) -> None:
    read = words((await okafor.get("/clinic/day")).text)
    assert "11:00 AM New York No visits today." in read
    assert "Mira" not in read


async def test_it_is_for_clinicians_only(stranger, ada, petra, booked) -> None:
    for who in (stranger, ada, petra):
        for path in ("", "/list", "/changes"):
            page = await who.get(f"/clinic/day{path}")
            assert (page.status, "Mira" in page.text) == (303 if who is stranger else 403, False)


def number_of(page: str) -> str:
    [number] = re.findall(r'data-number="([\w-]+)"', page)
    return str(number)


async def test_a_change_is_announced_to_an_open_day_with_its_number(reyes, ada, booked) -> None:
    before = number_of((await reyes.get("/clinic/day")).text)
    async with reyes.client.get("/clinic/day/changes") as stream:
        assert await stream.content.readuntil(b"\n\n") == f"data: connected {before}\n\n".encode()
        await ada.post(f"/desk/visit/{booked.id}/check-in")
        said = await stream.content.readuntil(b"\n\n")
    after = number_of((await reyes.get("/clinic/day/list")).text)
    assert after != before and said == f"data: changed {after}\n\n".encode()


async def test_two_pages_of_one_clinician_with_the_same_number_show_the_same(
    sign_in, cast, clock, booked
) -> None:
    pages = [await sign_in(cast.reyes) for _ in range(2)]
    for _ in range(3):
        texts = [(await page.get("/clinic/day/list")).text for page in pages]
        assert number_of(texts[0]) == number_of(texts[1])
        shown = [re.sub(r'name="csrf" value="\w+"', "", text) for text in texts]
        assert shown[0] == shown[1] and 'value="form-token' not in texts[0]
        clock.advance(seconds=40)


async def test_nobody_elses_day_has_ones_own_number(reyes, okafor, booked) -> None:
    mine, theirs = [(await who.get("/clinic/day/list")).text for who in (reyes, okafor)]
    assert number_of(mine) != number_of(theirs)
    assert "Mira Lindqvist" in mine and "Mira Lindqvist" not in theirs
