"""The wait-list at the desk: who is on it, what is free for them, one press to offer it, and every press undone."""

import re
from dataclasses import replace
from datetime import time, timedelta

import pytest

from scheduling.reminders import QuietHours
from server.jobs.free_times import offer_all
from server.services import appointments, slot_holds, wait_list
from server.store import audit, encounters
from server.store import wait_list as store
from server.store.database import Database
from server.web import keys
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

LATER = MONDAY_MORNING + timedelta(days=14, hours=1)


@pytest.fixture
async def far(database: Database, cast: Cast, clock: StoppedClock):  # type: ignore[no-untyped-def]
    """Mira's visit with Dr Reyes, two weeks away."""
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=LATER,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


async def places(database: Database):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        return await wait_list.everybody(tx, now=MONDAY_MORNING)


def shown(page, name: str) -> list[str]:  # type: ignore[no-untyped-def]
    return re.findall(rf'name="{name}" value="([^"]+)"', page.text)


async def put_on(ada, visit_id: str, **more: str):  # type: ignore[no-untyped-def]
    fields = {"visit": visit_id, "first_on": "2026-11-24", "last_on": "2026-12-07"} | more
    return await ada.post("/desk/wait-list", **fields)


async def test_an_empty_list_says_how_somebody_comes_onto_it(ada, words) -> None:
    read = words((await ada.get("/desk/wait-list")).text)
    assert "Nobody is waiting." in read and "Nothing is free now that somebody waits for." in read


async def test_a_visit_is_put_on_from_its_card_with_its_own_clinician_and_days(ada, far, words) -> None:
    assert f"/desk/wait-list?visit={far.id}" in (await ada.get(f"/desk/visit/{far.id}")).text
    page = await ada.get(f"/desk/wait-list?visit={far.id}")
    assert "Put Mira Lindqvist on the list" in words(page.text)
    assert 'value="2026-11-23"' in page.text and 'value="2026-12-07"' in page.text


async def test_who_waits_is_seen_with_days_part_of_the_day_and_clinician(
    ada, far, database, cast, words
) -> None:
    answer = await put_on(ada, far.id, practitioner=cast.dr_reyes, part="morning")
    assert (answer.status, answer.location) == (303, "/desk/wait-list")
    read = words((await ada.get("/desk/wait-list")).text)
    assert "Mira Lindqvist" in read and "Tue, Nov 24 – Mon, Dec 7, mornings · Dr. Ines Reyes" in read
    [waiting] = await places(database)
    assert (waiting.place.encounter_id, waiting.place.asked_by) == (far.id, cast.ada)


async def test_the_same_visit_twice_is_one_place_with_its_first_turn(ada, far, clock, database) -> None:
    await put_on(ada, far.id)
    clock.at = MONDAY_MORNING + timedelta(minutes=1)
    await put_on(ada, far.id, part="afternoon")
    [waiting] = await places(database)
    assert (waiting.place.part, waiting.place.asked_at) == ("afternoon", MONDAY_MORNING)


async def test_a_wish_without_a_visit_waits_as_well(ada, cast, database, words) -> None:
    page = await ada.get(f"/desk/wait-list?patient={cast.tomas}")
    assert "Kind of visit" in words(page.text)
    wish = {
        "patient": cast.tomas,
        "visit_type": "check-in",
        "first_on": "2026-11-24",
        "last_on": "2026-11-24",
    }
    assert (await ada.post("/desk/wait-list", **wish)).status == 303
    [waiting] = await places(database)
    assert waiting.visit is None and waiting.place.practitioner_id is None


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-25", "2026-11-24"), ("2026-11-01", "2026-11-02"), ("2026-11-25", "2031-01-01")],
)
async def test_days_that_make_no_sense_are_refused(ada, far, database, first, last) -> None:
    assert (await put_on(ada, far.id, first_on=first, last_on=last)).status == 422
    assert await places(database) == []


async def test_a_slip_is_undone_with_the_turn_kept(ada, far, database, words) -> None:
    await put_on(ada, far.id)
    [waiting] = await places(database)
    answer = await ada.post(f"/desk/wait-list/{waiting.place.id}/ending")
    page = await ada.get(answer.location)
    assert "Mira Lindqvist is off the list." in words(page.text) and await places(database) == []
    await ada.post(f"/desk/wait-list/{waiting.place.id}/ending", undo="yes")
    assert [each.place for each in await places(database)] == [waiting.place]


async def test_the_board_says_that_a_time_came_free_and_how_many_wait(ada, far, words) -> None:
    assert "A time came free" not in words((await ada.get("/desk/today")).text)
    await put_on(ada, far.id)
    read = words((await ada.get("/desk/today")).text)
    assert "A time came free" in read and "1 person is waiting for it" in read


