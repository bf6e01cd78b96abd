"""Broken calls reach an administrator once, as a task that a person takes or that settles itself; the desk reads who
should do what."""

import pytest
from aiohttp import web

from server.care.access import ADMINISTRATOR
from server.care.call_health import CallHealth, CheckRules
from server.jobs import call_check
from server.services import sending
from server.store import tasks
from server.web import keys
from server.web.call_watch import Watch

WORKING = "Calls are working (9:00 AM)"
AGAIN = "Calls did not work at 9:00 AM: it is being tried again."
BROKEN = (
    "Calls have not been working since 9:00 AM: call your administrator. "
    "Phone visits go on: call the patients who are waiting."
)
TASK = "Calls do not work for everybody: please look at the server"


@pytest.fixture(autouse=True)
def watch(app: web.Application, clock) -> Watch:
    app[keys.CALL_WATCH] = Watch(health=CallHealth(began_at=clock.now()), rules=CheckRules())
    return app[keys.CALL_WATCH]


@pytest.fixture
def waiting(database, cast):
    async def of_administrators() -> list[str]:
        async with database.read() as tx:
            found = await tasks.open_ones(tx, roles=[ADMINISTRATOR])
        return [task.id for task in found]

    return of_administrators


async def test_before_the_first_check_nothing_is_claimed(ada, petra, words) -> None:
    for page in (await ada.get("/desk/today"), await petra.get("/admin/accounts")):
        assert "Calls" not in words(page.text)


async def test_the_desk_reads_that_calls_work_and_since_when_not(app, ada, clock, words) -> None:
    for failed, sentence in ((None, WORKING), ("connect", AGAIN), ("connect", BROKEN), (None, WORKING)):
        await call_check.take(app, failed)
        assert sentence in words((await ada.get("/desk/today/board")).text)
    for _ in range(2):
        await call_check.take(app, "connect")
    clock.advance(minutes=9)
    await call_check.take(app, "relay")
    assert BROKEN in words((await ada.get("/desk/today/board")).text)


@pytest.mark.parametrize(
    ("failed", "sentence"),
    [
        ("relay", "The relay does not answer."),
        ("connect", "The relay answers, but no call comes through it."),
        ("media", "Calls connect, but picture or sound does not arrive."),
    ],
)
async def test_the_administrator_reads_which_step_does_not_work(app, petra, words, failed, sentence) -> None:
    for _ in range(2):
        await call_check.take(app, failed)
    read = words((await petra.get("/admin/accounts")).text)
    assert "Calls have not been working since 9:00 AM." in read and sentence in read and TASK in read


async def test_turn_servers_that_do_not_work_are_told_apart_from_calls_that_do_not(
    app, ada, petra, words
) -> None:
    for _ in range(2):
        await call_check.take(app, "turn")
    board = words((await ada.get("/desk/today/board")).text)
    assert "Calls are working (9:00 AM), but not from very closed networks" in board
    assert "Calls have not" not in board
    read = words((await petra.get("/admin/accounts")).text)
    assert "A TURN server has not been working since 9:00 AM." in read and TASK in read
    assert "Calls have not" not in read


async def test_one_failure_is_no_task_and_many_are_one(app, waiting) -> None:
    await call_check.take(app, "connect")
    assert await waiting() == []
    for _ in range(4):
        await call_check.take(app, "connect")
    assert len(await waiting()) == 1


async def test_it_settles_itself_when_calls_work_again(app, petra, waiting, words, database) -> None:
    for failed in ("connect", "media"):
        await call_check.take(app, failed)
    (task_id,) = await waiting()
    await call_check.take(app, None)
    assert await waiting() == []
    assert TASK not in words((await petra.get("/admin/accounts")).text)
    assert "The server itself found a task no longer needed" in words((await petra.get("/admin/audit")).text)
    async with database.read() as tx:
        settled = await tasks.by_id(tx, task_id)
    assert settled.acknowledged_at is not None and settled.acknowledged_by is None


async def test_left_over_from_before_a_restart_it_settles_with_the_first_check(app, watch, waiting) -> None:
    for failed in ("connect", "media"):
        await call_check.take(app, failed)
    watch.health = CallHealth(began_at=watch.health.began_at)
    await call_check.take(app, None)
    assert await waiting() == []


async def test_taken_by_name_it_is_not_opened_again_while_calls_still_fail(
    app, petra, waiting, database, cast
) -> None:
    for failed in ("connect", "connect"):
        await call_check.take(app, failed)
    (task_id,) = await waiting()
    answer = await petra.post(f"/admin/tasks/{task_id}/acknowledgement")
    assert (answer.status, answer.location) == (303, "/admin/accounts")
    assert (await petra.post(f"/admin/tasks/{task_id}/acknowledgement")).location == "/admin/accounts"
    await call_check.take(app, "connect")
    assert await waiting() == []
    async with database.read() as tx:
        assert (await tasks.by_id(tx, task_id)).acknowledged_by == cast.petra


async def test_the_desk_neither_sees_nor_takes_it(app, ada, waiting, words) -> None:
    for failed in ("connect", "connect"):
        await call_check.take(app, failed)
    (task_id,) = await waiting()
    assert TASK not in words((await ada.get("/desk/today")).text)
    assert (await ada.post(f"/admin/tasks/{task_id}/acknowledgement")).status == 403
    assert (await ada.post(f"/desk/tasks/{task_id}/acknowledgement")).status == 404
    assert await waiting() == [task_id]


async def test_one_nobody_opened(petra) -> None:
    assert (await petra.post(f"/admin/tasks/{'0' * 32}/acknowledgement")).status == 404


async def test_messages_that_cannot_be_written_are_told_by_their_kind(petra, database, clock, words) -> None:
    async with database.write() as tx:
        for attempt in (sending.WRITTEN_AT_MOST, sending.WRITTEN_AT_MOST):
            await sending.not_written(tx, "none", attempts=attempt, now=clock.now())
    page = words((await petra.get("/admin/accounts")).text)
    assert page.count("cannot be written: please look at the server's log") == 1
