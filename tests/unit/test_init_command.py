"""`python -m server init`: a few questions in an empty folder, and then there is a clinic."""

import io
import resource
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.__main__ import main
from server.config import read_config
from server.store.sealing import create_master_key, read_master_key
from tests import crashes
from tests.clinics import names
from tests.crashes import Trouble

PASSWORD = "four words nobody guesses"
# An empty line takes the default.
ANSWERS = {
    "clinic": "Quarry Lane “Mind” Clinic",
    "phone": "(505) 555-0107",
    "zone": "America/Phoenix",
    "site": "",
    "name": "Vera Holm",
    "email": "vera@quarry.example",
    "roles": "",
    "hours": "mon-sun 0:00-23:59",
    "password": PASSWORD,
    "mail": "",
    "port": "2525",
    "security": "",
    "user": "",
    "from": "",
}
WHOLE = ["config.toml", "master.key", "recovery-sheet.txt", "var", "var/bedside.db"]
Init = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def init(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """`init(*lines)`: what is typed, line by line; without lines, ANSWERS."""

    def run(*lines: str, arguments: tuple[str, ...] = ()) -> int:
        typed = "\n".join(lines or ANSWERS.values()) + "\n"
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main(["init", *arguments])

    return run


def test_the_answers_become_settings_that_start_and_every_comment_stays(folder: Path, init: Init) -> None:
    assert init() == 0
    config = read_config(folder / "config.toml")
    assert (config.clinic.name, config.clinic.phone, config.clinic.time_zone) == (
        "Quarry Lane “Mind” Clinic",
        "(505) 555-0107",
        "America/Phoenix",
    )
    assert (config.mail.host, config.mail.port, config.mail.security, config.mail.from_address) == (
        "127.0.0.1",
        2525,
        "none",
        "vera@quarry.example",
    )
    assert "# What patients are told to dial at once in an emergency." in (folder / "config.toml").read_text()


def test_the_first_account_can_be_used_and_booked(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str]
) -> None:
    init()
    capsys.readouterr()
    assert main(["account", "list"]) == 0
    said = capsys.readouterr().out
    assert said == "vera@quarry.example\tVera Holm\tadministrator, clinician, front-desk\n"


def test_the_key_is_this_users_alone_and_the_sheet_names_it_without_holding_it(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str]
) -> None:
    init()
    key = read_master_key(folder / "master.key")
    for name in ("master.key", "recovery-sheet.txt", "config.toml"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    sheet = (folder / "recovery-sheet.txt").read_text()
    for said in (
        str(folder / "master.key"),
        key.kid,
        f"{sys.executable} -m server restore FILE",
        "neither can we",
    ):
        assert said in sheet
    printed = capsys.readouterr().out
    assert sheet in printed
    assert key.secret.hex() not in sheet + printed


def test_the_key_is_shown_once_to_be_written_down_when_asked(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str]
) -> None:
    init(arguments=("--print-key",))
    assert read_master_key(folder / "master.key").secret.hex() in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "wrong", "said"),
    [
        ("clinic", "", "This is needed."),
        ("zone", "Denver", "no known time zone"),
        ("site", "http://visits.example.org", "It begins with https://"),
        ("site", "https://visits.example.org/path", "ends after the name"),
        ("email", "vera", "looks like name@clinic.example"),
        ("roles", "doctor", "One or more of"),
        ("hours", "always", "Write them like"),
        ("password", "short", "characters or more"),
        ("port", "many", "A port is a number"),
        ("port", "70000", "A port is a number"),
        ("security", "ssl", 'One of "none"'),
    ],
)
def test_what_does_not_fit_is_said_and_asked_again(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str], question: str, wrong: str, said: str
) -> None:
    lines = []
    for name, answer in ANSWERS.items():
        lines += [wrong, answer] if name == question else [answer]
    assert init(*lines) == 0
    assert said in capsys.readouterr().out
    assert read_config(folder / "config.toml").clinic.phone == "(505) 555-0107"


