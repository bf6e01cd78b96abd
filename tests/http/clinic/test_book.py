"""The next visit with the same clinician: a free time in both zones, booked once."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from server.services import appointments


@pytest.fixture
def book(cast) -> str:
    return f"/clinic/book/{cast.tomas}"


async def offered(reyes, book: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', (await reyes.get(book)).text)


async def count(database) -> int:
    async with database.read() as tx:
        row = await tx.one(text("SELECT count(*) FROM appointments"))
    return int(row[0]) if row else 0


async def test_free_times_are_offered_in_both_zones(reyes, book, words) -> None:
    read = words((await reyes.get(book)).text)
    assert "Book next visit" in read
    assert "clinic time (Denver)" in read
    assert "patient's time (New York)" in read
    assert await offered(reyes, book)


async def test_a_chosen_time_is_shown_before_it_is_booked(reyes, book, database, words) -> None:
    slot = (await offered(reyes, book))[4]
    page = await reyes.post(book, slot=slot, visit_type="check-in", step="find")
    assert page.status == 200
    assert "clinic (Denver)" in words(page.text)
    assert f'name="chosen" value="{slot}"' in page.text
    assert await count(database) == 0


async def test_booking_leads_to_the_chart_where_it_stands(reyes, book, cast, database, words) -> None:
    slot = (await offered(reyes, book))[4]
    answer = await reyes.post(book, chosen=slot, visit_type="check-in", step="book", booking_key="k" * 32)
    assert (answer.status, answer.location) == (303, f"/clinic/chart/{cast.tomas}")
    assert "Visit planned · Check-in" in words((await reyes.get(answer.location)).text)
    again = await reyes.post(book, chosen=slot, visit_type="check-in", step="book", booking_key="k" * 32)
    assert (again.status, await count(database)) == (303, 1)


async def test_two_at_once_get_one_booking_and_one_refusal_with_other_times(
    reyes, book, cast, database
) -> None:
    slot = (await offered(reyes, book))[4]
    other = f"/clinic/book/{cast.mira}"
    pages = await asyncio.gather(
        *(reyes.post(path, chosen=slot, visit_type="check-in", step="book") for path in (book, other))
    )
    assert sorted(page.status for page in pages) == [303, 409]
    refused = next(page for page in pages if page.status == 409)
    assert "That time was just taken." in refused.text
    assert 'name="slot"' in refused.text
    assert await count(database) == 1


async def test_a_patient_who_is_seen_elsewhere_then_is_refused(reyes, database, book, cast, clock) -> None:
    slot = (await offered(reyes, book))[0]
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_okafor,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=15),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = await reyes.post(book, chosen=slot, visit_type="check-in", step="book")
    assert (page.status, await count(database)) == (409, 1)


@pytest.mark.parametrize("chosen", ["", "nonsense", "2026-11-22T03:00:00+00:00"])
async def test_no_readable_time_is_said_and_what_was_wished_stays(reyes, book, database, chosen: str) -> None:
    page = await reyes.post(book, chosen=chosen, visit_type="intake", mode="phone", step="book")
    assert (page.status, "Choose a time from the list." in page.text) == (422, True)
    assert '<option value="intake" selected>' in page.text
    assert '<option value="phone" selected>' in page.text
    assert await count(database) == 0


async def test_another_clinicians_hours_are_not_booked_here(reyes, okafor, book, database) -> None:
    slot = (await offered(okafor, book))[0]
    assert (await reyes.post(book, chosen=slot, visit_type="check-in", step="book")).status == 422
    assert await count(database) == 0


async def test_an_unknown_patient_is_no_page(reyes) -> None:
    assert (await reyes.get(f"/clinic/book/{'0' * 32}")).status == 404


async def test_it_is_for_clinicians_only(stranger, ada, petra, book, database) -> None:
    for who, statuses in ((stranger, (303, 401)), (ada, (403, 403)), (petra, (403, 403))):
        shown, sent = await who.get(book), await who.post(book, chosen="x", step="book")
        assert ((shown.status, sent.status), "Tomas" in shown.text) == (statuses, False)
