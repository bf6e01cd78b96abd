""" "Call me instead": a task with the number, and a page that says that the phone will ring."""

from datetime import timedelta

import pytest
from aiohttp import web

from server.care.encounter import PresenceEvent
from server.jobs.broken_calls import call_everybody
from server.services import accounts, tasks, telephone, visits
from server.store import encounters, presence


async def test_the_desk_gets_the_number_and_the_page_says_so(mira, visit, database, cast, words) -> None:
    answer = await mira.post(f"/visit/by-phone/{visit.id}")
    assert (answer.status, answer.location) == (303, f"/visit/waiting/{visit.id}")
    async with database.read() as tx:
        encounter = await encounters.by_id(tx, visit.id)
        waiting = await tasks.open_tasks(tx, staff=await accounts.staff_of(tx, cast.ada))
        events = await presence.of_encounter(tx, visit.id)
    assert encounter.mode == "phone"
    assert [(task.kind, task.detail) for task in waiting] == [("call-me-instead", "(303) 555-0199")]
    assert [(event.seat, event.kind) for event in events] == [("patient", "by-phone")]
    page = await mira.get(answer.location)
    assert "We will call you on (303) 555-0199." in words(page.text)
    assert "<call-stage" not in page.text and "data-self" not in page.text


@pytest.fixture
async def in_call(mira, visit, database, clock) -> None:  # type: ignore[no-untyped-def]
    """Mira was let in, and the two see each other since now."""
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=visit.id, now=clock.now())
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
        await happens(tx, visit, "call-started", clock.now())


async def happens(tx, visit, kind, at, seat="patient"):  # type: ignore[no-untyped-def]
    await visits.record(tx, encounter_id=visit.id, event=PresenceEvent(seat=seat, kind=kind, at=at))


@pytest.fixture
def waiting(database, cast):  # type: ignore[no-untyped-def]
    async def for_ada() -> list[tuple[str, str | None]]:
        async with database.read() as tx:
            found = await tasks.open_tasks(tx, staff=await accounts.staff_of(tx, cast.ada))
        return [(task.kind, task.detail) for task in found]

    return for_ada


async def test_in_the_middle_of_a_call_it_is_by_phone_on_every_page(mira, visit, in_call, ada, words) -> None:
    answer = await mira.post(f"/visit/by-phone/{visit.id}")
    page = await mira.get(answer.location)
    assert "We will call you on (303) 555-0199." in words(page.text)
    assert "<call-stage" not in page.text
    board = words((await ada.get("/desk/today/board")).text)
    assert "by phone Began 0 min ago" in board and "In call" not in board


async def test_who_asked_to_be_called_can_come_back_to_video(mira, visit, in_call, waiting, words) -> None:
    await mira.post(f"/visit/by-phone/{visit.id}")
    assert "Go back to the video visit" in words((await mira.get(f"/visit/waiting/{visit.id}")).text)
    answer = await mira.post(f"/visit/by-phone/{visit.id}/undoing")
    assert (answer.status, answer.location) == (303, f"/visit/waiting/{visit.id}")
    assert "<call-stage" in (await mira.get(answer.location)).text
    assert await waiting() == []


async def test_a_visit_that_was_booked_by_phone_stays_by_phone(new_visitor, book, cast, words) -> None:
    encounter, token = await book(cast.mira, mode="phone")
    browser = await new_visitor()
    await browser.post(f"/visit/join/{token}")
    await browser.post(f"/visit/identity/{encounter.id}", date_of_birth="1990-04-17")
    answers = {"where": "Home", "call_back": "3035550199", "with_whom": "Nobody", "agree": "yes"}
    await browser.post(f"/visit/entry/{encounter.id}", **answers)
    await browser.post(f"/visit/by-phone/{encounter.id}/undoing")
    read = words((await browser.get(f"/visit/waiting/{encounter.id}")).text)
    assert "We will call you on 3035550199." in read and "Go back to the video visit" not in read


