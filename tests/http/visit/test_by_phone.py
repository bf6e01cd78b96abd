""" "Call me instead": a task with the number, and a page that says that the phone will ring."""

from server.services import accounts, tasks, visits
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
    assert " quiet " in page.text and "data-self" not in page.text.split('data-when="call"')[0]


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
    assert (await tomas.post(f"/visit/by-phone/{visit.id}")).status == 403
    assert await count("tasks") == 0
