"""`python -m server`: a mistake of the operator ends in a sentence, and a key is never overwritten."""

from pathlib import Path

import pytest

from server.__main__ import CANNOT_START, COMMANDS, main
from server.store.sealing import read_master_key


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m server {name}")


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["dance"])
    assert end.value.code == CANNOT_START
    assert "dance" in capsys.readouterr().err


def test_a_key_is_made_for_its_owner_only_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    assert main(["key", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_master_key(path).secret) == 32


def test_a_key_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "master.key"
    path.write_text("the only copy")
    assert main(["key", str(path)]) == 1
    assert path.read_text() == "the only copy"
    assert "File exists" in capsys.readouterr().err


def test_serve_asks_for_the_master_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BEDSIDE_MASTER_KEY_FILE", raising=False)
    assert main(["serve"]) == CANNOT_START
    assert "BEDSIDE_MASTER_KEY_FILE is not set" in capsys.readouterr().err