def test_a_mail_server_elsewhere_is_protected(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*(ANSWERS | {"mail": "mail.example.org", "port": "", "security": "none"}).values()]
    lines.insert([*ANSWERS].index("security") + 1, "")
    assert init(*lines) == 0
    assert '"none" is for a mail server on this machine only.' in capsys.readouterr().out
    mail = read_config(folder / "config.toml").mail
    assert (mail.port, mail.security) == (587, "starttls")


@pytest.mark.parametrize("lines", range(1, len(ANSWERS)))
def test_stopped_half_way_nothing_was_made(folder: Path, init: Init, lines: int) -> None:
    assert init(*list(ANSWERS.values())[:lines]) == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["config.toml", "master.key", "var", "recovery-sheet.txt"])
def test_it_begins_in_an_empty_folder_only(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (folder / name).write_text("mine")
    assert init() == 2
    assert f"{name} is here already" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"


def test_a_key_that_is_named_is_the_one_it_uses(
    folder: Path, init: Init, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("keys") / "ours.key"
    key = create_master_key(elsewhere)
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", str(elsewhere))
    assert init() == 0
    assert names(folder) == ["config.toml", "recovery-sheet.txt", "var", "var/bedside.db"]
    sheet = (folder / "recovery-sheet.txt").read_text()
    assert f"{elsewhere} (its id: {key.kid})" in sheet
    assert str(folder / "master.key") not in sheet
    assert main(["account", "list"]) == 0


def test_a_key_that_is_named_and_missing_is_said_before_anything_is_asked(
    folder: Path, init: Init, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BEDSIDE_MASTER_KEY_FILE", "/nowhere/ours.key")
    assert init() == 2
    told = capsys.readouterr()
    assert "The master key file /nowhere/ours.key cannot be read" in told.err
    assert told.out == ""
    assert names(folder) == []


TYPED = "\n".join(ANSWERS.values()) + "\n"


def test_interrupted_at_any_step_the_folder_is_empty_again(folder: Path) -> None:
    begun = 0

    def fresh() -> Path:
        nonlocal begun
        begun += 1
        (folder / str(begun)).mkdir()
        return folder / str(begun)

    for clinic, ended in crashes.every_step("init", fresh=fresh, kill=signal.SIGINT, typed=TYPED):
        nothing = "stopped; nothing was made" in ended.said
        assert ended.code == 1 and (nothing or "stopped; everything was made before" in ended.said)
        # An empty folder may stay, which the first start of the server removes.
        assert names(clinic)[0 if nothing else 1 :] == ([] if nothing else WHOLE)


def test_killed_before_it_came_to_its_end_nothing_that_was_half_made_stays(folder: Path) -> None:
    killed = crashes.run("init", folder=folder, trouble=Trouble(step=6), typed=TYPED)
    assert killed.code == -signal.SIGKILL
    assert any(name.startswith(".init-") for name in names(folder))
    again = crashes.run("init", folder=folder, trouble=Trouble(), typed=TYPED)
    assert again.code == 0
    assert names(folder) == WHOLE


@pytest.mark.parametrize("largest", [2000, 100_000])
def test_a_full_disk_leaves_the_folder_empty(folder: Path, largest: int) -> None:
    ended = crashes.run("init", folder=folder, typed=TYPED, trouble=Trouble(largest=largest))
    assert ended.code == 1
    assert "nothing was made" in ended.said and "Traceback" not in ended.said
    assert names(folder) == []


def test_where_the_database_does_not_fit_nothing_was_made_and_it_is_said(
    folder: Path, init: Init, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file may not grow beyond the settings' size: those fit, and the database does not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        code = init()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    told = capsys.readouterr()
    assert code == 1 and told.err.startswith("bedside: nothing was made: ") and "Traceback" not in told.err
    assert names(folder) == []
