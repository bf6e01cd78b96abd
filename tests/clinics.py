"""A clinic's folder as an operator has it: settings, key, a database with one account in it."""

import io
import sys
from pathlib import Path

import pytest

from server.__main__ import main
from server.commands.init_questions import with_values
from server.store.sealing import create_master_key
from tests.builders import PROJECT

PASSWORD = "four words nobody guesses"


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str] | None = None) -> Path:
    """Makes it in `folder` and goes there. `settings` by "section.key", where they are not the shipped ones."""
    folder.mkdir()
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(folder)
    shipped = (PROJECT / "config.toml").read_text()
    (folder / "config.toml").write_text(with_values(shipped, settings or {}))
    create_master_key(folder / "master.key")
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    account = ("--name", "Petra", "--email", "petra@clinic.example", "--role", "administrator")
    assert main(["account", "add", *account]) == 0
    return folder


def names(folder: Path) -> list[str]:
    """Everything in it, by path."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
