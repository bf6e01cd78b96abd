"""The desk answers requests from the public page: confirms, offers other times, declines, and sees who it may be."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from server.services import patients, practice, visit_types
from server.store import encounters
from server.store import self_bookings as store
from server.store.tables.self_bookings import self_bookings as table
from tests.http.self_booking import Booking, link, mail, slots


@pytest.fixture
def ask(self_booking_is_open, new_visitor, database, clock):
    """`await ask(name=…)`: the link and the desk's page of a request whose address is proved."""

    async def proved(**person):
        visitor = await new_visitor()
        await Booking(visitor).whole(**person)
        theirs = await link(database, clock)
        await visitor.post(theirs)
        async with database.read() as tx:
            request = await store.by_token(tx, theirs.rsplit("/", 1)[1])
        return visitor, theirs, f"/desk/requests/{request.id}"

    return proved


async def test_it_stands_on_the_board_until_it_is_answered(ask, ada, words) -> None:
    _, _, page = await ask()
    board = await ada.get("/desk/today")
    assert "Somebody asks online for a first visit" in words(board.text) and page in board.text
    await ada.post(f"{page}/refusal", words_declined="We are full until May.")
    assert "Somebody asks online" not in words((await ada.get("/desk/today")).text)


async def test_the_page_says_who_asks_and_for_when_in_both_zones(ask, ada, words) -> None:
    _, _, page = await ask()
    said = words((await ada.get(page)).text)
    assert "Nora Vance" in said and "February 3, 1991" in said and "(720) 555-0133" in said
    assert (
        "Mon, Nov 23, 9:00 AM clinic (Denver)" in said and "Mon, Nov 23, 11:00 AM patient (New York)" in said
    )
    # For two days, but not longer than until the visit itself.
    assert "held until 9:30 AM" in said


@pytest.mark.both_databases
async def test_confirmed_it_is_a_visit_of_a_new_patient_and_they_are_told(
    ask, ada, database, clock, words
) -> None:
    visitor, theirs, page = await ask()
    done = await ada.post(f"{page}/confirmation", patient_id="new")
    async with database.read() as tx:
        [patient] = await patients.find(tx, "nora@example.org")
        [visit] = await encounters.of_patient(tx, patient.id)
    assert done.location == f"/desk/visit/{visit.id}"
    assert (patient.name, patient.time_zone) == ("Nora Vance", "America/New_York")
    assert [letter.kind for letter in await mail(database, clock)] == ["booked"]
    assert "Your visit is booked" in words((await visitor.get(theirs)).text)
    # Pressed twice it is the same visit.
    assert (await ada.post(f"{page}/confirmation", patient_id="new")).location == done.location
    assert (await ada.get(page)).text.count(f"/desk/visit/{visit.id}") == 1


async def test_who_may_be_known_is_shown_and_the_desk_says_who_it_is(ask, ada, database, cast, words) -> None:
    """The same number as Mira, and another address."""
    _, _, page = await ask(name="Mira L.", phone="303-555-0142")
    shown = await ada.get(page)
    assert "May be the same person as" in words(shown.text) and "Mira Lindqvist" in words(shown.text)
    refused = await ada.post(f"{page}/confirmation")
    assert refused.status == 422 and "somebody new or one of these patients" in refused.text
    done = await ada.post(f"{page}/confirmation", patient_id=cast.mira)
    async with database.read() as tx:
        [visit] = await encounters.of_patient(tx, cast.mira)
        assert await patients.find(tx, "nora@example.org") == []
    assert done.location == f"/desk/visit/{visit.id}"


async def test_offered_other_times_they_choose_again_and_it_comes_back(
    ask, ada, database, clock, words
) -> None:
    visitor, theirs, page = await ask()
    assert (await ada.post(f"{page}/offer")).status == 422
    await ada.post(f"{page}/offer", words_offered="Dr. Reyes is away that day.")
    [letter] = await mail(database, clock)
    assert (letter.kind, f"/book/request/{letter.token}") == ("self_answer", theirs)
    seen = await visitor.get(theirs)
    assert "Please choose another time" in words(seen.text) and "Dr. Reyes is away that day." in words(
        seen.text
    )
    assert (await visitor.post(theirs, slot=slots(seen.text)[-1])).status == 303
    assert "waits for your answer" in words((await ada.get(page)).text)
    assert "Somebody asks online" in words((await ada.get("/desk/today")).text)


async def test_declined_they_read_why_and_the_time_is_free(
    ask, ada, new_visitor, database, clock, words
) -> None:
    visitor, theirs, page = await ask()
    refused = await ada.post(f"{page}/refusal", words_declined=" ")
    assert refused.status == 422 and "Write what they are to read" in words(refused.text)
    await ada.post(f"{page}/refusal", words_declined="Please see your own doctor first.")
    [letter] = await mail(database, clock)
    assert letter.kind == "self_answer"
    said = words((await visitor.get(theirs)).text)
    assert "We cannot offer you this visit" in said and "Please see your own doctor first." in said
    free = await Booking(await new_visitor()).times()
    assert any(each.endswith("|2026-11-23T16:00Z") for each in free)


async def test_what_is_answered_is_not_answered_again(ask, ada, words) -> None:
    visitor, theirs, page = await ask()
    await visitor.post(f"{theirs}/withdrawal")
    for way, field in (
        ("confirmation", "patient_id"),
        ("offer", "words_offered"),
        ("refusal", "words_declined"),
    ):
        refused = await ada.post(f"{page}/{way}", **{field: "new"})
        assert refused.status == 409 and "answered or taken back meanwhile" in words(refused.text)


async def test_when_the_time_went_the_desk_is_told(ask, ada, database, clock, cast) -> None:
    from server.services import appointments

    _, _, page = await ask()
    async with database.write() as tx:
        [row] = await tx.all(select(table))
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=row.practitioner_id,
            visit_type="check-in",
            starts_at=row.starts_at,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
            overbook=appointments.Overbook(reason="Urgent", agreed_by=cast.reyes),
        )
    refused = await ada.post(f"{page}/confirmation", patient_id="new")
    assert refused.status == 409 and "The time is not free any more" in refused.text
    async with database.read() as tx:
        assert await patients.find(tx, "nora@example.org") == []


async def test_when_its_kind_is_not_booked_any_more_they_choose_of_the_one_that_is(
    ask, ada, database, clock, cast, words
) -> None:
    visitor, theirs, page = await ask()
    async with database.write() as tx:
        await visit_types.retire(tx, "intake", by=cast.petra, now=clock.now())
        public = replace(await practice.visit_type(tx, "check-in"), public=True)
        await visit_types.change(tx, public, by=cast.petra, now=clock.now())
    refused = await ada.post(f"{page}/confirmation", patient_id="new")
    assert refused.status == 409 and "not booked any more" in words(refused.text)
    await ada.post(f"{page}/offer", words_offered="Please choose again.")
    slot = slots((await visitor.get(theirs)).text)[0]
    assert (await visitor.post(theirs, slot=slot)).status == 303
    confirmed = await ada.post(f"{page}/confirmation", patient_id="new")
    assert confirmed.status == 303
    async with database.read() as tx:
        visit = await encounters.by_id(tx, confirmed.location.rsplit("/", 1)[1])
    assert visit is not None and visit.visit_type == "check-in"


async def test_a_request_nobody_made_is_no_page(ada) -> None:
    assert (await ada.get("/desk/requests/none")).status == 404
