"""Somebody waits: it calls every desk and their clinician until it was seen by name, and then staff are written to."""

import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text

from server.jobs.escalation import escalate_overdue, tell_of_the_waiting
from server.services import accounts, appointments, tasks, visits
from server.services.waiting import Patience
from server.store.database import Database
from server.web import keys
from tests.clocks import MONDAY_MORNING, StoppedClock

AT_TEN = MONDAY_MORNING + timedelta(hours=1)


@pytest.fixture
def app(app: web.Application) -> web.Application:
    app[keys.PATIENCE] = Patience(clinician=timedelta(minutes=3), desk=timedelta(minutes=8), sms=True)
    return app


def calls(page: str) -> list[str]:
    return re.findall(r'data-alert-kind="(\w+)"', page)


@pytest.fixture
async def here(database: Database, clock: StoppedClock, booked: Any) -> Any:
    """Mira came two minutes before her time."""
    clock.at = AT_TEN - timedelta(minutes=2)
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=booked.id, now=clock.now())
    return booked


async def written_to(database: Database) -> list[tuple[str, str]]:
    """(address by name, channel) of every word to staff."""
    async with database.read() as tx:
        rows = await tx.all(
            text(
                "SELECT name, channel FROM outbox JOIN accounts ON accounts.id = account_id"
                " WHERE kind = 'attention' ORDER BY outbox.created_at, name"
            )
        )
    return [(row.name, row.channel) for row in rows]


async def test_who_waits_calls_a_page_that_was_opened_after_they_came(sign_in, cast, here) -> None:
    for account, path in ((cast.ada, "/desk/today"), (cast.reyes, "/clinic/day")):
        assert calls((await (await sign_in(account)).get(path)).text) == ["waiting"]
    assert calls((await (await sign_in(cast.okafor)).get("/clinic/day")).text) == [], "not their patient"


async def test_seen_at_one_desk_is_silent_at_the_other_and_not_for_the_clinician(
    sign_in, cast, here, words
) -> None:
    ada, other, reyes = [await sign_in(each) for each in (cast.ada, cast.ada, cast.reyes)]
    assert calls((await other.get("/desk/today/board")).text) == ["waiting"]
    assert (await ada.post(f"/desk/visit/{here.id}/seen?day=2026-11-23")).status == 303
    board = (await other.get("/desk/today/board")).text
    assert calls(board) == [] and "seen 9:58 AM, Ada Quill" in words(board)
    assert calls((await reyes.get("/clinic/day/list")).text) == ["waiting"]


async def test_seen_by_the_clinician_is_silent_for_the_desk_too(sign_in, cast, here) -> None:
    ada, reyes = await sign_in(cast.ada), await sign_in(cast.reyes)
    await reyes.post(f"/clinic/consult/{here.id}/seen")
    assert calls((await reyes.get("/clinic/day/list")).text) == []
    assert calls((await ada.get("/desk/today/board")).text) == []


async def test_whoever_checks_somebody_in_has_seen_them(sign_in, cast, booked) -> None:
    ada, reyes = await sign_in(cast.ada), await sign_in(cast.reyes)
    await ada.post(f"/desk/visit/{booked.id}/check-in")
    assert calls((await ada.get("/desk/today")).text) == []
    assert calls((await reyes.get("/clinic/day")).text) == ["waiting"]


async def test_another_clinician_cannot_see_for_them(sign_in, cast, here) -> None:
    okafor, ada = await sign_in(cast.okafor), await sign_in(cast.ada)
    await okafor.post(f"/clinic/consult/{here.id}/seen")
    assert calls((await ada.get("/desk/today/board")).text) == ["waiting"]


async def test_who_left_and_comes_again_calls_again(sign_in, database, cast, clock, here) -> None:
    ada = await sign_in(cast.ada)
    await ada.post(f"/desk/visit/{here.id}/seen")
    clock.advance(minutes=1)
    async with database.write() as tx:
        await visits.go_away(tx, encounter_id=here.id, now=clock.now())
        clock.advance(minutes=1)
        await visits.arrive(tx, encounter_id=here.id, now=clock.now())
    assert calls((await ada.get("/desk/today")).text) == ["waiting"]


async def test_let_in_calls_nobody(sign_in, database, cast, clock, here) -> None:
    async with database.write() as tx:
        await visits.admit(tx, encounter_id=here.id, now=clock.now())
    assert calls((await (await sign_in(cast.ada)).get("/desk/today")).text) == []


async def test_a_clinician_in_a_call_is_shown_it_and_hears_nothing_while_it_lasts(
    sign_in, app, database, cast, clock, here
) -> None:
    async with database.write() as tx:
        other = await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        await visits.admit(tx, encounter_id=other.id, now=clock.now())
    reyes = await sign_in(cast.reyes)
    day = (await reyes.get("/clinic/day")).text
    assert calls(day) == ["waiting"] and "data-in-call" in day
    assert "Mira Lindqvist has been waiting" in (await reyes.get(f"/clinic/consult/{other.id}/around")).text
    # Nobody pressed Finish: that must not silence the rest of their day.
    clock.advance(hours=2)
    day = (await (await sign_in(cast.reyes)).get("/clinic/day")).text
    assert calls(day) == ["waiting"] and "data-in-call" not in day
    await tell_of_the_waiting(app)
    assert ("Dr. Ines Reyes", "email") in await written_to(database)


