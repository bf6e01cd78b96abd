"""Every page and every refusal is the same on PostgreSQL: all of tests/http once more, on that."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT


@pytest.mark.timeout(3600)
def test_whatever_is_said_over_http_is_said_on_postgresql_too() -> None:
    command = (
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "--database",
        "postgresql",
        "tests/http",
    )
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
