"""The schema's history leads to the tables the code knows, with every constraint in the database itself."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from server.store.migrations import HERE, migrate
from server.store.tables import metadata


def opened(path: Path) -> Connection:
    return create_engine(f"sqlite:///{path}").connect()


def objects(connection: Connection, kind: str) -> set[tuple[str, str]]:
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = :kind"), {"kind": kind})
    return {(name, " ".join((sql or "").split())) for name, sql in found}


def test_migrating_an_empty_file_gives_the_tables_the_code_knows(empty_database_file: Path):
    with opened(empty_database_file) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_gives_the_same_triggers_as_the_tables_declare(empty_database_file: Path, tmp_path: Path):
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    metadata.create_all(declared)

    with opened(empty_database_file) as migrated, declared.connect() as made:
        assert objects(migrated, "trigger") == objects(made, "trigger")
        assert len(objects(made, "trigger")) == 21


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A clinic from before every press had a row of its own, with one hold."""
    path = tmp_path / "older.db"
    migrate_to(path, "0003")
    with opened(path) as connection:
        connection.execute(
            text(
                "INSERT INTO holds (id, patient_id, kind, opened_by, opened_at, pressed_at, event_id) VALUES"
                " ('h', 'mira', 'patient-stop', 'patient', '2026-11-23 16:05:00', '2026-11-23 16:00:00', 'e')"
            )
        )
        connection.commit()
    return path


def test_a_hold_from_before_every_press_had_a_row_keeps_its_press(older: Path):
    migrate(f"sqlite+aiosqlite:///{older}")

    with opened(older) as connection:
        events = connection.execute(text("SELECT * FROM hold_events")).mappings().all()
        assert [
            (e["id"], e["hold_id"], e["patient_id"], e["pressed_at"], e["received_at"]) for e in events
        ] == [("e", "h", "mira", "2026-11-23 16:00:00", "2026-11-23 16:05:00")]
        assert connection.execute(text("SELECT kind FROM holds")).scalars().all() == ["patient-stop"]


def test_going_back_loses_no_press(older: Path):
    migrate(f"sqlite+aiosqlite:///{older}")

    migrate_to(older, "0003", down=True)

    with opened(older) as connection:
        assert connection.execute(text("SELECT event_id FROM holds")).scalars().all() == ["e"]


def migrate_to(path: Path, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = f"sqlite+aiosqlite:///{path}"
    (command.downgrade if down else command.upgrade)(config, revision)


def test_migrating_again_changes_nothing(tmp_path: Path):
    path = tmp_path / "twice.db"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)
    with opened(path) as connection:
        before = objects(connection, "table")

    migrate(url)

    with opened(path) as connection:
        assert objects(connection, "table") == before
