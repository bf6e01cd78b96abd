"""Today's board: who is here, who is late, what is free; for the front desk only."""

from datetime import timedelta

import pytest

from server.care import encounter as care
from server.care.encounter import Encounter
from server.services import appointments, tasks
from server.store import encounters
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock

AT_TEN = MONDAY_MORNING + timedelta(hours=1)


async def arrive(database: Database, visit: Encounter, clock: StoppedClock) -> None:
    async with database.write() as tx:
        before = await encounters.by_id(tx, visit.id)
        assert before is not None
        await encounters.save(tx, care.arrive(before, clock.now()))


async def test_the_board_has_a_column_per_clinician_and_the_visit_in_its_own(ada, booked) -> None:
    page = await ada.get("/desk/today")
    assert page.status == 200
    okafor, reyes = page.text.split('<section class="column"')[1:]
    assert ("Dr. Chidi Okafor" in okafor, "Mira Lindqvist" in okafor) == (True, False)
    assert ("Dr. Ines Reyes" in reyes, "Mira Lindqvist" in reyes, "10:00" in reyes) == (True, True, True)


async def test_the_region_is_called_today(ada, booked) -> None:
    assert 'aria-label="Today"' in (await ada.get("/desk/today")).text


async def test_who_waits_rises_to_the_top_with_since_when(ada, database, cast, clock, booked) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN - timedelta(minutes=45),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    before = (await ada.get("/desk/today/board")).text
    assert before.index("Tomas Brandt") < before.index("Mira Lindqvist")
    await arrive(database, booked, clock)
    clock.advance(minutes=4)
    after = (await ada.get("/desk/today/board")).text
    assert after.index("Mira Lindqvist") < after.index("Tomas Brandt")
    assert "Waiting 4 min" in after


@pytest.mark.parametrize(("late", "tint"), [(4, ""), (5, "wait"), (14, "wait"), (15, "alarm")])
async def test_somebody_missing_is_told_by_word_and_tint(
    sign_in, cast, clock, booked, late: int, tint: str
) -> None:
    clock.at = AT_TEN + timedelta(minutes=late)
    page = (await (await sign_in(cast.ada)).get("/desk/today/board")).text
    if tint:
        assert f'<li class="row late {tint}">' in page
        assert f"Not here yet, {late} min late" in page
    else:
        assert "Due now" in page


async def test_free_time_is_offered_where_it_is(ada, cast, booked) -> None:
    page = (await ada.get("/desk/today/board")).text
    assert f'value="{cast.dr_reyes}|2026-11-23T16:00Z"' in page, "before Mira, from now on"
    assert f'value="{cast.dr_reyes}|2026-11-23T17:45Z"' in page, "after Mira and the buffer"


async def test_an_alarm_stands_on_the_board_until_it_is_acknowledged(
    ada, database, cast, clock, booked
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
    page = (await ada.get("/desk/today")).text
    assert "Call Mira Lindqvist" in page and "(720) 555-0188" in page and "Acknowledge" in page
    answer = await ada.post(f"/desk/tasks/{task_id}/acknowledgement")
    assert (answer.status, answer.location) == (303, "/desk/today")
    assert "(720) 555-0188" not in (await ada.get("/desk/today/board")).text


async def test_another_day_is_one_click_away(ada, booked) -> None:
    page = await ada.get("/desk/today?day=2026-11-24")
    assert ("Tuesday, November 24, 2026" in page.text, "Mira Lindqvist" in page.text) == (True, False)


@pytest.mark.parametrize("day", ["", "yesterday", "2026-13-40", "'--", "0001-01-01", "9999-12-31"])
async def test_an_unreadable_day_is_today(ada, day: str) -> None:
    page = await ada.get("/desk/today", params={"day": day})
    assert (page.status, "Monday, November 23, 2026" in page.text) == (200, True)


async def test_a_change_is_announced_to_an_open_board(ada, database, cast, clock, booked) -> None:
    async with ada.client.get("/desk/today/changes") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readuntil(b"\n\n") == b"data: connected\n\n"
        await ada.post(f"/desk/visit/{booked.id}/check-in")
        assert await stream.content.readuntil(b"\n\n") == b"data: changed\n\n"


@pytest.mark.parametrize("path", ["/desk/today", "/desk/today/board", "/desk/today/changes"])
async def test_only_the_front_desk_sees_it(stranger, reyes, petra, path: str, booked) -> None:
    answers = [await who.get(path) for who in (stranger, reyes, petra)]
    assert [answer.status for answer in answers] == [303, 403, 403]
    assert not any("Mira" in answer.text for answer in answers)
