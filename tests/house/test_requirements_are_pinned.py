"""What is installed is what was chosen: every package pinned, with hashes, the same for tests and server."""

import re
import tomllib

import pytest

from tests.house.tree import ROOT

PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)([^\\\n]*)((?: *\\\n +--hash=sha256:[0-9a-f]{64})+)", re.MULTILINE
)
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def written(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def pins(name: str) -> set[tuple[str, str, str]]:
    return {(package, version, marker.strip()) for package, version, marker, _ in PIN.findall(written(name))}


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_line_is_a_pin_with_hashes(name: str) -> None:
    left_over = re.sub(r"^ *#.*\n?", "", PIN.sub("", written(name)), flags=re.MULTILINE)
    assert left_over.split() == []


def test_the_tests_run_on_what_the_server_runs_on() -> None:
    # Markers differ where a tool of the tests wants a package on more platforms.
    server, tests = ({each[:2] for each in pins(name)} for name in ("run.txt", "test.txt"))
    assert server - tests == set()


@pytest.mark.parametrize("name", ["run", "test"])
def test_everything_asked_for_is_pinned(name: str) -> None:
    asked = {each.lower() for each in NAME.findall(written(f"{name}.in"))}
    assert asked - {package for package, _, _ in pins(f"{name}.txt")} == set()


def test_the_project_needs_the_python_it_is_pinned_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
