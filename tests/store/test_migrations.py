"""The schema's history leads to the tables the code knows, with every constraint in the database itself."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from server.store.migrations import migrate
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
        assert len(objects(made, "trigger")) == 4


def test_migrating_again_changes_nothing(tmp_path: Path):
    path = tmp_path / "twice.db"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)
    with opened(path) as connection:
        before = objects(connection, "table")

    migrate(url)

    with opened(path) as connection:
        assert objects(connection, "table") == before
