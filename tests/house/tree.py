"""The project's files as the house tests read them: what git tracks, and what is about to be added."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_ROOTS = ("server", "webrtc", "scheduling", "tests", "bench")
# A copy without git has no list; then everything counts that is not made by a tool.
MADE_BY_TOOLS = {".venv", "var", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        found = [Path(name) for name in listing.stdout.split("\0") if name]
    else:
        found = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        found = [path for path in found if not MADE_BY_TOOLS & set(path.parts) and path.parts[0] != ".git"]
    return tuple(sorted(path for path in found if (ROOT / path).is_file()))


def below(*folders: str, suffix: str) -> list[Path]:
    return [path for path in files() if path.parts[0] in folders and path.suffix == suffix]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def length(path: Path) -> int:
    return len(text(path).splitlines())


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(text(path))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