async def test_a_call_that_breaks_off_and_stays_away_is_the_desks_to_go_on_with_once(
    mira, visit, in_call, app: web.Application, database, clock, waiting, words, ada
) -> None:
    """What the patient's page says while it reconnects: "If it is not back in 2 minutes, we will call you on …"."""
    assert "If it is not back in 2 minutes, we will call you on (303) 555-0199." in words(
        (await mira.get(f"/visit/waiting/{visit.id}")).text
    )
    clock.advance(minutes=10)
    async with database.write() as tx:
        await happens(tx, visit, "call-interrupted", clock.now())
    clock.advance(seconds=119)
    assert (await call_everybody(app), await waiting()) == (0, [])
    clock.advance(seconds=1)
    assert (await call_everybody(app), await waiting()) == (1, [("call-broke-off", "(303) 555-0199")])
    board = words((await ada.get("/desk/today")).text)
    assert "The video does not connect: ring Mira Lindqvist (303) 555-0199" in board
    task = (await ada.get("/desk/today")).text.split("/desk/tasks/")[1].split("/")[0]
    await ada.post(f"/desk/tasks/{task}/acknowledgement")
    clock.advance(minutes=30)
    assert (await call_everybody(app), await waiting()) == (0, [])
    # Another break is another call.
    async with database.write() as tx:
        await happens(tx, visit, "call-started", clock.now())
        await happens(tx, visit, "lost", clock.now() + timedelta(minutes=1))
    clock.advance(minutes=3)
    assert (await call_everybody(app), await waiting()) == (1, [("call-broke-off", "(303) 555-0199")])


async def test_a_call_that_never_comes_up_is_the_desks_to_go_on_with_too(
    mira, visit, app: web.Application, database, clock, waiting
) -> None:
    """The page of somebody who was let in promises it whether or not they have seen each other before."""
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=visit.id, now=clock.now())
        await visits.admit(tx, encounter_id=visit.id, now=clock.now())
        await happens(tx, visit, "admitted", clock.now())
    clock.advance(seconds=119)
    assert (await call_everybody(app), await waiting()) == (0, [])
    clock.advance(seconds=1)
    assert (await call_everybody(app), await waiting()) == (1, [("call-broke-off", "(303) 555-0199")])
    clock.advance(minutes=10)
    assert await call_everybody(app) == 0


@pytest.mark.parametrize("after", ["call-resumed", "left"])
async def test_nobody_is_called_who_is_back_or_left_on_purpose(
    visit, in_call, app: web.Application, database, clock, waiting, after
) -> None:
    async with database.write() as tx:
        await happens(tx, visit, "call-interrupted", clock.now() + timedelta(minutes=1))
        await happens(tx, visit, after, clock.now() + timedelta(minutes=2))
    clock.advance(minutes=30)
    assert (await call_everybody(app), await waiting()) == (0, [])


async def test_finishing_the_visit_ends_the_errand(
    visit, in_call, app: web.Application, database, cast, clock, waiting
) -> None:
    clock.advance(minutes=1)
    async with database.write() as tx:
        await happens(tx, visit, "lost", clock.now())
    clock.advance(minutes=3)
    assert await call_everybody(app) == 1
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
    assert await waiting() == []
    assert await call_everybody(app) == 0


async def test_a_visit_that_went_on_by_phone_has_no_second_errand(
    mira, visit, in_call, app: web.Application, database, clock, waiting
) -> None:
    clock.advance(minutes=1)
    async with database.write() as tx:
        await happens(tx, visit, "lost", clock.now())
    clock.advance(minutes=3)
    assert await call_everybody(app) == 1
    await mira.post(f"/visit/by-phone/{visit.id}")
    assert await waiting() == [("call-me-instead", "(303) 555-0199")]
    async with database.read() as tx:
        assert not await telephone.broken_off(tx, now=clock.now() + timedelta(hours=1))


async def test_pressing_twice_is_one_task(mira, visit, count) -> None:
    for _ in range(2):
        await mira.post(f"/visit/by-phone/{visit.id}")
    assert await count("tasks") == 1
    assert await count("presence_events") == 1


async def test_without_a_number_given_the_one_on_record_is_used(proven, visit, database, cast) -> None:
    await proven.post(f"/visit/by-phone/{visit.id}")
    async with database.read() as tx:
        waiting = await tasks.open_tasks(tx, staff=await accounts.staff_of(tx, cast.ada))
    assert [task.detail for task in waiting] == ["(303) 555-0142"]


async def test_after_the_end_nobody_is_sent_to_the_phone(mira, visit, database, cast, clock, count) -> None:
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=visit.id, by=cast.reyes, now=clock.now())
    page = await mira.post(f"/visit/by-phone/{visit.id}")
    assert page.status == 409 and "(303) 555-0100" in page.text
    assert await count("tasks") == 0


async def test_tomas_cannot_make_miras_phone_ring(tomas, mira, visit, count) -> None:
    for path in ("", "/undoing"):
        assert (await tomas.post(f"/visit/by-phone/{visit.id}{path}")).status == 403
    assert await count("tasks") == 0
