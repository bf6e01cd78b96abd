"""Whole copies of an SQLite database: taken while it is in use, and looked over before anybody relies on them."""

from pathlib import Path
from typing import Any

from server.store import sqlite_build

# What a person counts when they want to know whether everything is there.
COUNTED = {"patients": "patients", "visits": "encounters", "notes": "notes"}


class CopyBroken(Exception):
    """The copy is no whole database."""


def _connect(path: Path, *, mode: str) -> Any:
    sqlite_build.use_best_build()
    import sqlite3  # noqa: PLC0415 -- only after the best build has taken its place

    return sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)


def copy(source: Path, target: Path) -> None:
    """All that was committed when this began, though others go on writing."""
    theirs, ours = _connect(source, mode="ro"), _connect(target, mode="rwc")
    try:
        theirs.backup(ours)
        # The copy is one file, whatever the original keeps beside it.
        ours.execute("PRAGMA journal_mode = DELETE")
    finally:
        ours.close()
        theirs.close()


def look_over(path: Path) -> dict[str, int]:
    """How many of what people count are in it. Raises CopyBroken."""
    database = _connect(path, mode="ro")
    try:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise CopyBroken
        return {
            name: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 -- our own names
            for name, table in COUNTED.items()
        }
    except Exception as problem:
        raise CopyBroken from problem
    finally:
        database.close()


def key_id(path: Path) -> str:
    """Which master key the database was made with; empty before its first start."""
    database = _connect(path, mode="ro")
    try:
        row = database.execute("SELECT kid FROM clinic_keys").fetchone()
    finally:
        database.close()
    return str(row[0]) if row else ""
