""" "Session done" opens its journal entry, once, on its day or later; the last of all completes the course."""

from datetime import timedelta

import pytest

from server.services import plans, safety


async def test_it_opens_its_own_journal_entry(mira, plan, entries, words, actions) -> None:
    page = await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    [entry] = await entries()
    assert (page.status, page.location) == (303, f"/home/entry/{entry.id}")
    assert entry.session_id == plan.sessions[0].id
    assert "After session 1" in words((await mira.get(page.location)).text)
    assert [a for a in await actions() if a in ("session-done", "journal-begun")] == [
        "session-done",
        "journal-begun",
    ]


async def test_pressed_twice_it_is_the_same_entry(mira, plan, entries) -> None:
    first = await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    assert (await mira.post(f"/home/session/{plan.sessions[0].id}/done")).location == first.location
    assert len(await entries()) == 1


async def test_a_session_ahead_is_refused_with_what_to_do(mira, plan, everything, words) -> None:
    before = await everything()
    page = await mira.post(f"/home/session/{plan.sessions[1].id}/done")
    assert page.status == 409 and "If you have taken a tablet, please call us now." in words(page.text)
    assert await everything() == before


async def test_another_session_within_hours_is_said_done_already_and_changes_nothing(
    mira, plan, clock, everything, words
) -> None:
    """Two sessions may both be past their day: an old page must not hold them both in one evening."""
    clock.advance(days=20)
    await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    before = await everything()
    page = await mira.post(f"/home/session/{plan.sessions[1].id}/done")
    assert page.status == 409 and "marked as done today already" in words(page.text)
    assert await everything() == before


async def test_the_next_one_is_not_offered_before_the_clinics_hours_are_over(
    mira, plan, clock, words
) -> None:
    """experience.md, row 106: next allowed date."""
    clock.advance(days=20)
    await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    clock.advance(hours=71)
    read = words((await mira.get("/home/today")).text)
    assert "Not before Wed, Dec 16, 9:00 AM" in read and "Session done" not in read
    clock.advance(hours=1)
    read = words((await mira.get("/home/today")).text)
    assert "Not before" not in read and "Session done" in read


async def test_one_that_was_held_too_soon_is_written_down_and_puts_the_course_on_hold(
    mira, plan, clock, holds, clinicians_tasks, entries, words
) -> None:
    """What happened is recorded, all the more when it should not have."""
    clock.advance(days=20)
    await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    clock.advance(hours=40)
    for _ in range(2):
        page = await mira.post(f"/home/session/{plan.sessions[1].id}/done")
        assert page.status == 303
    assert [hold.kind for hold in await holds()] == ["too-soon"]
    assert [task.kind for task in await clinicians_tasks()] == ["too-soon"]
    assert len(await entries()) == 2
    assert "Your treatment is on hold" in words((await mira.get("/home/today")).text)


@pytest.fixture
def hold_all(mira, plan, clock):
    """All four sessions, two weeks apart; the entry of each in order."""

    async def done() -> list[str]:
        found = []
        for session in plan.sessions:
            found.append((await mira.post(f"/home/session/{session.id}/done")).location)
            clock.advance(days=14)
        return found

    return done


async def share(mira, address: str) -> None:
    await mira.post(address, version="0", text="the sea")
    assert (await mira.post(f"{address}/sharing")).status == 303


async def test_the_course_completes_when_the_last_of_its_four_entries_is_shared(
    mira, hold_all, plan, actions, words, database, cast, clock, dr_reyes, today
) -> None:
    pages = await hold_all()
    for address in pages[:3]:
        await share(mira, address)
    read = words((await mira.get("/home/today")).text)
    assert "All four sessions are behind you" in read and "Share your four journal entries" in read
    assert "course-completed" not in await actions()
    await share(mira, pages[3])
    read = words((await mira.get("/home/today")).text)
    assert "All four sessions are behind you" in read and "Your course is complete." in read
    assert (await actions())[-1] == "course-completed"
    # The same press again still leads to its entry, and the next course can be planned.
    assert (await mira.post(f"/home/session/{plan.sessions[3].id}/done")).location == pages[3]
    days = [today + timedelta(days=60 + 7 * n) for n in range(4)]
    async with database.write() as tx:
        await plans.make(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=dr_reyes, now=clock.now()
        )
    assert "Session 1 of 4" in words((await mira.get("/home/today")).text)


async def test_while_it_is_on_hold_it_does_not_complete_and_lifting_completes_it(
    mira, hold_all, holds, actions, database, clock, dr_reyes
) -> None:
    pages = await hold_all()
    await mira.post("/home/stop", kind="something-wrong", event_id="x")
    for address in pages:
        await share(mira, address)
    assert "course-completed" not in await actions()
    [hold] = await holds()
    async with database.write() as tx:
        await safety.lift(tx, hold.id, by=dr_reyes, reason="talked", now=clock.now())
    assert (await actions())[-1] == "course-completed"


async def test_without_a_course_there_is_none_to_be_done(mira, words) -> None:
    page = await mira.post("/home/session/nothing/done")
    assert page.status == 409 and "There is no course" in words(page.text)


async def test_tomas_cannot_finish_miras(tomas, plan, everything) -> None:
    before = await everything()
    assert (await tomas.post(f"/home/session/{plan.sessions[0].id}/done")).status == 409
    assert await everything() == before
