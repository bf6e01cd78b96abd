"""A backup is the same whatever the database, so it also is the way from SQLite to PostgreSQL and back."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from server.__main__ import main
from server.commands.init_questions import with_values
from server.store.tables import metadata
from tests import clinics
from tests.clinics import names
from tests.databases import PostgresDatabases

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(databases: PostgresDatabases) -> str:
    return databases.blank("clinic")


@pytest.fixture
def backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a clinic on SQLite."""
    clinics.settle(tmp_path / "first", monkeypatch)
    assert main(["backup", str(tmp_path / "first.backup")]) == 0
    return tmp_path / "first.backup"


@pytest.fixture
def moved(backup: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where that clinic is on PostgreSQL: its own settings with another address, its key, and no records yet."""
    folder = emptied(backup.parent / "second", monkeypatch)
    settings = (backup.parent / "first" / "config.toml").read_text()
    (folder / "config.toml").write_text(with_values(settings, {"database.url": url}))
    return folder


def emptied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir()
    shutil.copy(folder.parent / "first" / "master.key", folder)
    monkeypatch.chdir(folder)
    return folder


def everything(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / "var" / "bedside.db") as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in metadata.tables
        }


def test_a_clinic_moves_to_postgresql_and_back(
    backup: Path, moved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(backup.parent / "first")
    assert main(["restore", str(backup)]) == 0
    assert "Restored into postgresql+asyncpg://" in capsys.readouterr().err
    assert names(moved) == ["config.toml", "master.key"]
    assert main(["account", "list"]) == 0
    assert "Petra" in capsys.readouterr().out
    assert main(["backup", str(moved.parent / "second.backup")]) == 0
    assert "1 notes" not in capsys.readouterr().err

    back = emptied(moved.parent / "third", monkeypatch)
    shutil.copy(moved.parent / "first" / "config.toml", back)
    assert main(["restore", str(moved.parent / "second.backup")]) == 0
    after = everything(back)
    # Each restore leaves a row on the trail, and changes nothing of what there was.
    assert len(after["audit_events"]) == len(before["audit_events"]) + 2
    same = set(metadata.tables) - {"audit_events"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert set(before["audit_events"]) < set(after["audit_events"])


@pytest.mark.usefixtures("moved")
def test_nothing_is_restored_over_anything(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", str(backup)]) == 0
    assert main(["restore", str(backup)]) == 1
    assert "is not empty (there is something in " in capsys.readouterr().err


@pytest.mark.usefixtures("moved")
def test_a_database_of_somebody_elses_is_left_alone(
    backup: Path, databases: PostgresDatabases, capsys: pytest.CaptureFixture[str]
) -> None:
    databases.sql("CREATE TABLE invoices (id int)", database="clinic")
    assert main(["restore", str(backup)]) == 1
    assert "is not empty (there is something in invoices)" in capsys.readouterr().err


@pytest.mark.usefixtures("moved", "backup")
def test_a_database_without_our_tables_is_not_backed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "nothing.backup")]) == 1
    assert "not of this version's schema" in capsys.readouterr().err
    assert not (tmp_path / "nothing.backup").exists()
