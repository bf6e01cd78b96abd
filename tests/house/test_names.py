"""A file is named for what is in it; a name that would take anything takes everything in the end."""

from tests.house.tree import PYTHON_ROOTS, below

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "types"}


def test_no_python_file_has_a_name_that_would_take_anything() -> None:
    named = [
        path
        for path in below(*PYTHON_ROOTS, suffix=".py")
        if BANNED & {part.removesuffix(".py") for part in path.parts}
    ]
    assert named == []
