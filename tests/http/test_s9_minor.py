"""S9 Minor. "DOB gives 17 y 364 d at booking, 18 at intake → booking refused until birthday in patient's zone …
A: rule uses date, leap-day birth (29 Feb) turns 18 on 1 Mar (config), no marketing mails." (clinical.md)

The day that counts is the visit's, where the patient lives: somebody who is 17 while they book and 18 when they come
may come.
"""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from server.care.people import of_age_from, of_age_on
from server.services import patients
from server.store.tables import metadata
from tests.http.self_booking import hidden, mail, slots


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2008, 11, 24), date(2026, 11, 24)),
        # No 29 February in 2026: never a day too early.
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2010, 2, 28), date(2028, 2, 28)),
        (date(2000, 2, 29), date(2018, 3, 1)),
    ],
)
def test_one_comes_of_age_on_the_birthday_and_on_1_march_without_one(born, of_age) -> None:
    assert of_age_on(born) == of_age


def test_the_birthday_begins_where_the_patient_lives() -> None:
    assert of_age_from(date(2008, 11, 24), "Pacific/Honolulu") == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert of_age_from(date(2008, 11, 24), "Asia/Tokyo") == datetime(2026, 11, 23, 15, tzinfo=UTC)


async def test_somebody_of_17_is_told_from_when_and_nothing_of_them_is_kept(
    booking, database, clock, words
) -> None:
    """17 years and 364 days on the day of the visit."""
    slot = next(each for each in await booking.times() if "2026-11-24T1" in each)
    await booking.choose(slot)
    before = await stored(database)

    page = await booking.ask(date_of_birth="2008-11-25")

    assert page.status == 422
    said = words(page.text)
    assert "We see people from 18 on" in said and "you can come from November 25, 2026 on" in said
    assert "988" in said and "911" in said and "(303) 555-0100" in said
    # Only what was kept of the calendar is gone.
    after = await stored(database)
    assert {name for name in before if before[name] != after[name]} == {"slot_holds"}
    assert after["slot_holds"] == []
    assert await mail(database, clock) == []


async def test_a_mistyped_date_is_corrected_without_typing_the_rest_again(booking) -> None:
    await booking.choose()
    young = await booking.ask(date_of_birth="2009-01-01")

    again = await booking.press(
        slot=hidden(young.text, "slot"), name=hidden(young.text, "name"), email=hidden(young.text, "email")
    )

    assert 'value="Nora Vance"' in again.text and 'value="nora@example.org"' in again.text
    assert (await booking.ask()).location == "/book?asked"


async def test_17_while_booking_and_18_on_the_day_may_come(booking, database, clock) -> None:
    slot = next(each for each in await booking.times() if "2026-11-24T1" in each)
    assert (await booking.whole(slot, date_of_birth="2008-11-24")).location == "/book?asked"
    assert [letter.kind for letter in await mail(database, clock)] == ["self_proof"]


async def test_the_zone_decides_whether_it_is_the_birthday_already(booking) -> None:
    """Monday afternoon in Denver is the birthday, Tuesday, in Tokyo, and not yet in New York."""
    monday = next(each for each in await booking.times() if each.endswith("|2026-11-23T23:00Z"))
    assert (await booking.whole(monday, date_of_birth="2008-11-24")).status == 422
    booking.wish["time_zone"] = "Asia/Tokyo"
    assert (await booking.whole(monday, date_of_birth="2008-11-24")).location == "/book?asked"


async def test_the_desk_cannot_book_somebody_too_young_either(ada, database, cast, words) -> None:
    fields = {
        "step": "book",
        "visit_type": "intake",
        "chosen": f"{cast.dr_reyes}|2026-11-24T17:00Z",
        "patient_id": "new",
        "name": "Nora Vance",
        "date_of_birth": "2008-11-25",
        "email": "nora@example.org",
        "time_zone": "America/Denver",
        "practitioner": cast.dr_reyes,
    }
    refused = await ada.post("/desk/book", **fields)
    assert refused.status == 409 and "This patient is not 18 yet on that day" in words(refused.text)
    async with database.read() as tx:
        assert await patients.find(tx, "nora@example.org") == []
    assert (await ada.post("/desk/book", **fields | {"date_of_birth": "2008-11-24"})).status == 303


async def test_a_visit_on_the_birthday_is_not_moved_before_it_by_its_link(
    booking, database, clock, stranger
) -> None:
    """Another time is chosen by the request's link, too."""
    slot = next(each for each in await booking.times() if "2026-11-25T1" in each)
    await booking.whole(slot, date_of_birth="2008-11-25")
    [letter] = await mail(database, clock)
    earlier = slots((await stranger.get(f"/book/request/{letter.token}?another=yes&later=2026-11-24")).text)[
        0
    ]
    assert "2026-11-24" in earlier
    refused = await stranger.post(f"/book/request/{letter.token}", slot=earlier)
    assert refused.status == 409 and "not 18 yet" in refused.text


async def stored(database):
    async with database.read() as tx:
        return {
            name: [tuple(row) for row in await tx.all(select(table))]
            for name, table in metadata.tables.items()
        }
