"""The schema's history leads to the tables the code knows, with every constraint in the database itself."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.store.migrations import HERE, migrate
from server.store.tables import metadata
from tests.databases import Databases

pytestmark = pytest.mark.both_databases

# What makes up a trigger, by the database's own account.
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    " UNION ALL SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'bedside_%'"
    " UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'",
}
HOW_MANY = {"sqlite": 21, "postgresql": 25}
# An exclusion brings an index along, which Alembic cannot tell from one of its own.
OF_EXCLUSIONS = {"slot_taken", "patient_busy", "slot_taken_by_hold"}
Told = Callable[[Connection], Any]


def told(url: str, ask: Told) -> Any:
    """What `ask` finds in the database, which is committed."""

    async def run() -> Any:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            found = await connection.run_sync(ask)
        await engine.dispose()
        return found

    return asyncio.run(run())


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in told(url, lambda connection: connection.execute(text(statement)).all())]


def objects(databases: Databases, url: str) -> set[tuple[str, str]]:
    return {(name, " ".join(sql.split())) for name, sql in rows(url, TRIGGERS[databases.kind])}


@pytest.fixture
def nothing(databases: Databases) -> str:
    """The address of a database without a table."""
    return databases.blank("nothing")


def test_migrating_an_empty_database_gives_the_tables_the_code_knows(databases: Databases):
    def differences(connection: Connection) -> list[Any]:
        options = {"include_name": lambda name, kind, _: not (kind == "index" and name in OF_EXCLUSIONS)}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert told(databases.another("empty", "migrated"), differences) == []


def test_migrating_gives_the_same_guards_as_the_tables_declare(databases: Databases, nothing: str):
    told(nothing, metadata.create_all)

    declared = objects(databases, nothing)

    assert objects(databases, databases.another("empty", "migrated")) == declared
    assert len(declared) == HOW_MANY[databases.kind]


@pytest.fixture
def older(nothing: str) -> str:
    """A clinic from before every press had a row of its own, with one hold."""
    migrate_to(nothing, "0003")
    told(nothing, put_hold)
    return nothing


def put_hold(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO patients (id, name, date_of_birth, time_zone, language, created_at, version) VALUES"
            " ('mira', '', '', 'America/Denver', 'en', '2026-11-23 16:00:00', 1)"
        )
    )
    connection.execute(
        text(
            "INSERT INTO holds (id, patient_id, kind, opened_by, opened_at, pressed_at, event_id) VALUES"
            " ('h', 'mira', 'patient-stop', 'patient', '2026-11-23 16:05:00', '2026-11-23 16:00:00', 'e')"
        )
    )


def test_a_hold_from_before_every_press_had_a_row_keeps_its_press(older: str):
    migrate(older)

    found = rows(older, "SELECT id, hold_id, patient_id, pressed_at, received_at FROM hold_events")
    assert [tuple(map(str, row)) for row in found] == [
        ("e", "h", "mira", "2026-11-23 16:00:00", "2026-11-23 16:05:00")
    ]
    assert rows(older, "SELECT kind FROM holds") == [("patient-stop",)]


def test_going_back_loses_no_press(older: str):
    migrate(older)

    migrate_to(older, "0003", down=True)

    assert rows(older, "SELECT event_id FROM holds") == [("e",)]


def put_clinic(connection: Connection) -> None:
    """Somebody of every kind that 0007 and 0008 add to, and a visit that is booked."""
    at = "'2026-11-23 16:00:00'"
    for statement in (
        f"accounts (id, name, email, created_at) VALUES ('reyes', 'Ines', 'reyes@harbor.example', {at})",
        "practitioners (id, account_id, name, time_zone) VALUES ('dr', 'reyes', 'Ines', 'America/Denver')",
        "visit_types (id, name, minutes, buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes,"
        " preparation) VALUES ('check-in', 'Check-in', 30, 0, 10, 0, '')",
        "appointments (id, patient_id, practitioner_id, visit_type, starts_at, ends_at, busy_from, busy_until,"
        " status, version, mode, booked_by, created_at) VALUES ('a', 'mira', 'dr', 'check-in',"
        " '2026-11-24 17:00:00', '2026-11-24 17:30:00', '2026-11-24 17:00:00', '2026-11-24 17:40:00',"
        f" 'booked', 1, 'video', 'reyes', {at})",
        "tasks (id, kind, patient_id, owner_role, created_at, due_at)"
        f" VALUES ('t', 'contact-again', 'mira', 'front-desk', {at}, {at})",
    ):
        connection.execute(text(f"INSERT INTO {statement}"))


def test_a_clinic_that_runs_keeps_its_visits_and_books_as_before(nothing: str):
    migrate_to(nothing, "0003")
    told(nothing, put_hold)
    migrate_to(nothing, "0006")
    told(nothing, put_clinic)

    migrate(nothing)

    assert rows(nothing, "SELECT id, status, overbook_reason FROM appointments") == [("a", "booked", None)]
    assert rows(nothing, "SELECT language FROM practitioner_languages") == [("en",)]
    assert rows(nothing, "SELECT horizon_minutes, retired_at, cut_off_minutes FROM visit_types") == [
        (None, None, 720)
    ]
    assert rows(nothing, "SELECT id, subject_id FROM tasks") == [("t", None)]
    assert rows(nothing, "SELECT state, interpreter_language FROM patients") == [(None, None)]

    migrate_to(nothing, "0006", down=True)

    assert rows(nothing, "SELECT id, status FROM appointments") == [("a", "booked")]


def test_going_back_to_nothing_leaves_nothing(databases: Databases, nothing: str):
    migrate(nothing)

    migrate_to(nothing, "base", down=True)

    assert objects(databases, nothing) == set()


def migrate_to(url: str, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    (command.downgrade if down else command.upgrade)(config, revision)


def test_migrating_again_changes_nothing(databases: Databases):
    url = databases.another("empty", "migrated")
    before = objects(databases, url)

    migrate(url)

    assert objects(databases, url) == before
