"""Whole copies of an SQLite database: taken while it is in use, and looked over before anybody relies on them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from server.store import sqlite_build

# What a person counts when they want to know whether everything is there.
COUNTED = {"patients": "patients", "visits": "encounters", "notes": "notes"}
# What SQLite may keep beside a database; opening another database under its name would play it back into that one.
BESIDE = ("-wal", "-shm", "-journal")


class CopyBroken(Exception):
    """The file is no whole database of ours, or could not be read or written; the text is the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """`kid` is the master key it was made with, empty before its first start; `revision` its schema's."""

    kid: str
    revision: str
    counted: dict[str, int]


def file_of(url: str) -> Path | None:
    """Where the database at this SQLAlchemy address is kept; None when it is in no file."""
    address = make_url(url)
    name = address.database if address.get_backend_name() == "sqlite" else None
    return Path(name).resolve() if name and name != ":memory:" else None


def address_of(path: Path, *, like: str) -> str:
    """The SQLAlchemy address of another file, with the driver and options of `like`."""
    return make_url(like).set(database=str(path)).render_as_string(hide_password=False)


@contextmanager
def _opened(path: Path, *, mode: str) -> Iterator[Any]:
    """Raises CopyBroken for whatever goes wrong in the block."""
    sqlite_build.use_best_build()
    import sqlite3  # noqa: PLC0415 -- only after the best build has taken its place

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)) as database:
            yield database
    except sqlite3.Error as problem:
        raise CopyBroken(str(problem)) from problem


def copy(source: Path, target: Path) -> None:
    """All that was committed when this began, though others go on writing. Raises CopyBroken.

    `source` is opened for writing, because what a crash left half-done has to be rolled back before it can be read.
    """
    with _opened(source, mode="rw") as theirs, _opened(target, mode="rwc") as ours:
        theirs.backup(ours)
    make_single(target)


def make_single(path: Path) -> None:
    """One file, with nothing beside it. Raises CopyBroken."""
    with _opened(path, mode="rw") as database:
        database.execute("PRAGMA journal_mode = DELETE")


def look_over(path: Path) -> Found:
    """Reads all of it. Raises CopyBroken."""
    with _opened(path, mode="ro") as database:
        problems = database.execute("PRAGMA integrity_check").fetchall()
        if problems != [("ok",)]:
            raise CopyBroken(str(problems[0][0]))
        return Found(
            kid=_first(database, "SELECT kid FROM clinic_keys") or "",
            revision=_first(database, "SELECT version_num FROM alembic_version") or "",
            counted={
                name: _first(database, f"SELECT count(*) FROM {table}")  # noqa: S608 -- our own names
                for name, table in COUNTED.items()
            },
        )


def _first(database: Any, statement: str) -> Any:
    row = database.execute(statement).fetchone()
    return row[0] if row else None
