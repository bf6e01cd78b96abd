"""Patients change or cancel by their link until the cut-off, which is said before and after; then by telephone."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.licences import Licence
from server.services import appointments, licences, moving, patients, wait_list
from server.store import encounters
from server.store import tasks as tasks_store
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import Visitor
from tests.people import MIRA_BORN, Cast

DAY_AFTER_TOMORROW = 50


@pytest.fixture
async def far(book, cast: Cast):  # type: ignore[no-untyped-def]
    """Mira's visit on Wednesday at eleven in Denver."""
    return await book(cast.mira, hours=DAY_AFTER_TOMORROW)


@pytest.fixture
async def mira(stranger: Visitor, far):  # type: ignore[no-untyped-def]
    """Came through the link and gave her date of birth."""
    encounter, token = far
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{encounter.id}", date_of_birth=MIRA_BORN.isoformat())
    return stranger


async def visit(database: Database, far):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        return await encounters.by_id(tx, far[0].id)


async def test_the_cut_off_is_said_before_in_the_patients_own_time(mira, far, words) -> None:
    read = words((await mira.get(f"/visit/change/{far[0].id}")).text)
    assert "until Tue, Nov 24, 11:00 PM your time. After that call us: (303) 555-0100" in read


async def test_another_time_with_the_same_clinician(mira, far, database, cast, words) -> None:
    page = await mira.get(f"/visit/change/{far[0].id}")
    times = re.findall(r'name="chosen" value="([^"]+)"', page.text)
    assert times and {each.split("|")[0] for each in times} == {cast.dr_reyes}
    was = re.search(r'name="was" value="([^"]+)"', page.text)[1]
    answer = await mira.post(f"/visit/change/{far[0].id}/time", chosen=times[3], was=was)
    assert answer.status == 303
    moved = await visit(database, far)
    assert f"{moved.planned_starts_at:%Y-%m-%dT%H:%MZ}" == times[3].split("|")[1]
    assert moved.practitioner_id == cast.dr_reyes


async def test_only_what_can_be_booked_for_this_patient_is_offered(mira, far, book, database, cast) -> None:
    """Not while they see somebody else, and not on a day without a licence where they live."""
    other, _ = await book(cast.mira, hours=DAY_AFTER_TOMORROW + 2, sees=cast.dr_okafor)
    ends_on = other.planned_starts_at.date()
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, by=cast.ada, now=MONDAY_MORNING, state="CO")
        licence = Licence(state="CO", first_on=date(2026, 1, 1), last_on=ends_on)
        await licences.add(tx, cast.dr_reyes, licence, number="1", by=cast.petra, now=MONDAY_MORNING)
    page = await mira.get(f"/visit/change/{far[0].id}")
    times = re.findall(r'name="chosen" value="[^|]+\|([^"]+)"', page.text)
    midnight = "2026-11-26T07:00Z"
    assert times and max(times) < midnight
    assert f"{other.planned_starts_at:%Y-%m-%dT%H:%MZ}" not in times


async def test_a_time_that_was_taken_meanwhile_is_refused_with_other_times(
    mira, far, database, cast, words
) -> None:
    page = await mira.get(f"/visit/change/{far[0].id}")
    times = re.findall(r'name="chosen" value="([^"]+)"', page.text)
    was = re.search(r'name="was" value="([^"]+)"', page.text)[1]
    taken = times[3]
    async with database.write() as tx:
        await book_in(tx, cast, taken)
    page = await mira.post(f"/visit/change/{far[0].id}/time", chosen=taken, was=was)
    assert page.status == 409 and "just taken" in words(page.text) and 'name="chosen"' in page.text
    assert (await visit(database, far)).planned_starts_at == far[0].planned_starts_at


async def book_in(tx, cast, choice):  # type: ignore[no-untyped-def]
    at = datetime.strptime(choice.split("|")[1], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    return await appointments.book(
        tx,
        patient_id=cast.tomas,
        practitioner_id=cast.dr_reyes,
        visit_type="check-in",
        starts_at=at,
        mode="video",
        booked_by=cast.ada,
        now=MONDAY_MORNING,
    )


async def test_cancelling_gives_the_time_back(mira, far, database, words) -> None:
    answer = await mira.post(f"/visit/change/{far[0].id}/cancellation", reason="")
    assert answer.status == 303
    assert (await visit(database, far)).status == "cancelled"
    assert "This visit was cancelled" in words((await mira.get(answer.location)).text)


async def test_after_the_cut_off_nothing_changes_here_and_the_number_is_there(
    mira, far, database, clock: StoppedClock, words
) -> None:
    clock.at = far[0].planned_starts_at - timedelta(hours=12)
    page = await mira.get(f"/visit/change/{far[0].id}")
    assert "Cancel my visit" in words(page.text), "at the very moment it still goes"
    was = re.search(r'name="was" value="([^"]+)"', page.text)[1]
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page.text)[0]
    clock.advance(seconds=1)
    read = words((await mira.get(f"/visit/change/{far[0].id}")).text)
    assert "It could be changed here until Tue, Nov 24, 11:00 PM your time. Now please call us" in read
    assert "Cancel my visit" not in read
    for path, fields in (("time", {"chosen": chosen, "was": was}), ("cancellation", {})):
        page = await mira.post(f"/visit/change/{far[0].id}/{path}", **fields)
        assert page.status == 409 and "too close to your visit" in words(page.text)
    assert await visit(database, far) == far[0]


async def test_no_to_whoever_stands_in_is_a_task_and_the_visit_stands(
    mira, far, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        await moving.reassign(
            tx,
            far[0].id,
            to=cast.dr_okafor,
            was_with=cast.dr_reyes,
            reason="ill",
            by=cast.ada,
            now=clock.now(),
        )
    read = words((await mira.get(f"/visit/change/{far[0].id}")).text)
    assert "Dr. Chidi Okafor sees you in place of Dr. Ines Reyes." in read
    answer = await mira.post(f"/visit/change/{far[0].id}/clinician")
    assert "We will call you about it." in words((await mira.get(answer.location)).text)
    async with database.read() as tx:
        opened = [each.kind for each in await tasks_store.of_encounter(tx, far[0].id)]
    assert opened == ["declined-clinician"]
    assert (await visit(database, far)).status == "planned"


async def test_with_their_own_clinician_there_is_nobody_to_decline(mira, far, database) -> None:
    assert (await mira.post(f"/visit/change/{far[0].id}/clinician")).status == 303
    async with database.read() as tx:
        assert await tasks_store.of_encounter(tx, far[0].id) == []


async def test_something_earlier_is_asked_for_and_no_longer_without_touching_the_visit(
    mira, far, database, words
) -> None:
    before = await visit(database, far)
    page = await mira.get(f"/visit/change/{far[0].id}")
    assert "Tell me if something earlier becomes free" in words(page.text)
    for _ in range(2):
        assert (await mira.post(f"/visit/change/{far[0].id}/earlier")).status == 303
    async with database.read() as tx:
        [waiting] = await wait_list.everybody(tx, now=MONDAY_MORNING)
    assert (waiting.place.encounter_id, waiting.place.asked_by) == (far[0].id, "patient")
    assert "We send you a message" in words((await mira.get(f"/visit/change/{far[0].id}")).text)
    await mira.post(f"/visit/change/{far[0].id}/earlier", leave="yes")
    async with database.read() as tx:
        assert await wait_list.everybody(tx, now=MONDAY_MORNING) == []
    assert await visit(database, far) == before
