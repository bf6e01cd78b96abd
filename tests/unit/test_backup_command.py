"""`python -m server backup`: one sealed file that was read back, or a sentence; and nothing readable left anywhere."""

import sqlite3
import threading
from pathlib import Path

import pytest

from server.__main__ import main
from server.commands import staging
from server.store import archive, bundle
from server.store.bundle import Contents, Manifest
from server.store.sealing import MasterKey, create_master_key, read_master_key
from tests import clinics, crashes
from tests.clinics import names
from tests.crashes import Trouble

KEPT = ["config.toml", "master.key", "var", "var/bedside.db"]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return clinics.settle(tmp_path / "clinic", monkeypatch)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """What backups are carried away on."""
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def opened(backup: Path, key: Path, into: Path) -> Contents:
    with backup.open("rb") as sealed, into.open("wb") as database:
        return bundle.read(sealed, read_master_key(key), database=database)


def rows(database: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(statement).fetchall()


def test_it_holds_settings_and_database_and_leaves_nothing_else(
    clinic: Path, stick: Path, tmp_path: Path
) -> None:
    assert main(["backup", str(stick / "today")]) == 0
    contents = opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
    assert contents.settings == (clinic / "config.toml").read_bytes()
    assert rows(tmp_path / "copy.db", "select name from accounts") == [("Petra",)]
    assert (stick / "today").stat().st_mode & 0o777 == 0o600
    assert names(clinic) == KEPT
    assert names(stick) == ["today"]


@pytest.mark.parametrize("way", ["../real/config.toml", "{tmp}/real/config.toml"])
def test_settings_behind_a_link_are_in_it_themselves(
    clinic: Path, stick: Path, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", str(clinic / "master.key"))
    (tmp_path / "real").mkdir()
    (clinic / "config.toml").rename(tmp_path / "real" / "config.toml")
    (clinic / "config.toml").symlink_to(way.format(tmp=tmp_path))
    assert main(["backup", str(stick / "today")]) == 0
    contents = opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
    assert contents.settings == (tmp_path / "real" / "config.toml").read_bytes()


def test_what_was_committed_a_moment_ago_is_in_it_however_long_the_log_is(
    clinic: Path, stick: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(clinic / "var" / "bedside.db") as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("create table pages (text)")
        writer.executemany("insert into pages values (?)", [("x" * 4000,) for _ in range(5000)])
        writer.commit()
        assert (clinic / "var" / "bedside.db-wal").stat().st_size > 20_000_000
        assert main(["backup", str(stick / "today")]) == 0
    opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "select count(*) from pages") == [(5000,)]


def test_others_go_on_writing_meanwhile(clinic: Path, stick: Path, tmp_path: Path) -> None:
    done, written = threading.Event(), []

    def write() -> None:
        with sqlite3.connect(clinic / "var" / "bedside.db") as writer:
            writer.execute("pragma journal_mode = wal")
            writer.execute("create table said (n)")
            while not done.is_set():
                writer.execute("insert into said values (1)")
                writer.commit()
                written.append(1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert main(["backup", str(stick / "today")]) == 0
    finally:
        done.set()
        thread.join()
    opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "pragma integrity_check") == [("ok",)]
    assert written


def test_the_database_may_be_elsewhere(tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "records").mkdir()
    address = f"sqlite+aiosqlite:///{tmp_path}/records/ours.db?timeout=9"
    clinic = clinics.settle(tmp_path / "clinic", monkeypatch, {"database.url": address})
    assert main(["backup", str(stick / "today")]) == 0
    opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "select name from accounts") == [("Petra",)]
    assert names(tmp_path / "records") == ["ours.db"]


def test_killed_at_any_step_it_leaves_nothing_readable_and_the_next_run_cleans_up(
    clinic: Path, stick: Path, tmp_path: Path
) -> None:
    for _, ended in crashes.every_step("backup", str(stick / "today"), fresh=lambda: clinic):
        assert ended.code < 0, ended.said
        for path in stick.rglob("*"):
            assert path.is_dir() or b"SQLite format" not in path.read_bytes()[:100]
            assert path.is_dir() or b"clinic" not in path.read_bytes()
        if (stick / "today").exists():
            opened(stick / "today", clinic / "master.key", tmp_path / "copy.db")
            (stick / "today").unlink()
        assert main(["backup", str(stick / "today")]) == 0
        assert names(stick) == ["today"]
        assert names(clinic) == KEPT
        (stick / "today").unlink()


def test_the_server_cleans_up_too_but_not_what_is_in_use(tmp_path: Path) -> None:
    with staging.folder(tmp_path, staging.BACKUP) as used:
        (used / "bedside.db").write_text("in use")
        left = tmp_path / ".backup-left"
        left.mkdir()
        (left / "bedside.db").write_text("left")
        (tmp_path / "backup-of-mine").mkdir()
        staging.sweep(tmp_path)
        assert names(tmp_path) == [used.name, f"{used.name}/bedside.db", "backup-of-mine"]
    assert names(tmp_path) == ["backup-of-mine"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere/today", "there is no folder"),
        ("there", "exists already and is not overwritten"),
        ("hanging", "exists already and is not overwritten"),
        ("there/today", "there is no folder"),
    ],
)
def test_where_it_cannot_go_is_said(
    clinic: Path, stick: Path, capsys: pytest.CaptureFixture[str], where: str, said: str
) -> None:
    (stick / "there").write_text("mine")
    (stick / "hanging").symlink_to("nothing")
    assert main(["backup", str(stick / where)]) == 1
    assert said in capsys.readouterr().err
    assert names(stick) == ["hanging", "there"]
    assert (stick / "there").read_text() == "mine"


