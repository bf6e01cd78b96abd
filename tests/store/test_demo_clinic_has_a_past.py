"""The invented clinic has eight patients, each at another point of the course, whenever it is filled."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select

from server.care.access import CLINICIAN
from server.demo import clinic
from server.demo.clinic import Ready
from server.demo.people import PATIENTS
from server.demo.run import facts_of
from server.services import accounts, home, journals, safety, tasks
from server.store import audit, measures, notes, outbox, plans
from server.store.database import Database
from server.store.sealing import MasterKey
from server.store.tables import metadata
from server.store.tables.columns import UtcDateTime
from server.web.demo_doors import DemoDoors
from tests.builders import house_config
from tests.clocks import MONDAY_MORNING
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What the calendar holds may lie ahead, and nothing else.
MAY_BE_AHEAD = {"planned_starts_at", "planned_ends_at", "starts_at", "ends_at", "busy_from", "busy_until"} | {
    *("held_from", "held_until", "expires_at", "due_at"),
}
# Sunday just after midnight in New York, when it is still Saturday evening in Denver; every day after it at that hour.
MIDNIGHT = datetime(2026, 11, 22, 5, 10, tzinfo=UTC)
DAYS = [
    MONDAY_MORNING,
    *(MIDNIGHT + timedelta(days=day) for day in range(7)),
    datetime(2027, 3, 15, 3, tzinfo=UTC),
]
# Just before otto's visit with Dr Reyes, in the night, in Dr Marin's leave, on the day the clinic is closed; and
# when some of the licences have ended.
AGAIN = [
    timedelta(days=1, minutes=50),
    timedelta(days=2, hours=14),
    timedelta(days=7),
    timedelta(days=40),
    timedelta(days=500),
]


async def opened(databases: Databases, name: str) -> Database:
    return await Database.open(databases.another("empty", name), MasterKey.of(b"demo" * 8))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def filled(databases: Databases) -> AsyncIterator[tuple[Database, Ready]]:
    """Filled once, on a Monday morning; the tests here only look."""
    database = await opened(databases, "filled")
    yield database, await clinic.prepare(database, now=MONDAY_MORNING)
    await database.close()


async def everything(database: Database) -> dict[str, list[Any]]:
    async with database.read() as tx:
        return {
            table.name: sorted(tuple(row) for row in await tx.all(select(table)))
            for table in metadata.sorted_tables
        }


async def test_each_patient_is_at_another_point_of_the_course(filled: tuple[Database, Ready]) -> None:
    database, ready = filled
    async with database.read() as tx:
        found = {}
        for key, patient_id in ready.known.patients.items():
            found[key] = [(plan.status, len(plan.done)) for plan in await plans.of_patient(tx, patient_id)]
    assert found == {
        "mira": [("active", 2)],
        "robin": [],
        "otto": [("active", 1)],
        "juniper": [("active", 0)],
        "basil": [("active", 3)],
        "paloma": [("active", 0)],
        "cosmo": [("active", 1)],
        "pearl": [("completed", 4)],
    }


async def test_one_hold_is_open_and_it_is_ottos(filled: tuple[Database, Ready]) -> None:
    database, ready = filled
    async with database.read() as tx:
        held = await safety.everybody_on_hold(tx)
        reyes = await accounts.staff_of(tx, ready.known.accounts["reyes"])
        waiting = await tasks.open_tasks(tx, staff=reyes)
        assert await tasks.overdue_with_owner(tx, now=MONDAY_MORNING) == [], "it would be mailed about today"
    [(patient_id, on_hold)] = held.items()
    [hold] = on_hold.holds
    assert patient_id == ready.known.patients["otto"]
    assert (hold.kind, hold.opened_by) == ("something-wrong", "patient")
    assert hold.words and "162 over 101" in hold.words
    assert [(task.kind, task.patient_id, task.owner_role) for task in waiting] == [
        ("something-wrong", patient_id, CLINICIAN)
    ]


async def test_cosmos_answer_to_item_9_was_taken_rung_about_and_lifted(
    filled: tuple[Database, Ready],
) -> None:
    database, ready = filled
    cosmo, okafor = ready.known.patients["cosmo"], ready.known.accounts["okafor"]
    async with database.read() as tx:
        [hold] = await safety.of_patient(tx, cosmo)
        written = [note for note in await notes.of_patient(tx, cosmo) if note.encounter_id is None]
        [plan] = await plans.of_patient(tx, cosmo)
    [note] = written
    assert (hold.kind, hold.level, hold.lifted_by) == ("self-harm", 1, okafor)
    assert hold.lifted_at and hold.lift_reason
    assert note.signed_at and hold.opened_at < note.signed_at < hold.lifted_at
    assert all(hold.lifted_at < done_at for done_at in plan.done.values())


async def test_the_measures_fall_as_the_notes_say(filled: tuple[Database, Ready]) -> None:
    database, ready = filled
    async with database.read() as tx:
        totals = {
            key: [
                each.score.total
                for each in await measures.of_patient(tx, patient_id)
                if each.instrument == "phq-9" and each.completed_at
            ]
            for key, patient_id in ready.known.patients.items()
        }
    assert totals == {
        "mira": [16, 9],
        "robin": [],
        "otto": [11],
        "juniper": [15],
        "basil": [21, 20, 15, 11, 7, 5],
        "paloma": [8],
        "cosmo": [14, 15, 10],
        "pearl": [17, 10, 6, 4],
    }


async def test_journals_are_shared_kept_and_written_anew(filled: tuple[Database, Ready]) -> None:
    """(after a session, versions, shared versions), newest first."""
    database, ready = filled
    async with database.read() as tx:
        found = {
            key: [
                (entry.session_id is not None, len(entry.versions), len(entry.shared))
                for entry in await journals.all_of(tx, patient_id)
            ]
            for key, patient_id in ready.known.patients.items()
        }
    after_session, kept = (True, 1, 1), (False, 1, 0)
    assert found == {
        "mira": [kept, after_session, after_session],
        "robin": [],
        "otto": [(True, 1, 0)],
        "juniper": [],
        "basil": [after_session] * 3,
        "paloma": [(False, 1, 1)],
        "cosmo": [after_session],
        "pearl": [after_session, after_session, (True, 2, 2), after_session],
    }


async def test_no_letter_about_the_past_goes_out(filled: tuple[Database, Ready]) -> None:
    database, _ = filled
    async with database.read() as tx:
        due = {row.id for row in await outbox.due(tx, now=MONDAY_MORNING, limit=1000)}
        rows = await tx.all(select(metadata.tables["outbox"]))
    waiting = [row for row in rows if row.id in due]
    assert {row.created_at for row in waiting} == {MONDAY_MORNING}
    kinds = [row.kind for row in waiting]
    # The programme's visits each, and all of its dates once.
    assert kinds.count("booked") == len(clinic.TODAY) + len(clinic.COMING) + 6
    assert kinds.count("programme") == len(kinds) - kinds.count("booked") == 1
    assert {row.sent_at for row in rows} == {None}


async def test_starting_again_changes_nothing(filled: tuple[Database, Ready]) -> None:
    database, ready = filled
    before = await everything(database)
    again = await clinic.prepare(database, now=MONDAY_MORNING + timedelta(minutes=2))
    assert again == ready
    assert await everything(database) == before


async def test_the_facts_lead_to_miras_own_pages(filled: tuple[Database, Ready], tmp_path: Path) -> None:
    database, ready = filled
    config = house_config(port=8080, data=tmp_path)
    facts = facts_of(config, ready, DemoDoors(mail_folder=tmp_path), None)
    assert set(facts) == {
        "base_url",
        "desk_url",
        "clinic_url",
        "okafor_url",
        "admin_url",
        "visit_url",
        "visit_id",
        "patient_date_of_birth",
        "robot_visit_id",
        "home_url",
        "book_url",
    }
    address, _, token = facts["home_url"].rpartition("/")
    assert address == f"{config.base_url}/home/door"
    async with database.read() as tx:
        link = await home.find_link(tx, token)
    assert link.patient_id == ready.known.patients["mira"]


@pytest.mark.parametrize("now", DAYS, ids=[f"{day:%a %d %b %H:%M}" for day in DAYS])
async def test_whenever_it_is_filled_the_past_is_past_and_agrees_with_itself(
    now: datetime, databases: Databases
) -> None:
    database = await opened(databases, "filled_on_a_day")
    ready = await clinic.prepare(database, now=now)
    assert await ahead_of(database, now) == []
    async with database.read() as tx:
        trail = [row.at for row in reversed(await audit.newest(tx, limit=10_000))]
        assert trail == sorted(trail)
        for guest in PATIENTS:
            patient_id = ready.known.patients[guest.key]
            done = [at for plan in await plans.of_patient(tx, patient_id) for at in plan.done.values()]
            assert all(18 <= at.astimezone(ZoneInfo(guest.zone)).hour < 22 for at in done)
            for note in await notes.of_patient(tx, patient_id):
                held = len([at for at in done if at < note.created_at])
                # Of the four tablets one was taken a session.
                assert note.body.get("tablets", "")[:1] in ("", "P", str(4 - held)), guest.key
            for entry in await journals.all_of(tx, patient_id):
                if entry.session_id and entry.newest.written:
                    after = entry.versions[0].saved_at - entry.begun_at
                    assert timedelta(hours=1) <= after <= timedelta(hours=2)
    await database.close()


@pytest.mark.long
async def test_it_starts_again_on_any_later_day(databases: Databases) -> None:
    """Also where what was booked for that day, leave or a closure is in the way."""
    database = await opened(databases, "started_again")
    await clinic.prepare(database, now=MONDAY_MORNING)
    for later in AGAIN:
        now = MONDAY_MORNING + later
        ready = await clinic.prepare(database, now=now)
        assert ready.visit.planned_ends_at > now
        assert ready.visit.planned_starts_at < now + clinic.OPEN_AFTER
    await database.close()


async def ahead_of(database: Database, now: datetime) -> list[str]:
    found = []
    async with database.read() as tx:
        for table in metadata.sorted_tables:
            names = {column.name for column in table.columns if isinstance(column.type, UtcDateTime)}
            for row in await tx.all(select(table)):
                late = [name for name in names if (at := row._mapping[name]) is not None and at > now]
                found += [f"{table.name}.{name}" for name in late]
    return sorted({name for name in found if name.split(".")[1] not in MAY_BE_AHEAD})
