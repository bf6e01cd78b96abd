"""The whole programme: shown with its conflicts in both zones, booked whole or not at all, moved as one."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from scheduling.bookings import PractitionerId
from scheduling.find import Slot
from scheduling.protocol import Step
from scheduling.schedule import Absence
from scheduling.series import Conflict, NoSuchTime
from server.services import appointments, moving, practice_time, slot_holds, visit_types
from server.store import encounters, plans
from server.store.database import Database
from server.web.series_pages import NOTHING_NEAR, why_of
from tests.clocks import StoppedClock
from tests.conftest import Page, Visitor
from tests.people import Cast

FIRST = "2026-11-24"


def fields(page: Page) -> dict[str, str]:
    """What the page's form would post: every time it shows, and the first alternative of every conflict."""
    shown = dict(re.findall(r'name="(slot-[\w-]+)" value="([^"]+)"(?!\s+checked)', page.text))
    picked = dict(re.findall(r'name="(slot-[\w-]+)" value="([^"]+)"\s+checked', page.text))
    days = dict(re.findall(r'name="(day-[\w-]+)"[^>]*value="([^"]*)"', page.text))
    was = dict(re.findall(r'name="(was)" value="([^"]*)"', page.text))
    return shown | picked | days | was


@pytest.fixture
def programme(cast: Cast) -> str:
    return f"/clinic/series/{cast.tomas}"


async def booked(reyes: Visitor, programme: str) -> Page:
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    return await reyes.post(programme, step="save", anchor=FIRST, at="12:00", **fields(page))


async def visits(database: Database, cast: Cast) -> list[tuple[str, str, str]]:
    async with database.read() as tx:
        found = await encounters.of_patient(tx, cast.tomas)
    return [(each.visit_type, f"{each.planned_starts_at:%m-%d %H:%M}", each.status) for each in found]


async def session_days(database: Database, cast: Cast) -> list[date]:
    async with database.read() as tx:
        plan = await plans.active_of(tx, cast.tomas)
    return [each.planned_on for each in plan.sessions] if plan else []


async def test_every_date_is_shown_in_both_zones_before_anything_is_booked(
    reyes, database, cast, programme, words
) -> None:
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    read = words(page.text)
    assert page.status == 200 and await visits(database, cast) == []
    assert "12:00 PM patient (New York)" in read and "10:00 AM clinic (Denver)" in read
    assert read.index("First visit") < read.index("Session 1") < read.index("Session 4")
    assert "Tue, Nov 24" in read and "Refill review" in read


async def test_it_is_booked_whole_with_the_courses_days(reyes, database, cast, programme, words) -> None:
    answer = await booked(reyes, programme)
    assert (answer.status, answer.location) == (303, programme)
    made = await visits(database, cast)
    assert [kind for kind, _, _ in made] == [
        "intake",
        "post-session-review",
        "check-in",
        "check-in",
        "check-in",
        "refill-review",
    ]
    assert made[0][1] == "11-24 17:00"
    days = await session_days(database, cast)
    assert days[0] == date(2026, 12, 1) and [b - a for a, b in pairwise(days)] == [timedelta(days=14)] * 3
    assert "Move all that is ahead" in words((await reyes.get(programme)).text)


async def test_a_conflict_is_named_with_other_times_and_the_choice_is_booked(
    reyes, database, cast, clock, programme, words
) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    assert "That time is taken. Choose another one:" in words(page.text)
    answer = await reyes.post(programme, step="save", anchor=FIRST, at="12:00", **fields(page))
    assert answer.status == 303
    assert (await visits(database, cast))[0][1] != "11-24 17:00"


async def away(database, cast, clock, days: int) -> None:
    """Dr Reyes, from the programme's first day on."""
    first = date.fromisoformat(FIRST)
    span = {"first_on": first, "last_on": first + timedelta(days=days - 1)}
    leave = Absence.whole_days(**span, time_zone="America/Denver", reason="Leave")
    async with database.write() as tx:
        await practice_time.add_absence(
            tx, leave, practitioner_id=cast.dr_reyes, by=cast.petra, now=clock.now()
        )


async def test_a_conflict_without_a_time_that_day_names_the_next_ones(
    reyes, database, cast, clock, programme, words
) -> None:
    await away(database, cast, clock, days=14)
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    assert "Nothing is free around that day. The next free times:" in words(page.text)
    assert "nor soon after it" not in words(page.text)


async def test_a_conflict_without_a_time_that_day_nor_soon_after_promises_none(
    reyes, database, cast, clock, programme, words
) -> None:
    await away(database, cast, clock, days=60)
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    first = page.text.split('<li class="conflict">')[1].split("</li>")[0]
    assert "Nothing is free around that day, nor soon after it. Change its day." in words(first)
    assert 'type="radio"' not in first
    assert "Some steps have no time yet." in words(page.text)


def test_a_time_the_clock_leaves_out_asks_for_another_only_where_there_is_one() -> None:
    start = datetime(2027, 3, 14, 16, 0, tzinfo=UTC)
    other = Slot(starts_at=start, ends_at=start, practitioner_id=PractitionerId("a"))
    step = Step(key="intake", visit_type=None, day=0)
    found = Conflict(step=step, on=start.date(), reason=NoSuchTime)
    assert why_of(found) == NOTHING_NEAR
    assert "Choose another one" in why_of(replace(found, alternatives=(other,)))