def test_a_folder_that_takes_nothing_is_named(clinic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Nobody may make a file there, whoever they are.
    assert main(["backup", "/proc/today"]) == 1
    assert "no backup was made: /proc" in capsys.readouterr().err
    assert names(clinic) == KEPT


@pytest.mark.parametrize("largest", [4096, 100_000, 650_000])
def test_a_full_disk_is_said_and_nothing_stays(clinic: Path, stick: Path, largest: int) -> None:
    ended = crashes.run("backup", str(stick / "today"), folder=clinic, trouble=Trouble(largest=largest))
    assert ended.code == 1
    assert "no backup was made" in ended.said and "Traceback" not in ended.said
    assert names(stick) == []
    # SQLite may keep its log when it cannot fold it in.
    assert [name for name in names(clinic) if not name.startswith("var/bedside.db-")] == KEPT


def test_another_master_key_makes_no_backup(
    clinic: Path, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = read_master_key(clinic / "master.key")
    (clinic / "master.key").unlink()
    other = create_master_key(clinic / "master.key")
    assert main(["backup", str(stick / "today")]) == 1
    said = capsys.readouterr().err
    assert right.kid in said and other.kid in said
    assert names(stick) == []


def test_a_damaged_database_makes_no_backup(
    clinic: Path, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = clinic / "var" / "bedside.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + bytes(8192) + whole[16384:])
    assert main(["backup", str(stick / "today")]) == 1
    assert "cannot be copied whole" in capsys.readouterr().err
    assert names(stick) == []


def test_a_database_that_is_not_there_is_named(
    clinic: Path, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clinic / "var" / "bedside.db").unlink()
    assert main(["backup", str(stick / "today")]) == 1
    assert f"there is no database at {clinic}/var/bedside.db" in capsys.readouterr().err


def test_what_the_disk_does_not_give_back_as_it_was_is_no_backup(clinic: Path, stick: Path) -> None:
    ended = crashes.run(
        "backup", str(stick / "today"), folder=clinic, trouble=Trouble(spoils=f"{stick}/.backup-*/today")
    )
    assert ended.code == 1
    assert "no backup was made: what was written could not be read back" in ended.said
    assert names(stick) == []


def test_reading_back_notices_a_database_that_is_not_the_one_that_was_looked_over(tmp_path: Path) -> None:
    key = MasterKey.of(b"k" * 32)
    (tmp_path / "copy.db").write_bytes(b"not what was looked over")
    manifest = Manifest(made_at="2026-11-24T02:00:00+00:00", counted={}, sha256="0" * 64)
    with (tmp_path / "sealed").open("wb") as out:
        contents = Contents(manifest=manifest, settings=b"")
        bundle.write(out, key, contents=contents, database=tmp_path / "copy.db")
    (tmp_path / "key").write_text(key.secret.hex())
    with pytest.raises(archive.BackupBroken):
        opened(tmp_path / "sealed", tmp_path / "key", tmp_path / "out.db")
