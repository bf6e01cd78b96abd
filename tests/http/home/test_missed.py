"""What a patient has not done: two letters, then the front desk, then their clinician; and nothing while on hold."""

from datetime import timedelta

import pytest

from server.care.access import Staff
from server.care.home import WRONG_DATES
from server.jobs.missed import follow_everybody
from server.services import accounts, appointments, no_shows, plans, safety, tasks
from server.store import home as doors


@pytest.fixture
def happened(database, queued):
    """`await happened()`: (letters, the desk's tasks, the clinicians' tasks), as far as they are about this."""

    async def read() -> tuple[int, int, int]:
        counted = []
        for role, kind in (("front-desk", "missed"), ("clinician", "no-answer")):
            async with database.read() as tx:
                who = Staff(account_id="x", name="x", roles=frozenset({role}))
                counted.append([task.kind for task in await tasks.open_tasks(tx, staff=who)].count(kind))
        return [kind for kind, _ in await queued()].count("questions"), *counted

    return read


async def test_a_missed_session_is_two_letters_then_the_desks_then_the_clinicians(
    app, plan, clock, happened
) -> None:
    steps = []
    for _ in range(6):
        for _ in range(2):
            await follow_everybody(app)
        steps.append(await happened())
        clock.advance(days=1)
    assert steps == [(0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 1), (2, 1, 1)]


async def test_what_was_done_meanwhile_leaves_the_lists(app, database, cast, plan, clock, happened) -> None:
    clock.advance(days=3)
    await follow_everybody(app)
    assert await happened() == (0, 1, 0)
    async with database.write() as tx:
        await plans.finish_session(tx, patient_id=cast.mira, session_id=plan.sessions[0].id, now=clock.now())
    await follow_everybody(app)
    assert await happened() == (0, 0, 0)


async def test_an_entry_that_was_not_shared_is_missed_two_days_after_its_session(
    app, database, cast, plan, clock, happened
) -> None:
    async with database.write() as tx:
        await plans.finish_session(tx, patient_id=cast.mira, session_id=plan.sessions[0].id, now=clock.now())
    clock.advance(days=1)
    await follow_everybody(app)
    assert await happened() == (0, 0, 0)
    clock.advance(days=1)
    await follow_everybody(app)
    assert await happened() == (1, 0, 0)


async def test_after_days_without_a_server_the_desk_still_comes_before_the_clinician(
    app, plan, clock, happened
) -> None:
    clock.advance(days=9)
    assert [await follow_everybody(app) for _ in range(3)] == [1, 0, 0]
    assert await happened() == (0, 1, 0)
    clock.advance(days=1)
    assert [await follow_everybody(app) for _ in range(3)] == [1, 0, 0]
    assert await happened() == (0, 1, 1)


async def test_nobody_is_followed_up_while_on_hold_or_at_night(
    app, database, cast, plan, clock, happened
) -> None:
    clock.advance(days=3, hours=14)
    assert await follow_everybody(app) == 0, "it is eleven at night there"
    clock.advance(hours=10)
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="unusual", event_id="e", now=clock.now())
    assert await follow_everybody(app) == 0
    assert await happened() == (0, 0, 0)


async def test_a_session_that_was_moved_and_is_missed_again_is_the_desks_again(
    app, database, cast, dr_reyes, plan, clock, happened
) -> None:
    clock.advance(days=3)
    await follow_everybody(app)
    assert await happened() == (0, 1, 0)
    days = [each.planned_on + timedelta(days=7) for each in plan.sessions]
    async with database.write() as tx:
        await plans.move(tx, patient_id=cast.mira, days=days, by=dr_reyes, now=clock.now())
    await follow_everybody(app)
    assert await happened() == (0, 0, 0)
    clock.advance(days=7)
    await follow_everybody(app)
    assert await happened() == (0, 1, 0)


async def test_a_link_closed_by_wrong_dates_is_not_opened_by_this_letter_either(
    app, database, cast, plan, token, clock, happened
) -> None:
    async with database.write() as tx:
        link = await doors.newest_link(tx, cast.mira)
        for _ in range(WRONG_DATES):
            await doors.count_wrong_date(tx, link.id)
    clock.advance(days=1)
    await follow_everybody(app)
    assert await happened() == (0, 0, 0)
    async with database.read() as tx:
        assert (await doors.newest_link(tx, cast.mira)).version == link.version


@pytest.fixture
async def missed_visit(database, cast, clock, plan):
    """Mira's check-in this morning, to which she did not come by the desk's word."""
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    clock.advance(hours=2)
    async with database.write() as tx:
        ada = await accounts.staff_of(tx, cast.ada)
        before = await appointments.visit(tx, visit.id)
        now = clock.now()
        await no_shows.decide(tx, before, outcome="rang", words="", by=ada, day_ends=now, now=now)
    return visit


@pytest.fixture
def of_the_visit(database, queued, missed_visit):
    """`await of_the_visit()`: (letters about it, the desk's tasks, the clinicians' tasks)."""

    async def read() -> tuple[int, int, int]:
        counted = []
        async with database.read() as tx:
            for role, kind in (("front-desk", "missed"), ("clinician", "no-answer")):
                who = Staff(account_id="x", name="x", roles=frozenset({role}))
                found = await tasks.open_tasks(tx, staff=who)
                counted.append(sum((t.kind, t.encounter_id) == (kind, missed_visit.id) for t in found))
        return [kind for kind, _ in await queued()].count("missed_visit"), *counted

    return read


async def test_a_missed_visit_is_two_letters_then_the_desks_then_the_clinicians(
    app, clock, of_the_visit
) -> None:
    steps = []
    for _ in range(6):
        for _ in range(2):
            await follow_everybody(app)
        steps.append(await of_the_visit())
        clock.advance(days=1)
    assert steps == [(0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 1), (2, 1, 1)]


async def test_a_new_time_takes_it_off_the_lists_and_nobody_is_written_to_any_more(
    app, database, cast, clock, of_the_visit
) -> None:
    clock.advance(days=3)
    await follow_everybody(app)
    assert await of_the_visit() == (0, 1, 0)
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(days=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    await follow_everybody(app)
    assert await of_the_visit() == (0, 0, 0)


async def test_one_that_was_missed_long_ago_is_nobodys_news(app, clock, of_the_visit) -> None:
    clock.advance(days=15)
    await follow_everybody(app)
    assert await of_the_visit() == (0, 0, 0)
