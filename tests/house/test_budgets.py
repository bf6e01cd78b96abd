"""No file, function, template or page script is longer than a reader can hold.

The house aims at half of these; beyond them somebody has to split, or say here why not.
"""

from pathlib import Path

from tests.house.tree import PYTHON_ROOTS, below, functions, length

PYTHON_FILE = 400
FUNCTION = 60
TEMPLATE = 120
PAGE_SCRIPT = 150
LIBRARY_SCRIPT = 400
# path, or path:function → why it may be longer
FIRST = "server/store/migrations/versions/0001_first_tables.py"
WRITTEN_OUT = "a migration is written out in full, once, and read by nobody but the database"
EXCEPTIONS: dict[str, str] = {
    FIRST: WRITTEN_OUT,
    f"{FIRST}:upgrade": WRITTEN_OUT,
    f"{FIRST}:downgrade": WRITTEN_OUT,
}
# Folders of static/ whose scripts belong to many pages.
LIBRARIES = {"lib", "elements"}


def too_long(paths: list[Path], limit: int) -> list[str]:
    return [
        f"{path}: {length(path)} lines"
        for path in paths
        if length(path) > limit and str(path) not in EXCEPTIONS
    ]


def test_no_python_file_is_over_budget() -> None:
    assert too_long(below(*PYTHON_ROOTS, suffix=".py"), PYTHON_FILE) == []


def test_no_function_is_over_budget() -> None:
    found = []
    for path in below(*PYTHON_ROOTS, suffix=".py"):
        for function in functions(path):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION and f"{path}:{function.name}" not in EXCEPTIONS:
                found.append(f"{path}:{function.name}: {lines} lines")
    assert found == []


def test_no_template_is_over_budget() -> None:
    assert too_long(below("templates", suffix=".html"), TEMPLATE) == []


def test_no_script_is_over_budget() -> None:
    scripts = below("static", suffix=".js")
    pages = [path for path in scripts if path.parts[1] not in LIBRARIES]
    assert too_long(pages, PAGE_SCRIPT) == []
    assert too_long(scripts, LIBRARY_SCRIPT) == []


def test_every_exception_is_still_needed() -> None:
    known = {str(path) for path in below(*PYTHON_ROOTS, suffix=".py") + below("templates", suffix=".html")}
    assert [name for name in EXCEPTIONS if name.split(":")[0] not in known] == []
