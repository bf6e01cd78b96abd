"""What needs a clinician stays on every clinician's list until one of them takes it by name."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.care.access import Staff
from server.jobs.escalation import escalate_overdue
from server.services import plans, safety
from server.store import tasks
from server.store.tables import metadata


@pytest.fixture
async def task(database, clock, cast):
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="self-harm", level=1, event_id="e", now=clock.now())
        [opened] = await tasks.open_ones(tx, roles=["clinician"])
    return opened


async def test_it_stands_on_every_clinicians_list_and_turns_overdue(
    reyes, okafor, task, clock, words
) -> None:
    for who in (reyes, okafor):
        read = words((await who.get("/clinic/day")).text)
        assert (
            "Needs you 1 Mira Lindqvist Thoughts of death or self-harm (PHQ-9 item 9): Several days" in read
        )
        assert "overdue" not in read
    for _ in range(3):
        clock.advance(minutes=5)
        read = words((await reyes.get("/clinic/day/list")).text)
    assert "overdue" in read


async def test_taken_by_name_it_leaves_the_list_and_the_name_stays_in_the_chart(
    reyes, okafor, task, cast, words
) -> None:
    assert (await okafor.post(f"/clinic/tasks/{task.id}/acknowledgement")).location == "/clinic/day"
    for who in (reyes, okafor):
        assert "Needs you" not in words((await who.get("/clinic/day")).text)
    assert "Taken over by Dr. Chidi Okafor" in words((await reyes.get(f"/clinic/chart/{cast.mira}")).text)
    # The hold is another matter: it stays until it is lifted.
    assert "On hold 1 Mira Lindqvist" in words((await reyes.get("/clinic/day")).text)


async def test_taken_twice_the_first_name_stays(reyes, okafor, task, database, cast) -> None:
    await okafor.post(f"/clinic/tasks/{task.id}/acknowledgement")
    assert (await reyes.post(f"/clinic/tasks/{task.id}/acknowledgement")).location == "/clinic/day"
    async with database.read() as tx:
        assert (await tasks.by_id(tx, task.id)).acknowledged_by == cast.okafor


async def test_the_desk_neither_sees_nor_takes_it(ada, task, database, words) -> None:
    assert "Several days" not in words((await ada.get("/desk/today")).text)
    assert (await ada.post(f"/clinic/tasks/{task.id}/acknowledgement")).status == 403
    assert (await ada.post(f"/desk/tasks/{task.id}/acknowledgement")).status == 404
    async with database.read() as tx:
        assert (await tasks.by_id(tx, task.id)).acknowledged_by is None


async def test_one_nobody_opened(reyes) -> None:
    assert (await reyes.post(f"/clinic/tasks/{'0' * 32}/acknowledgement")).status == 404


@pytest.fixture
async def plan(database, clock, cast):
    """Dr Reyes treats Mira."""
    by = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))
    days = [clock.now().date() + timedelta(days=14 * n) for n in range(4)]
    async with database.write() as tx:
        return await plans.make(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=by, now=clock.now()
        )


@pytest.fixture
def mails(database, cast):
    """To whom word went that something waits, by first name."""

    async def found() -> list[str]:
        outbox = metadata.tables["outbox"]
        async with database.read() as tx:
            rows = await tx.all(select(outbox).where(outbox.c.kind == "attention"))
        return sorted({cast.reyes: "reyes", cast.okafor: "okafor"}[row.account_id] for row in rows)

    return found


async def test_the_treating_clinician_owns_it_and_the_others_see_whose_it_is(
    plan, task, okafor, mails, words, cast
) -> None:
    """experience.md, row 109: an alert with owner, deadline, acknowledgement."""
    assert (task.owner_id, task.due_at - task.created_at) == (cast.reyes, timedelta(minutes=15))
    assert await mails() == ["reyes"]
    assert "for Dr. Ines Reyes" in words((await okafor.get("/clinic/day")).text)
    assert (await okafor.post(f"/clinic/tasks/{task.id}/acknowledgement")).location == "/clinic/day"


async def test_not_taken_in_time_it_is_everybodys_with_one_more_mail_each_and_never_doubled(
    app, plan, task, clock, database, okafor, mails, words, trail
) -> None:
    clock.advance(minutes=14, seconds=59)
    assert await escalate_overdue(app) == 0
    clock.advance(seconds=1)
    assert [await escalate_overdue(app) for _ in range(3)] == [1, 0, 0]
    assert await mails() == ["okafor", "reyes", "reyes"]
    async with database.read() as tx:
        now_it_is = await tasks.by_id(tx, task.id)
    assert (now_it_is.owner_id, now_it_is.acknowledged_at) == (None, None)
    assert "for Dr. Ines Reyes" not in words((await okafor.get("/clinic/day")).text)
    assert ("system", "task-escalated") in await trail("task")


async def test_taken_in_time_nobody_else_is_written_to(app, plan, task, clock, reyes, mails) -> None:
    await reyes.post(f"/clinic/tasks/{task.id}/acknowledgement")
    clock.advance(hours=3)
    assert await escalate_overdue(app) == 0
    assert await mails() == ["reyes"]


async def test_what_went_to_everybody_at_once_goes_to_nobody_twice(app, task, clock, mails) -> None:
    clock.advance(hours=3)
    assert await escalate_overdue(app) == 0
    assert await mails() == ["okafor", "reyes"]
