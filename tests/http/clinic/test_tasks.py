"""What needs a clinician stays on every clinician's list until one of them takes it by name."""

import pytest

from server.services import safety
from server.store import tasks


@pytest.fixture
async def task(database, clock, cast):
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="self-harm", level=1, event_id="e", now=clock.now())
        [opened] = await tasks.open_ones(tx, roles=["clinician"], account_id=cast.reyes)
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