async def test_it_is_offered_with_one_press_and_kept_meanwhile_on_the_board(
    ada, far, database, cast, words
) -> None:
    await put_on(ada, far.id, practitioner=cast.dr_reyes, first_on="2026-11-23")
    [slot] = shown(await ada.get("/desk/wait-list"), "slot")
    assert (await ada.post("/desk/wait-list/offers", slot=slot)).status == 303
    read = words((await ada.get("/desk/wait-list")).text)
    assert "Offered" in read and "may say yes until 9:30 AM" in read
    board = words((await ada.get("/desk/today")).text)
    assert "Offered to the wait-list until 9:30 AM" in board and "A time came free" not in board
    async with database.read() as tx:
        done = [each.action for each in await audit.newest(tx, patient_id=cast.mira)]
    assert {"wait-list-joined", "wait-list-offered"} <= set(done)


async def test_they_are_rung_when_no_message_would_be_read_in_time(
    app, ada, far, cast, monkeypatch, words
) -> None:
    """As at night, before a free time in the morning."""
    asleep = QuietHours(day_begins=time(23), day_ends=time(23, 30))
    monkeypatch.setitem(app._state, keys.REMINDERS, replace(app[keys.REMINDERS], quiet=asleep))
    await put_on(ada, far.id, practitioner=cast.dr_reyes, first_on="2026-11-23")
    page = await ada.get("/desk/wait-list")
    assert "No message would be read in time: ring them." in words(page.text)
    assert shown(page, "slot") == [] and 'href="tel:' in page.text


async def test_pressed_twice_it_is_offered_once(ada, far, database, cast) -> None:
    await put_on(ada, far.id)
    [slot] = shown(await ada.get("/desk/wait-list"), "slot")
    await ada.post("/desk/wait-list/offers", slot=slot)
    assert (await ada.post("/desk/wait-list/offers", slot=slot)).status == 409
    [waiting] = await places(database)
    assert len(waiting.offers) == 1


async def test_an_offer_is_taken_back_when_the_desk_needs_the_time(ada, far, database, cast, words) -> None:
    await put_on(ada, far.id)
    [slot] = shown(await ada.get("/desk/wait-list"), "slot")
    await ada.post("/desk/wait-list/offers", slot=slot)
    [back] = shown(await ada.get("/desk/wait-list"), "back")
    await ada.post("/desk/wait-list/offers", back=back)
    assert "Offered" not in words((await ada.get("/desk/wait-list")).text)
    async with database.read() as tx:
        [offer] = await store.offers_of(tx, [(await places(database))[0].place.id])
    assert offer.closed_at is not None


async def test_a_cancelled_visit_frees_its_time_for_who_waits(ada, far, database, cast, clock) -> None:
    """All of Tuesday is taken but for what is cancelled."""
    start = MONDAY_MORNING.replace(hour=15) + timedelta(days=1)
    async with database.write() as tx:
        visits = []
        for number in range(15):
            at = start + timedelta(minutes=40 * number)
            visits.append(
                await appointments.book(
                    tx,
                    patient_id=cast.tomas,
                    practitioner_id=cast.dr_reyes,
                    visit_type="check-in",
                    starts_at=at,
                    mode="video",
                    booked_by=cast.ada,
                    now=clock.now(),
                    overbook=appointments.Overbook(reason="full day", agreed_by=cast.reyes),
                )
            )
    await put_on(ada, far.id, first_on="2026-11-24", last_on="2026-11-24", practitioner=cast.dr_reyes)
    assert shown(await ada.get("/desk/wait-list"), "slot") == []
    await ada.post(f"/desk/visit/{visits[3].id}/cancellation", reason="ill")
    [slot] = shown(await ada.get("/desk/wait-list"), "slot")
    assert slot == f"{cast.dr_reyes}|{visits[3].planned_starts_at:%Y-%m-%dT%H:%MZ}"


async def test_where_the_clinic_wants_it_the_server_offers_by_itself(app, ada, far, database, cast) -> None:
    await put_on(ada, far.id)
    assert await offer_all(app) == 1
    assert await offer_all(app) == 0
    [waiting] = await places(database)
    assert waiting.open_offer is not None and waiting.open_offer.offered_by == "system"


async def test_nobody_unknown_is_put_on_or_taken_off(ada, cast) -> None:
    assert (await put_on(ada, "0" * 32)).status == 404
    assert (await ada.post(f"/desk/wait-list/{'0' * 32}/ending")).status == 404
    strange = {
        "patient": cast.mira,
        "visit_type": "no-such",
        "first_on": "2026-11-24",
        "last_on": "2026-11-24",
    }
    assert (await ada.post("/desk/wait-list", **strange)).status == 422


async def test_an_offer_nobody_made_takes_no_time_from_anybody(ada, cast, clock, database) -> None:
    kept = {"practitioner_id": cast.dr_reyes, "visit_type": "check-in", "starts_at": LATER}
    async with database.write() as tx:
        await slot_holds.keep(tx, hold_id="0" * 32, held_by="", now=clock.now(), **kept)
    assert (await ada.post("/desk/wait-list/offers", back="0" * 32)).status == 404
    async with database.read() as tx:
        assert await slot_holds.kept(tx, "0" * 32, now=clock.now())


async def test_a_visit_that_has_begun_is_not_put_on(ada, far, database, clock) -> None:
    async with database.write() as tx:
        visit = await encounters.by_id(tx, far.id)
        await appointments.check_in(tx, visit.id, by="x", now=clock.now())
    assert (await put_on(ada, far.id)).status == 409
