"""The first page: what is next, what is asked, and whether the course is on hold."""

import re
from datetime import timedelta

from server.services import appointments, safety
from tests.devices import let_in


async def test_with_nothing_planned_it_still_says_what_is_there(mira, words) -> None:
    read = words((await mira.get("/home/today")).text)
    for said in (
        "Hello Mira",
        "PHQ-9: mood",
        "GAD-7: worry",
        "None is booked.",
        "Write in my journal",
        "Something feels wrong",
        "Stop treatment",
    ):
        assert said in read
    assert "Session" not in read and "on hold" not in read


async def test_the_course_says_which_session_of_four_is_next_and_when(mira, plan, words) -> None:
    read = words((await mira.get("/home/today")).text)
    assert "Session 1 of 4" in read and "today" in read and "Session done" in read
    assert "Session 4, Mon, Jan 4" in read


async def test_a_session_that_is_not_due_cannot_be_done_yet(mira, plan, clock, words) -> None:
    await mira.post(f"/home/session/{plan.sessions[0].id}/done")
    read = words((await mira.get("/home/today")).text)
    assert "Session 2 of 4" in read and "in 14 days" in read and "Session done" not in read
    assert "Session 1, Mon, Nov 23: done" in read and "journal, not shared yet" in read


async def test_the_next_visit_stands_in_the_patients_own_time(mira, database, clock, cast, words) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    read = words((await mira.get("/home/today")).text)
    assert "11:00 AM your time (Denver)" in read and "With Dr. Ines Reyes" in read


async def test_a_hold_stands_there_with_who_is_told(mira, plan, database, clock, cast, words) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="something-wrong", event_id="e", now=clock.now())
    for path in ("/home/today", "/home/today/now"):
        read = words((await mira.get(path)).text)
        assert "Your treatment is on hold" in read and "Please take no tablet." in read
        assert "Dr. Ines Reyes is told." in read


async def test_nothing_of_it_is_tomas(tomas, plan, database, clock, cast, words) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="something-wrong", event_id="e", now=clock.now())
    read = words((await tomas.get("/home/today")).text)
    assert "Hello Tomas" in read and "on hold" not in read and "Session 1" not in read


async def test_it_follows_the_clinic(mira, clock) -> None:
    async with mira.client.get("/home/today/changes") as stream:
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readline() == b"data: connected\n"
        await mira.post("/home/stop", kind="patient-stop", event_id="e")
        assert await stream.content.readline() == b"\n"
        assert await stream.content.readline() == b"data: changed\n"


MARK = re.compile(r'<meta name="home" content="(\w+)">')


async def test_a_page_carries_the_mark_of_its_home_and_the_mark_names_nobody(
    mira, tomas, new_visitor, database, clock, cast
) -> None:
    """By it a phone knows whose press it kept: the same on all of one patient's devices, another for everybody else."""
    [mine] = MARK.findall((await mira.get("/home/today")).text)
    other = await let_in(await new_visitor(), database, cast.mira, now=clock.now())
    assert MARK.findall((await other.get("/home/devices")).text) == [mine]
    assert MARK.findall((await tomas.get("/home/today")).text) not in ([], [mine])
    assert cast.mira not in mine and len(mine) == 32


async def test_the_way_in_carries_none(new_visitor, database, clock, cast, token) -> None:
    on_the_way = await let_in(
        await new_visitor(), database, cast.mira, now=clock.now(), proven=True, remembered=False
    )
    for path in (f"/home/door/{token}", "/home/code", "/home/offline"):
        page = (await on_the_way.get(path)).text
        assert "stops.js" in page and MARK.findall(page) == [], path
