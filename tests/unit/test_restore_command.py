"""`python -m server restore`: everything is there again or nothing is, and what is wrong is said in a sentence."""

import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from alembic import command

from server.__main__ import CANNOT_START, INTERRUPTED, main
from server.commands.backup import make
from server.commands.init_questions import with_values
from server.config import read_config
from server.store import migrations
from server.store.sealing import create_master_key, read_master_key
from tests import clinics, crashes
from tests.clinics import names
from tests.crashes import Trouble

RESTORED = ["config.toml", "master.key", "var", "var/bedside.db"]
Said = pytest.CaptureFixture[str]
# Changes the clinic's database, given its path, before it is backed up.
Change = Callable[[Path], None]


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a clinic that will be lost."""
    return clinics.settle(tmp_path / "lost", monkeypatch)


@pytest.fixture
def backup(lost: Path, tmp_path: Path) -> Path:
    return backed_up(lost, tmp_path / "today")


@pytest.fixture
def folder(lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the key in it, where the operator is now."""
    return emptied(lost, tmp_path / "new", monkeypatch)


def backed_up(clinic: Path, to: Path) -> Path:
    assert main(["backup", str(to), "--config", str(clinic / "config.toml")]) == 0
    return to


def emptied(clinic: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir()
    shutil.copy(clinic / "master.key", folder)
    monkeypatch.chdir(folder)
    return folder


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "var" / "bedside.db") as connection:
        return connection.execute(statement).fetchall()


def test_what_was_there_is_there_again_and_where_is_said(backup: Path, folder: Path, capsys: Said) -> None:
    assert main(["restore", str(backup)]) == 0
    said = capsys.readouterr().err
    assert f"Restored into {folder}/var/bedside.db what was there at 20" in said
    assert "All 1 entries of the audit trail follow from one another" in said
    assert "Please check" in said
    assert names(folder) == RESTORED
    assert (folder / "var" / "bedside.db").stat().st_mode & 0o077 == 0
    assert rows(folder, "select name from accounts") == [("Petra",)]
    assert [action for (action,) in rows(folder, "select action from audit_events order by seq")] == [
        "account-added",
        "restored",
    ]
    assert main(["account", "list"]) == 0


@pytest.mark.parametrize("left", ["bedside.db", "bedside.db-wal", "bedside.db-shm", "bedside.db-journal"])
def test_nothing_of_another_database_may_lie_there(
    backup: Path, folder: Path, capsys: Said, left: str
) -> None:
    (folder / "var").mkdir()
    (folder / "var" / left).write_text("of a database that died")
    assert main(["restore", str(backup)]) == 1
    assert f"{folder}/var/{left} is there already" in capsys.readouterr().err
    assert names(folder) == ["master.key", "var", f"var/{left}"]
    assert (folder / "var" / left).read_text() == "of a database that died"


@pytest.fixture
def other_disk() -> Iterator[Path]:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        pytest.skip("there is no second file system here to restore to")
    with tempfile.TemporaryDirectory(dir=shared) as made:
        yield Path(made)


def test_the_records_may_be_on_another_disk(
    backup: Path, folder: Path, other_disk: Path, capsys: Said
) -> None:
    place = other_disk / "deep" / "var"
    settings = with_values((folder.parent / "lost" / "config.toml").read_text(), {"server.data": str(place)})
    (folder / "config.toml").write_text(settings)
    assert main(["restore", str(backup)]) == 0
    assert f"Restored into {place}/bedside.db" in capsys.readouterr().err
    assert names(other_disk) == ["deep", "deep/var", "deep/var/bedside.db"]
    assert names(folder) == ["config.toml", "master.key"]


def test_a_place_outside_the_folder_has_to_be_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    place = tmp_path / "elsewhere"
    lost = clinics.settle(tmp_path / "lost", monkeypatch, {"server.data": str(place)})
    backup = backed_up(lost, tmp_path / "today")
    shutil.rmtree(place)
    folder = emptied(lost, tmp_path / "new", monkeypatch)
    assert main(["restore", str(backup)]) == 1
    said = capsys.readouterr().err
    assert f"keep the records at {place}/bedside.db, which is not in {folder}" in said and "--outside" in said
    assert names(folder) == ["master.key"] and not place.exists()
    assert main(["restore", str(backup), "--outside"]) == 0
    assert f"Restored into {place}/bedside.db" in capsys.readouterr().err
    assert names(place) == ["bedside.db"]
    assert names(folder) == ["config.toml", "master.key"]