async def test_one_time_taken_meanwhile_books_nothing_at_all(
    reyes, database, cast, clock, programme, words
) -> None:
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    shown = fields(page)
    at = datetime.strptime(shown["slot-check-in-4"].split("|")[1], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=at,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = await reyes.post(programme, step="save", anchor=FIRST, at="12:00", **shown)
    assert page.status == 409 and "so nothing was saved" in words(page.text)
    assert await visits(database, cast) == [] and await session_days(database, cast) == []


async def test_offsets_are_changed_before_it_is_saved_and_unfit_ones_are_refused(
    reyes, database, cast, programme, words
) -> None:
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00", **{"day-session-1": "40"})
    assert "on a later day than the one before" in words(page.text)
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00", **{"day-intake": ""})
    await reyes.post(programme, step="save", anchor=FIRST, at="12:00", **fields(page))
    assert (await visits(database, cast))[0][0] == "post-session-review"


async def test_all_that_is_ahead_moves_as_one_and_the_clock_on_the_wall_stays(
    reyes, sign_in, database, cast, clock: StoppedClock, programme
) -> None:
    await booked(reyes, programme)
    before, days = await visits(database, cast), await session_days(database, cast)
    clock.at = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
    reyes = await sign_in(cast.reyes)
    page = await reyes.post(f"{programme}/move", step="look", by="7")
    answer = await reyes.post(f"{programme}/move", step="save", by="7", **fields(page))
    assert answer.status == 303
    after = await visits(database, cast)
    assert after[0] == before[0], "what has begun stays"
    assert await session_days(database, cast) == [day + timedelta(days=7) for day in days]
    moved = [datetime.strptime(f"2026-{at}", "%Y-%m-%d %H:%M") for _, at, _ in after[1:4]]
    stood = [datetime.strptime(f"2026-{at}", "%Y-%m-%d %H:%M") for _, at, _ in before[1:4]]
    assert [one - other for one, other in zip(moved[:2], stood[:2], strict=True)] == [timedelta(days=7)] * 2


async def test_a_visit_moved_by_itself_stands_where_it_was_moved(
    reyes, database, cast, clock, programme, words
) -> None:
    await booked(reyes, programme)
    async with database.write() as tx:
        visit = (await encounters.of_patient(tx, cast.tomas))[1]
        later = visit.planned_starts_at + timedelta(hours=2)
        await moving.reschedule(
            tx,
            visit.id,
            starts_at=later,
            was_at=visit.planned_starts_at,
            by=cast.ada,
            now=clock.now(),
        )
    assert "2:00 PM patient (New York)" in words((await reyes.get(programme)).text)


async def test_time_that_is_kept_for_somebody_is_not_proposed(
    reyes, database, cast, clock, programme, words
) -> None:
    async with database.write() as tx:
        await slot_holds.keep(
            tx,
            hold_id="b" * 32,
            practitioner_id=cast.dr_reyes,
            visit_type="intake",
            starts_at=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
            held_by=cast.ada,
            now=clock.now(),
        )
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    assert "That time is taken. Choose another one:" in words(page.text)


async def test_a_kind_that_is_not_booked_any_more_stands_in_conflict_and_can_be_left_out(
    reyes, database, cast, clock, programme
) -> None:
    async with database.write() as tx:
        await visit_types.retire(tx, "refill-review", by=cast.petra, now=clock.now())
    assert (await booked(reyes, programme)).status == 409
    page = await reyes.post(programme, step="look", anchor=FIRST, at="12:00")
    without = fields(page) | {"day-refill-review": ""}
    answer = await reyes.post(programme, step="save", anchor=FIRST, at="12:00", **without)
    assert answer.status == 303 and len(await visits(database, cast)) == 5


async def test_the_rest_moves_although_one_visit_was_cancelled_and_one_is_somebody_elses(
    reyes, database, cast, clock, programme
) -> None:
    await booked(reyes, programme)
    async with database.write() as tx:
        mine = await encounters.of_patient(tx, cast.tomas)
        last = max(mine, key=lambda each: each.planned_starts_at)
        theirs = next(each for each in mine if each.visit_type == "post-session-review")
        await appointments.cancel(tx, last.id, reason="", by=cast.ada, now=clock.now())
        await moving.reassign(
            tx,
            theirs.id,
            to=cast.dr_okafor,
            was_with=cast.dr_reyes,
            reason="away",
            by=cast.ada,
            now=clock.now(),
        )
    before = await session_days(database, cast)
    page = await reyes.post(f"{programme}/move", step="look", by="7")
    answer = await reyes.post(f"{programme}/move", step="save", by="7", **fields(page))
    assert answer.status == 303
    assert await session_days(database, cast) == [day + timedelta(days=7) for day in before]
    async with database.read() as tx:
        moved = await encounters.by_id(tx, theirs.id)
    assert moved.practitioner_id == cast.dr_okafor
    assert moved.planned_starts_at == theirs.planned_starts_at + timedelta(days=7)


async def test_it_is_cancelled_as_one_with_a_reason(reyes, database, cast, programme, words) -> None:
    await booked(reyes, programme)
    assert (await reyes.post(f"{programme}/cancellation", reason=" ")).status == 422
    assert (await reyes.post(f"{programme}/cancellation", reason="moved away")).status == 303
    assert {status for _, _, status in await visits(database, cast)} == {"cancelled"}
    assert await session_days(database, cast) == []
    assert "Book all of this" in words((await reyes.get(programme)).text), "another one can be planned"
