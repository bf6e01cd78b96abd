"""Today's board: who is here, who is late, what is free; for the front desk only."""

import re
from datetime import timedelta

import pytest

from server.care import encounter as care
from server.care.encounter import Encounter, PresenceEvent
from server.services import appointments, tasks
from server.store import encounters, links, presence
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


async def test_a_guest_who_waits_is_told_to_the_desk_and_to_the_clinician(
    ada, reyes, database, cast, clock, booked, words
) -> None:
    lists = (ada, "/desk/today"), (reyes, "/clinic/day")

    async def happens(kind: str, seat: str = "interpreter-1") -> list[bool]:
        clock.advance(seconds=1)
        async with database.write() as tx:
            event = PresenceEvent(seat=seat, kind=kind, at=clock.now())
            await presence.append(tx, encounter_id=booked.id, event=event)
        return ["Interpreter is waiting" in words((await who.get(path)).text) for who, path in lists]

    assert await happens("joined") == [True, True]
    assert await happens("admitted") == [False, False]
    assert await happens("left") == [False, False]


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


async def test_who_stops_after_continue_is_on_the_board_and_not_who_looked_days_before(
    ada, new_visitor, database, clock, booked
) -> None:
    said = "Opened the link at"
    async with database.write() as tx:
        token = await links.create(tx, encounter_id=booked.id, seat="patient", version=2, now=clock.now())
    clock.advance(minutes=-1)
    await (await new_visitor()).post(f"/visit/join/{token}")
    assert said not in (await ada.get("/desk/today/board")).text
    clock.advance(minutes=2)
    await (await new_visitor()).post(f"/visit/join/{token}")
    board = (await ada.get("/desk/today/board")).text
    card = (await ada.get(f"/desk/visit/{booked.id}/card")).text
    for page in (board, card):
        assert f"{said} 9:01 AM, not in the waiting room yet" in page.replace("\u202f", " ")
    await arrive(database, booked, clock)
    clock.advance(minutes=1)
    assert said not in (await ada.get("/desk/today/board")).text


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
    assert "Call Mira Lindqvist" in page and "(720) 555-0188" in page and "Done" in page
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


def number_of(page: str) -> str:
    [number] = re.findall(r'data-number="([\w-]+)"', page)
    return str(number)


async def test_a_change_is_announced_to_an_open_board_with_its_number(ada, booked) -> None:
    before = number_of((await ada.get("/desk/today")).text)
    async with ada.client.get("/desk/today/changes") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readuntil(b"\n\n") == f"data: connected {before}\n\n".encode()
        await ada.post(f"/desk/visit/{booked.id}/check-in")
        said = await stream.content.readuntil(b"\n\n")
    after = number_of((await ada.get("/desk/today/board")).text)
    assert after != before
    assert said == f"data: changed {after}\n\n".encode()


async def test_a_page_that_comes_back_is_told_whether_it_missed_something(ada, clock, booked) -> None:
    seen = number_of((await ada.get("/desk/today")).text)
    await ada.post(f"/desk/visit/{booked.id}/check-in")
    async with ada.client.get("/desk/today/changes") as stream:
        said = await stream.content.readuntil(b"\n\n")
    assert said.startswith(b"data: connected ") and seen.encode() not in said


async def test_two_desks_that_show_the_same_number_show_the_same(sign_in, cast, clock, booked) -> None:
    desks = [await sign_in(cast.ada) for _ in range(2)]
    for _ in range(3):
        pages = [(await desk.get("/desk/today/board")).text for desk in desks]
        shown = [re.sub(r'name="csrf" value="\w+"', "", page) for page in pages]
        assert shown[0] == shown[1]
        assert 'value="form-token' not in pages[0], "each has a form token of its own"
        clock.advance(seconds=40)


async def test_the_same_number_is_never_given_for_another_day_or_language(ada, booked) -> None:
    asked = ["", "?day=2026-11-24", "?lang=es", "?day=2026-11-24&lang=es"]
    numbers = [number_of((await ada.get(f"/desk/today/board{each}")).text) for each in asked]
    assert len({*numbers}) == 4


async def test_minutes_that_pass_are_another_snapshot_and_seconds_are_not(ada, clock, booked) -> None:
    clock.advance(seconds=5)
    await ada.post(f"/desk/visit/{booked.id}/check-in")
    first = number_of((await ada.get("/desk/today/board")).text)
    clock.advance(seconds=20)
    assert number_of((await ada.get("/desk/today/board")).text) == first
    clock.advance(seconds=45)
    assert number_of((await ada.get("/desk/today/board")).text) != first


async def test_the_opened_visit_is_marked_for_its_own_reader_only(sign_in, cast, booked) -> None:
    reader, other = await sign_in(cast.ada), await sign_in(cast.ada)
    mark = f'id="visit-{booked.id}" aria-current="true"'
    assert mark in (await reader.get(f"/desk/visit/{booked.id}")).text
    assert mark in (await reader.get(f"/desk/today/board?visit={booked.id}")).text
    assert "aria-current" not in (await other.get("/desk/today/board")).text
    assert "aria-current" not in (await other.get('/desk/today/board?visit=x" class="')).text


@pytest.mark.parametrize("path", ["/desk/today", "/desk/today/board", "/desk/today/changes"])
async def test_only_the_front_desk_sees_it(stranger, reyes, petra, path: str, booked) -> None:
    answers = [await who.get(path) for who in (stranger, reyes, petra)]
    assert [answer.status for answer in answers] == [303, 403, 403]
    assert not any("Mira" in answer.text for answer in answers)