@pytest.fixture
def fresh(lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    numbers = count()
    return lambda: emptied(lost, tmp_path / f"new-{next(numbers)}", monkeypatch)


def test_interrupted_at_any_step_there_is_nothing_or_everything(
    backup: Path, fresh: Callable[[], Path]
) -> None:
    for folder, ended in crashes.every_step("restore", str(backup), fresh=fresh, kill=signal.SIGINT):
        assert ended.code == INTERRUPTED and "bedside: stopped" in ended.said
        # An empty folder may stay, which the next run or start removes.
        there = [name for name in names(folder) if ".restore-" not in name]
        assert there in (["master.key"], ["master.key", "var"], RESTORED)


def test_killed_at_any_step_there_is_nothing_or_everything_and_once_more_mends_it(
    backup: Path, fresh: Callable[[], Path]
) -> None:
    seen = set()
    for folder, ended in crashes.every_step("restore", str(backup), fresh=fresh):
        assert ended.code < 0, ended.said
        settings, records = (folder / "config.toml").exists(), (folder / "var" / "bedside.db").exists()
        seen.add((settings, records))
        # Without settings no command opens the records, and with them everything is there.
        assert records or not settings
        assert main(["restore", str(backup)]) == (1 if settings else 0)
        assert rows(folder, "select count(*) from audit_events where action = 'restored'") == [(1,)]
        assert main(["account", "list"]) == 0
        assert settings or names(folder) == RESTORED
    assert seen == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("largest", [100, 100_000])
def test_a_full_disk_restores_nothing(backup: Path, folder: Path, largest: int) -> None:
    ended = crashes.run("restore", str(backup), folder=folder, trouble=Trouble(largest=largest))
    assert ended.code == 1
    assert "nothing was restored" in ended.said and "Traceback" not in ended.said
    assert names(folder) == ["master.key"]


def test_a_disk_that_is_full_only_while_the_schema_grows_restores_nothing_either(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, folder = of(older, lost, tmp_path, monkeypatch)
    largest = (lost / "var" / "bedside.db").stat().st_size
    ended = crashes.run("restore", str(backup), folder=folder, trouble=Trouble(largest=largest))
    assert ended.code == 1
    assert "nothing was restored" in ended.said and "Traceback" not in ended.said
    assert names(folder) == ["master.key"]


def newer(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")


def older(database: Path) -> None:
    config = migrations._config()
    config.attributes["url"] = f"sqlite+aiosqlite:///{database}"
    command.downgrade(config, "0002")
    with sqlite3.connect(database) as connection:
        connection.execute("vacuum")


def changed_trail(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("update audit_events set actor = 'nobody' where seq = 1")


def of(change: Change, lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The backup of a changed clinic, and an empty folder for it."""
    change(lost / "var" / "bedside.db")
    return backed_up(lost, tmp_path / "today"), emptied(lost, tmp_path / "new", monkeypatch)


def test_a_newer_versions_backup_is_left_alone(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    backup, folder = of(newer, lost, tmp_path, monkeypatch)
    assert main(["restore", str(backup)]) == 1
    assert "made by a newer version of Bedside (its schema is 9999)" in capsys.readouterr().err
    assert names(folder) == ["master.key"]


@pytest.mark.parametrize("arguments", [["serve"], ["account", "list"]])
def test_a_newer_versions_database_is_not_opened(lost: Path, capsys: Said, arguments: list[str]) -> None:
    newer(lost / "var" / "bedside.db")
    assert main(arguments) == CANNOT_START
    assert "made by a newer version of Bedside" in capsys.readouterr().err


def test_a_start_of_the_server_removes_what_a_killed_run_left(lost: Path) -> None:
    for place in (lost / "var" / ".backup-x", lost / ".restore-x"):
        place.mkdir()
        (place / "bedside.db").write_text("left")
    # It gets no further than that.
    newer(lost / "var" / "bedside.db")
    assert main(["serve"]) == CANNOT_START
    assert names(lost) == RESTORED


def test_an_older_versions_backup_is_brought_up_to_date(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, folder = of(older, lost, tmp_path, monkeypatch)
    assert main(["restore", str(backup)]) == 0
    assert rows(folder, "select count(*) from home_links") == [(0,)]
    assert main(["account", "list"]) == 0


def test_a_changed_trail_is_restored_only_when_it_is_meant(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    backup, folder = of(changed_trail, lost, tmp_path, monkeypatch)
    assert main(["restore", str(backup)]) == 1
    assert "does not follow from entry 1 on" in capsys.readouterr().err
    assert names(folder) == ["master.key"]
    assert main(["restore", str(backup), "--broken-trail"]) == 0
    assert "does not follow from entry 1 on" in capsys.readouterr().err
    assert names(folder) == RESTORED


@pytest.mark.parametrize("cut", [1, 20, 1000, 300_000])
def test_a_cut_backup_restores_nothing(backup: Path, folder: Path, capsys: Said, cut: int) -> None:
    os.truncate(backup, backup.stat().st_size - cut)
    assert main(["restore", str(backup)]) == 1
    assert "was cut short or changed" in capsys.readouterr().err
    assert names(folder) == ["master.key"]


@pytest.mark.parametrize(
    ("made", "said"),
    [(None, "No such file"), (b"PK\3\4", "is no backup of ours"), (b"", "is no backup of ours")],
)
def test_what_is_no_backup_is_called_none(folder: Path, capsys: Said, made: bytes | None, said: str) -> None:
    if made is not None:
        (folder.parent / "today").write_bytes(made)
    assert main(["restore", str(folder.parent / "today")]) == 1
    assert said in capsys.readouterr().err


def no_key(path: Path) -> None:
    path.unlink()


def unreadable_key(path: Path) -> None:
    path.write_text("“no” hexadecimal digits")


def short_key(path: Path) -> None:
    path.write_text("ab" * 16)


def other_key(path: Path) -> None:
    path.unlink()
    create_master_key(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (no_key, "no master key was found"),
        (unreadable_key, "cannot be read"),
        (short_key, "must hold 64 hexadecimal digits"),
        (other_key, "another one"),
    ],
)
def test_whatever_is_wrong_with_the_key_the_right_one_is_named(
    lost: Path, backup: Path, folder: Path, capsys: Said, change: Change, said: str
) -> None:
    change(folder / "master.key")
    before = names(folder)
    assert main(["restore", str(backup)]) == 1
    told = capsys.readouterr().err
    assert said in told and "Without it nobody can open the backup, and neither can we" in told
    assert names(folder) == before


@pytest.mark.parametrize("arguments", [["serve"], ["account", "list"]])
@pytest.mark.parametrize("change", [no_key, unreadable_key, short_key, other_key])
def test_no_command_opens_the_records_with_another_key(
    lost: Path, capsys: Said, arguments: list[str], change: Change
) -> None:
    change(lost / "master.key")
    assert main(arguments) == CANNOT_START
    said = capsys.readouterr().err
    assert said.startswith("bedside: ") and "aster key" in said
    if change is other_key:
        assert "the records were made with the master key" in said


def test_settings_that_do_not_fit_any_more_are_said(
    lost: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    text = (lost / "config.toml").read_text()
    to = tmp_path / "today"
    # As a version made it that knew one setting more.
    old = tmp_path / "old.toml"
    old.write_text(text + "\n[dreams]\n")
    make(read_config(lost / "config.toml"), old, to, read_master_key(lost / "master.key"))
    folder = emptied(lost, tmp_path / "new", monkeypatch)
    assert main(["restore", str(to)]) == 1
    assert "do not fit this version (dreams is not a setting)" in capsys.readouterr().err
    assert names(folder) == ["master.key"]
    (folder / "config.toml").write_text(text)
    assert main(["restore", str(to)]) == 0
