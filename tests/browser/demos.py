"""Demo servers of tests: real processes, each forked from one that has read the whole program before.

To read it takes five times as long as all else that a demo does until it is ready. Tests that are about starting run
the command line instead (`start_clinic` in conftest.py).
"""

import asyncio
import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from server.__main__ import main

# One for each process of pytest; it ends with that one, and the demos with it.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.browser.read_ahead"])


def arguments(data: Path, port: int = 0) -> list[str]:
    return ["demo", "--json", "--port", str(port), "--data", str(data)]


@dataclass(frozen=True, slots=True)
class Demo:
    """What asyncio's own processes can do, for a forked one."""

    process: ForkServerProcess
    facts: dict[str, Any]

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def send_signal(self, kind: int) -> None:
        os.kill(self.pid, kind)

    async def wait(self) -> int | None:
        await asyncio.to_thread(self.process.join)
        return self.returncode


def start(data: Path, *, log: Path, seconds: float) -> Demo:
    """A demo on `data`, ready; what it says beside its line of facts goes into `log`."""
    reader, writer = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=serve, args=(arguments(data), writer, log), daemon=True)
    process.start()
    writer.close()
    with reader:
        assert wait([reader], seconds), f"not ready after {seconds} s"
        with open(reader.fileno(), closefd=False) as said:
            line = said.readline()
    assert line, log.read_text()[-3000:]
    return Demo(process, json.loads(line))


def serve(words: list[str], out: Connection, log: Path) -> None:
    """In the new process: `python -m server` with these words, from where its own output begins."""
    os.dup2(out.fileno(), sys.stdout.fileno())
    with log.open("ab") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
    sys.exit(main(words))
