"""A request by its link: looking spends nothing, a press proves the address, and it says how it stands."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.services import patients, retention, tasks, visit_types
from server.services.retention import RetentionRules
from server.store import encounters
from server.store import self_bookings as store
from server.store.tables.keys import patient_keys
from server.store.tables.self_bookings import self_bookings as table
from tests.http.self_booking import Booking, link, mail, slots


@pytest.fixture
async def asked(booking, database, clock):
    """The link of a request whose letter has just come."""
    await booking.whole()
    return await link(database, clock)


async def the_one(database):
    async with database.read() as tx:
        [row] = await tx.all(select(table.c.id))
        return await store.by_id(tx, row.id)


async def open_tasks(database):
    from server.care.access import Staff

    desk = Staff(account_id="x", name="x", roles=frozenset({"front-desk"}))
    async with database.read() as tx:
        return [(task.kind, task.subject_id) for task in await tasks.open_tasks(tx, staff=desk)]


async def test_looking_at_it_proves_nothing(asked, stranger, database) -> None:
    for _ in range(2):
        page = await stranger.get(asked)
        assert page.status == 200 and "Confirm my request" in page.text
    head = await stranger.client.head(asked)
    assert head.status == 200 and head.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert (await the_one(database)).status == "asked"
    assert await open_tasks(database) == []


@pytest.mark.both_databases
async def test_a_press_makes_it_the_desks_to_answer(asked, stranger, database, clock, words) -> None:
    done = await stranger.post(asked)
    assert (done.status, done.location) == (303, asked)
    said = words((await stranger.get(asked)).text)
    # One working day, as the settings say; eleven in New York.
    assert "We usually answer by Tue, Nov 24, 11:00 AM your time" in said
    request = await the_one(database)
    assert request.status == "waiting"
    assert await open_tasks(database) == [("self-booking", request.id)]
    await stranger.post(asked)
    assert len(await open_tasks(database)) == 1


async def test_its_time_is_kept_for_the_answer_and_not_for_ever(
    asked, stranger, booking, clock, words
) -> None:
    await stranger.post(asked)
    clock.advance(hours=24)
    assert booking.slot not in await Booking(stranger).times()
    slot = booking.slot
    clock.advance(hours=25)
    assert "no longer kept for you, but your request is" in words((await stranger.get(asked)).text)
    assert slot not in await Booking(stranger).times()  # two days ago by now


@pytest.mark.parametrize("self_booking", ["automatic"])
async def test_booked_at_once_where_the_clinic_wants_it(
    self_booking, asked, stranger, database, clock, cast, words
) -> None:
    await stranger.post(asked)
    request = await the_one(database)
    assert request.status == "booked"
    async with database.read() as tx:
        [patient] = await patients.find(tx, "nora@example.org")
        [visit] = await encounters.of_patient(tx, patient.id)
    assert (visit.id, visit.planned_starts_at, visit.visit_type) == (
        request.encounter_id,
        request.starts_at,
        "intake",
    )
    assert [letter.kind for letter in await mail(database, clock)] == ["booked"]
    assert "Your visit is booked" in words((await stranger.get(asked)).text)
    assert await open_tasks(database) == []


@pytest.mark.parametrize("self_booking", ["automatic"])
async def test_what_is_not_booked_any_more_is_the_desks_to_answer(
    self_booking, asked, stranger, database, clock, cast
) -> None:
    async with database.write() as tx:
        await visit_types.retire(tx, "intake", by=cast.petra, now=clock.now())
    assert (await stranger.post(asked)).status == 303
    assert (await the_one(database)).status == "waiting"


@pytest.mark.parametrize("self_booking", ["automatic"])
async def test_who_may_be_a_patient_is_never_booked_by_itself(
    self_booking, booking, stranger, database, clock, cast
) -> None:
    """The same number as Tomas."""
    await booking.whole(phone="(212) 555-0167")
    await stranger.post(await link(database, clock))
    assert (await the_one(database)).status == "waiting"


async def test_a_late_press_has_the_time_if_it_is_free(asked, stranger, database, clock, words) -> None:
    clock.at += timedelta(minutes=31)
    assert "no longer kept for you" in words((await stranger.get(asked)).text)


async def test_when_the_time_went_others_are_offered_and_nothing_is_typed_again(
    booking, stranger, database, clock, words
) -> None:
    slot = next(each for each in await booking.times() if "2026-11-25" in each)
    await booking.whole(slot)
    late = await link(database, clock)
    clock.advance(minutes=31)
    await Booking(stranger).whole(slot, email="other@example.org")
    await mail(database, clock)

    refused = await stranger.post(late)

    assert refused.status == 409 and "somebody else's by now" in words(refused.text)
    free = slots(refused.text)
    assert free and slot not in free
    assert (await stranger.post(late, slot=free[0])).status == 303
    assert "We have your request" in words((await stranger.get(late)).text)


async def test_whoever_asked_takes_it_back_and_the_time_is_free(
    asked, stranger, booking, database, words
) -> None:
    await stranger.post(asked)
    assert (await stranger.post(f"{asked}/withdrawal")).location == asked
    assert "This request was taken back" in words((await stranger.get(asked)).text)
    assert booking.slot in await Booking(stranger).times()
    assert await open_tasks(database) == []
    assert (await stranger.post(f"{asked}/withdrawal")).status == 409


async def test_of_two_unproved_requests_the_proved_one_counts(
    booking, stranger, database, clock, words
) -> None:
    await booking.whole()
    await Booking(stranger).whole()
    one, other = [f"/book/request/{letter.token}" for letter in await mail(database, clock)]
    await stranger.post(one)
    assert "We have your request" in words((await stranger.get(one)).text)
    assert "This request was taken back" in words((await stranger.get(other)).text)


async def test_a_link_nobody_made_is_no_page_of_ours(stranger, words) -> None:
    for page in (await stranger.get("/book/request/x"), await stranger.post("/book/request/x/withdrawal")):
        assert page.status == 404 and "We do not know this link" in words(page.text)


async def test_what_nobody_confirmed_is_forgotten_after_a_day(asked, stranger, database, clock) -> None:
    rules = RetentionRules(call_samples=timedelta(days=365), guest_sessions=timedelta(days=30))
    request = await the_one(database)
    clock.advance(hours=25)
    async with database.write() as tx:
        await retention.forget(tx, rules=rules, now=clock.now())
        assert await tx.all(select(table)) == []
        assert await tx.one(select(patient_keys).where(patient_keys.c.id == request.id)) is None
    assert (await stranger.get(asked)).status == 404


async def test_what_waits_for_an_answer_is_never_forgotten(asked, stranger, database, clock) -> None:
    rules = RetentionRules(call_samples=timedelta(days=365), guest_sessions=timedelta(days=30))
    await stranger.post(asked)
    clock.advance(days=200)
    async with database.write() as tx:
        await retention.forget(tx, rules=rules, now=clock.now())
    assert (await the_one(database)).status == "waiting"
