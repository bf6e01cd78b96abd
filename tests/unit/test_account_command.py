"""`python -m server account`: the first people of a new clinic, from the machine itself."""

import io
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.__main__ import main
from server.commands.init_questions import with_values
from server.store.sealing import create_master_key
from tests.builders import PROJECT

PASSWORD = "four words nobody guesses"
Account = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic that was just unpacked."""
    shipped = (PROJECT / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(shipped)
    create_master_key(tmp_path / "master.key")
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def account(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """`account("list")`; `typed` is what standard input holds."""

    def run(*arguments: str, typed: str = PASSWORD + "\n") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main(["account", *arguments])

    return run


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "var" / "bedside.db") as connection:
        return connection.execute(statement).fetchall()


def test_the_first_clinician_can_be_booked(account: Account, folder: Path) -> None:
    given = ("--name", "Dr. Nova Test", "--email", "Nova@clinic.example", "--role", "clinician")
    assert account("add", *given, "--role", "administrator", "--hours", "mon-tue 9-12, 13-17") == 0
    assert rows(folder, "select email from accounts") == [("nova@clinic.example",)]
    assert rows(folder, "select role from account_roles order by role") == [
        ("administrator",),
        ("clinician",),
    ]
    assert rows(folder, "select name, time_zone from practitioners") == [("Dr. Nova Test", "America/Denver")]
    assert len(rows(folder, "select * from weekly_hours")) == 4
    assert len(rows(folder, "select * from visit_types")) == 6
    assert rows(folder, "select actor, action from audit_events") == [("system", "account-added")]


def test_a_password_is_never_kept_as_it_was_typed(account: Account, folder: Path) -> None:
    account("add", "--name", "Ada", "--email", "ada@clinic.example", "--role", "front-desk")
    ((stored,),) = rows(folder, "select password_hash from accounts")
    assert str(stored).startswith("$argon2id$")
    assert (folder / "var" / "bedside.db").stat().st_mode & 0o077 == 0


def test_another_password_ends_the_old_one(account: Account, folder: Path) -> None:
    account("add", "--name", "Ada", "--email", "ada@clinic.example", "--role", "front-desk")
    before = rows(folder, "select password_hash from accounts")
    assert account("password", "--email", "ADA@clinic.example", typed="quite another one\n") == 0
    assert rows(folder, "select password_hash from accounts") != before


def test_a_lost_phone_is_forgotten_and_that_is_on_the_trail(account: Account, folder: Path) -> None:
    account("add", "--name", "Petra", "--email", "petra@clinic.example", "--role", "administrator")
    with sqlite3.connect(folder / "var" / "bedside.db") as connection:
        connection.execute(
            "insert into second_factors (id, account_id, secret, confirmed_at, last_step)"
            " select 'x', id, x'01', created_at, 1 from accounts"
        )
        connection.execute(
            "insert into sessions (id, cookie_hash, account_id, created_at, seen_at, ends_at)"
            " select 'x', x'01', id, created_at, created_at, created_at from accounts"
        )
    assert account("second-factor", "--email", "PETRA@clinic.example") == 0
    assert rows(folder, "select count(*) from second_factors") == [(0,)]
    assert rows(folder, "select count(*) from sessions") == [(0,)]
    trail = rows(folder, "select actor, action from audit_events order by seq")
    assert trail[-1] == ("system", "second-factor-reset")


def test_a_phone_of_nobody_is_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account("second-factor", "--email", "nobody@clinic.example") == 1
    assert "has no account" in capsys.readouterr().err


def test_the_list_names_everybody(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account("add", "--name", "Ada", "--email", "ada@clinic.example", "--role", "front-desk")
    capsys.readouterr()
    assert account("list") == 0
    assert capsys.readouterr().out == "ada@clinic.example\tAda\tfront-desk\n"


@pytest.mark.parametrize(
    ("more", "typed", "said"),
    [
        (("--email", "ada@clinic.example"), PASSWORD, "has an account already"),
        (("--email", "no address"), PASSWORD, "is no e-mail address"),
        (("--email", "b@clinic.example"), "short", "12 characters"),
        (("--email", "b@clinic.example"), "", "12 characters"),
        (("--email", "b@clinic.example", "--zone", "Mars/Olympus"), PASSWORD, "no known time zone"),
        (("--email", "b@clinic.example", "--hours", "always"), PASSWORD, "are not clear"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(
    more: tuple[str, ...],
    typed: str,
    said: str,
    account: Account,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account("add", "--name", "Ada", "--email", "ada@clinic.example", "--role", "front-desk")
    assert account("add", "--name", "Bo", "--role", "clinician", *more, typed=typed) == 1
    assert said in capsys.readouterr().err
    assert rows(folder, "select count(*) from accounts") == [(1,)]
    assert rows(folder, "select count(*) from practitioners") == [(0,)]


def test_a_password_for_nobody_is_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert account("password", "--email", "nobody@clinic.example") == 1
    assert "has no account" in capsys.readouterr().err


# What a shell passes on of bytes that are no UTF-8.
HALF = "\udcff"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--name": "N" * 201}, "nothing was changed: more than 200 characters (name) cannot be kept"),
        ({"--email": "n" * 250 + "@clinic.example"}, "more than 254 characters (email) cannot be kept"),
        ({"--name": f"Nov{HALF}"}, "nothing was changed: what is not written in UTF-8 cannot be kept"),
        ({"--email": f"nov{HALF}@clinic.example"}, "what is not written in UTF-8 cannot be kept"),
        ({"--name": "N\0va"}, "nothing was changed: a NUL cannot be kept"),
        ({"--name": "  "}, "a name is needed"),
    ],
)
def test_what_the_database_cannot_hold_is_said_in_a_sentence(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    sentence: str,
) -> None:
    given = {"--name": "Nova", "--email": "nova@clinic.example", "--role": "front-desk"} | changes
    assert account("add", *(word for pair in given.items() for word in pair)) == 1
    assert sentence in capsys.readouterr().err
    assert account("list") == 0
    assert capsys.readouterr().out == ""


def test_a_password_that_is_no_text_and_an_address_that_is_none_are_said_too(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--name", "Nova", "--email", "nova@clinic.example", "--role", "front-desk")
    assert account("add", *given, typed=f"four words {HALF} guesses\n") == 1
    assert account("password", "--email", f"nova{HALF}@clinic.example") == 1
    assert capsys.readouterr().err.count("what is not written in UTF-8 cannot be kept") == 2


@pytest.mark.parametrize(
    "asked",
    [
        ("list",),
        ("password", "--email", "vera@clinic.example"),
        ("second-factor", "--email", "vera@clinic.example"),
        ("add", "--name", "Vera", "--email", "vera@clinic.example", "--role", "administrator"),
    ],
    ids=lambda asked: asked[0],
)
def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    account: Account, folder: Path, asked: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing listens on the port that a socket was just given and gave back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    away = f"postgresql+asyncpg://bedside@127.0.0.1:{port}/bedside"
    (folder / "config.toml").write_text(
        with_values((PROJECT / "config.toml").read_text(), {"database.url": away})
    )
    assert account(*asked) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"bedside: the database server at 127.0.0.1:{port} does not answer")
    assert told.err.endswith("is it running? (database.url)\n") and "Traceback" not in told.err
    assert told.out == ""
