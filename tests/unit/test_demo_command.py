"""`python -m server demo`: what cannot work is one sentence, and the folder is for its user alone."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server.__main__ import CANNOT_START, main
from tests.builders import PROJECT


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--data", str(tmp_path / "file" / "data")]) == CANNOT_START
    assert "cannot be used (--data)" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["80000", "-1", "many"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--port", port])
    assert "--port" in capsys.readouterr().err


def test_a_second_demo_on_the_same_folder_says_that_there_is_one(tmp_path: Path) -> None:
    data = tmp_path / "clinic"
    command = [sys.executable, "-m", "server", "demo", "--json", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        try:
            assert first.stdout is not None and first.stdout.readline()
            second = subprocess.run(
                command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False
            )
            assert second.returncode == CANNOT_START
            assert "another demo is running on" in second.stderr and "Traceback" not in second.stderr
            assert stat.S_IMODE((data / "bedside.db").stat().st_mode) == 0o600
        finally:
            first.terminate()
