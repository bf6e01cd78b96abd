"""Whatever asks for a database is the same on PostgreSQL: every page, every refusal, every job, once more on that.

Two quiet cores take about MINUTES minutes for it.
"""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

EVERYTHING = ("tests", "--ignore", "tests/long", "--database", "postgresql")
# Of what failed: where, why, and what the server wrote about it.
IN_SHORT = ("-q", "--tb", "short", "--show-capture", "log")


@pytest.mark.timeout(3600)
def test_whatever_asks_for_a_database_is_the_same_on_postgresql() -> None:
    command = (sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *IN_SHORT, *EVERYTHING)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)
