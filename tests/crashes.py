"""Commands run in a process of their own that ends at a chosen step, or whose disk is full."""

import glob
import io
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

from tests.builders import PROJECT

# What changes something on the disk, by the name Python's audit hooks know it.
STEPS = {"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# A fork is ready at once; the modules a command needs are loaded only the first time.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["server.commands.init", "server.commands.restore"])


@dataclass(frozen=True, slots=True)
class Ended:
    """`code` is the exit code, or minus the signal's number."""

    code: int
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """`kill` comes before the `step`th change of the disk. No file grows over `largest` bytes, as on a full disk.

    `spoils` names by a pattern what a failing disk has changed by the time it is read back.
    """

    step: int = 0
    kill: int = signal.SIGKILL
    largest: int = 0
    spoils: str = ""


def run(*arguments: str, folder: Path, trouble: Trouble, typed: str = "") -> Ended:
    """`python -m server ARGUMENTS` in `folder`."""
    # It loads the modules with the path of its own start, wherever the test that needs it first happens to be.
    with patch.dict(os.environ, PYTHONPATH=str(PROJECT)):
        forkserver.ensure_running()
    with tempfile.NamedTemporaryFile() as said:
        wish = (arguments, folder, trouble, typed, said.name, dict(os.environ))
        process = CONTEXT.Process(target=_command, args=wish)
        process.start()
        process.join(60)
        assert process.exitcode is not None, "it hangs"
        return Ended(process.exitcode, Path(said.name).read_text())


def every_step(
    *arguments: str, fresh: Callable[[], Path], kill: int = signal.SIGKILL, typed: str = ""
) -> Iterator[tuple[Path, Ended]]:
    """One run in a `fresh` folder for each step it can be ended at, until one comes to its end by itself."""
    for step in range(1, 100):
        folder = fresh()
        ended = run(*arguments, folder=folder, trouble=Trouble(step=step, kill=kill), typed=typed)
        if ended.code == 0:
            assert step > 5, "no step was taken"
            return
        yield folder, ended
    raise AssertionError("it never came to its end")


def _command(
    arguments: tuple[str, ...],
    folder: Path,
    trouble: Trouble,
    typed: str,
    said: str,
    environment: dict[str, str],
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.stdin = io.StringIO(typed)
    sys.stdout = sys.stderr = open(said, "w", buffering=1)  # noqa: SIM115 -- as long as the process lives
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from server.__main__ import main

    if trouble.largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (trouble.largest, trouble.largest))
    if trouble.step:
        sys.addaudithook(_ending(trouble.step, trouble.kill))
    if trouble.spoils:
        sys.addaudithook(_spoiling(trouble.spoils))
    sys.exit(main(list(arguments)))


def _ending(step: int, kill: int):  # type: ignore[no-untyped-def]
    left = step

    def hook(event: str, values: tuple[object, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(values[2], int) and values[2] & WRITING
        if writes or event in STEPS:
            left -= 1
            if left == 0:
                signal.raise_signal(kill)

    return hook


def _spoiling(pattern: str):  # type: ignore[no-untyped-def]
    def hook(event: str, values: tuple[object, ...]) -> None:
        if event == "open" and values[0] == os.devnull:
            for path in glob.glob(pattern):
                with open(path, "r+b") as file:
                    file.seek(100_000)
                    file.write(b"spoiled")

    return hook