async def test_staff_are_written_to_once_first_the_clinician_then_the_desk(
    app, database, cast, clock, here, words, sign_in
) -> None:
    async with database.write() as tx:
        await accounts.set_phone(tx, account_id=cast.reyes, phone="303 555 0111", by="x", now=clock.now())
    clock.at = AT_TEN + timedelta(minutes=2, seconds=59)
    assert await tell_of_the_waiting(app) == 0
    clock.at = AT_TEN + timedelta(minutes=3)
    assert [await tell_of_the_waiting(app) for _ in range(2)] == [1, 0]
    assert await written_to(database) == [("Dr. Ines Reyes", "sms")]
    clock.at = AT_TEN + timedelta(minutes=8)
    assert [await tell_of_the_waiting(app) for _ in range(2)] == [1, 0]
    assert await written_to(database) == [("Dr. Ines Reyes", "sms"), ("Ada Quill", "email")]
    board = words((await (await sign_in(cast.ada)).get("/desk/today")).text)
    assert "psychiatrist messaged 10:03 AM" in board and "front desk messaged 10:08 AM" in board
    assert "Mira Lindqvist is waiting and nobody has seen it" in board


async def test_what_was_seen_is_written_about_to_nobody_who_saw_it(
    app, sign_in, database, cast, clock, here
) -> None:
    await (await sign_in(cast.reyes)).post(f"/clinic/consult/{here.id}/seen")
    clock.at = AT_TEN + timedelta(minutes=20)
    assert await tell_of_the_waiting(app) == 0
    assert await written_to(database) == []


async def test_a_task_that_was_taken_over_is_silent_and_stays_until_it_is_done_with_a_word(
    sign_in, database, cast, clock, booked, words
) -> None:
    async with database.write() as tx:
        task_id = await tasks.open_task(
            tx,
            kind=tasks.CALL_ME_INSTEAD,
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail="(720) 555-0188",
            by="patient",
            now=clock.now(),
        )
    ada = await sign_in(cast.ada)
    assert calls((await ada.get("/desk/today")).text) == ["task"]
    await ada.post(f"/desk/tasks/{task_id}/taking")
    board = (await ada.get("/desk/today/board")).text
    assert calls(board) == [] and "Ada Quill does it" in words(board)
    await ada.post(f"/desk/tasks/{task_id}/acknowledgement", note="Talked to her, she is fine")
    assert "Ada Quill does it" not in words((await ada.get("/desk/today/board")).text)
    detail = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "Wanted a call: done 9:00 AM, Ada Quill “Talked to her, she is fine”" in detail


async def test_a_task_is_given_to_a_colleague_for_whom_it_calls_until_its_time(
    app, sign_in, database, cast, clock, booked, words
) -> None:
    async with database.write() as tx:
        bela = await accounts.create(
            tx,
            name="Bela Ross",
            email="bela@harbor.example",
            roles=frozenset({"front-desk"}),
            password_hash=None,
            now=clock.now(),
        )
        task_id = await tasks.open_task(
            tx,
            kind=tasks.CALL_ME_INSTEAD,
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail=None,
            by="patient",
            now=clock.now(),
        )
    ada = await sign_in(cast.ada)
    assert (await ada.post(f"/desk/tasks/{task_id}/giving", colleague=cast.reyes)).status == 404
    assert (await ada.post(f"/desk/tasks/{task_id}/giving", colleague=bela)).status == 303
    board = (await ada.get("/desk/today/board")).text
    assert "for Bela Ross" in words(board) and calls(board) == ["task"]
    clock.advance(minutes=6)
    assert await escalate_overdue(app) == 1
    assert "for Bela Ross" not in words((await ada.get("/desk/today/board")).text)
    assert await written_to(database) == [], "an errand of the desk is no alarm for clinicians"


async def test_what_is_due_tomorrow_stands_there_without_a_sound(
    sign_in, database, cast, clock, booked
) -> None:
    async with database.write() as tx:
        await tasks.open_task(
            tx,
            kind=tasks.CONTACT_AGAIN,
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail="1",
            by=cast.ada,
            now=clock.now(),
            due_at=clock.now() + timedelta(hours=24),
        )
    page = (await (await sign_in(cast.ada)).get("/desk/today")).text
    assert "Try again to reach Mira Lindqvist" in page and calls(page) == []
    clock.advance(hours=23, minutes=40)
    assert calls((await (await sign_in(cast.ada)).get("/desk/today")).text) == ["task"]
