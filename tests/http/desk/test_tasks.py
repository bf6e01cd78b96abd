"""Taking a task off the list."""

import pytest
from sqlalchemy import text

from server.services import tasks


@pytest.fixture
async def task_id(database, cast, clock, booked) -> str:
    async with database.write() as tx:
        return await tasks.open_task(
            tx,
            kind=tasks.CALL_ME_INSTEAD,
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail="(720) 555-0188",
            by="patient",
            now=clock.now(),
        )


async def acknowledged_by(database) -> list[str | None]:
    async with database.read() as tx:
        return [row.acknowledged_by for row in await tx.all(text("SELECT acknowledged_by FROM tasks"))]


async def test_acknowledging_keeps_the_name(ada, database, cast, task_id) -> None:
    assert (await ada.post(f"/desk/tasks/{task_id}/acknowledgement")).status == 303
    assert await acknowledged_by(database) == [cast.ada]


async def test_the_first_name_stays(ada, sign_in, database, cast, clock, task_id) -> None:
    async with database.write() as tx:
        from server.services import accounts

        other = await accounts.create(
            tx,
            name="Bela",
            email="bela@harbor.example",
            roles=frozenset({"front-desk"}),
            password_hash=None,
            now=clock.now(),
        )
    bela = await sign_in(other)
    await ada.post(f"/desk/tasks/{task_id}/acknowledgement")
    assert (await bela.post(f"/desk/tasks/{task_id}/acknowledgement")).status == 303
    assert await acknowledged_by(database) == [cast.ada]


async def test_asking_twice_to_be_called_is_one_alarm(database, cast, clock, booked, task_id) -> None:
    async with database.write() as tx:
        again = await tasks.open_task(
            tx,
            kind=tasks.CALL_ME_INSTEAD,
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail="(720) 555-0188",
            by="patient",
            now=clock.now(),
        )
    assert again == task_id


async def test_a_task_of_another_role_is_no_page(ada, database, cast, clock) -> None:
    async with database.write() as tx:
        other = await tasks.open_task(
            tx,
            kind="read-result",
            patient_id=cast.mira,
            encounter_id=None,
            detail="for the clinician's eyes",
            by="system",
            now=clock.now(),
            owner_role="clinician",
        )
    assert (await ada.post(f"/desk/tasks/{other}/acknowledgement")).status == 404
    assert (await ada.post(f"/desk/tasks/{'0' * 32}/acknowledgement")).status == 404
    assert "for the clinician" not in (await ada.get("/desk/today")).text


async def test_only_the_front_desk_acknowledges_here(stranger, reyes, petra, database, task_id) -> None:
    answers = [await who.post(f"/desk/tasks/{task_id}/acknowledgement") for who in (stranger, reyes, petra)]
    assert [answer.status for answer in answers] == [401, 403, 403]
    assert await acknowledged_by(database) == [None]
