"""The relay as seen from the web server: found again or started, watched, started anew when it dies."""

import asyncio
import contextlib
import hashlib
import logging
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from webrtc.relay.control import VERSION, is_held
from webrtc.relay_client import RelayBusy, RelayClient, RelayGone, RelayRefused

log = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent
LONGEST_PATH = 100  # bytes; a Unix socket's path ends at 104 or 108 depending on the system
START_SECONDS = 10.0
BUSY_SECONDS = 5.0
LOOK_SECONDS = 0.02
# How often a relay that is to be replaced is asked whether it still carries anything.
IDLE_LOOK_SECONDS = 30.0
PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)


class RelayWouldNotStart(Exception):
    """The relay process ended or stayed silent; the log named in the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RelaySettings:
    data: Path
    port: int = 0
    orphan_minutes: float = 30.0
    address: str = ""  # bind to this one only; empty: every address, IPv4 and IPv6
    # Others carry the calls: it only keeps in mind who is connected to whom while the web server is restarted.
    memory: bool = False

    @property
    def socket(self) -> Path:
        """One for each kind, so that neither is taken for the other after the settings were changed."""
        return socket_path(self.data / "memory" if self.memory else self.data)


class RelayProcess:
    def __init__(self, *, idle_look_seconds: float = IDLE_LOOK_SECONDS) -> None:
        # It died and was started again; it died and cannot be, for now.
        self.on_restarted: Callable[[], Awaitable[None]] | None = None
        self.on_lost: Callable[[], Awaitable[None]] | None = None
        self._idle_look_seconds = idle_look_seconds
        self._client: RelayClient | None = None
        self._settings: RelaySettings | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def client(self) -> RelayClient:
        """The living connection. A new object after a restart: do not keep it."""
        if self._client is None:
            raise RelayGone("the relay has not been started")
        return self._client

    async def start_or_find(self, settings: RelaySettings) -> RelayClient:
        """Find the relay that already serves this data folder, or start it; then watch it."""
        self._settings = settings
        client = await self._find_or_start(settings)
        if self._is_outdated(client) and not await client.list():
            # Nobody is in a call, so this is the moment to take the new port or the new program.
            await self._end(client)
            client = await self._find_or_start(settings)
        self._client = client
        self._watching = asyncio.create_task(self._watch(settings))  # noqa: TID251 -- stop() cancels and awaits it
        return client

    async def stop(self, *, kill: bool) -> None:
        """Let go of the relay; with `kill` the process ends too, and every call in it."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        if self._client is None:
            return
        if kill:
            await self._end(self._client)
        await self._client.close()
        self._client = None

    def _is_outdated(self, client: RelayClient) -> bool:
        """One that we have started ourselves is as new as it gets, also while the files are being replaced."""
        if self._settings is None or self._child is not None:
            return False
        return client.version != VERSION or self._settings.port not in (0, client.port)

    async def _find_or_start(self, settings: RelaySettings) -> RelayClient:
        path = settings.socket
        try:
            return await _connect_patiently(path)
        except RelayGone:
            return await self._start(settings, path)

    async def _start(self, settings: RelaySettings, path: Path) -> RelayClient:
        record = settings.data / "relay.log"
        self._child = await asyncio.to_thread(_spawn, settings, path, record)
        async with asyncio.timeout(START_SECONDS):
            while True:
                with contextlib.suppress(RelayGone):
                    return await RelayClient.connect(path)
                if self._child.poll() is not None:
                    raise RelayWouldNotStart(f"the relay ended with {self._child.returncode}: see {record}")
                await asyncio.sleep(LOOK_SECONDS)

    async def _end(self, client: RelayClient) -> None:
        with contextlib.suppress(RelayGone):
            await client.stop_relay()
        await client.close()
        if self._child is not None:
            await asyncio.to_thread(_wait_or_kill, self._child)
            self._child = None
        elif self._settings is not None:
            await _until_gone(self._settings.socket)

    async def _watch(self, settings: RelaySettings) -> None:
        while True:
            before = self.client
            # The browsers' candidates name the old port: keep it, even when any would have done at first.
            port = before.port
            while not before.closed.is_set():
                patience = self._idle_look_seconds if self._is_outdated(before) else None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(before.closed.wait(), patience)
                    continue
                if await self._gives_way(before):
                    # Nobody has been told a port.
                    port = settings.port or port
            await self._come_back(before, replace(settings, port=port))

    async def _gives_way(self, client: RelayClient) -> bool:
        """End an outdated relay once it carries nothing: the web server may go on for months without a restart."""
        with contextlib.suppress(RelayGone, RelayRefused):
            if not await client.list():
                log.warning("the relay is of another version or port and carries no call: it is replaced")
                await self._end(client)
                return True
        return False

    async def _come_back(self, before: RelayClient, settings: RelaySettings) -> None:
        assert self._settings is not None
        # The last one for a new port that somebody else has: calls on the port there was are better than none.
        ways = (settings, self._settings, replace(settings, port=before.port))
        for attempt in range(sys.maxsize):
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            if self._child is not None:
                self._child.poll()  # or the dead one stays a zombie
            try:
                client = await self._find_or_start(ways[attempt % len(ways)])
                break
            except (RelayWouldNotStart, RelayBusy, TimeoutError, OSError):
                log.exception("the relay cannot be brought back yet")
                if attempt == 0:
                    await _tell(self.on_lost)
        client.on_event = before.on_event
        self._client = client
        if client.pid != before.pid:
            log.warning("the relay ended and was started again (pid %s, port %s)", client.pid, client.port)
            await _tell(self.on_restarted)


async def _tell(listener: Callable[[], Awaitable[None]] | None) -> None:
    try:
        if listener is not None:
            await listener()
    except Exception:  # whatever the rooms make of it, the next death must be noticed too
        log.exception("the rooms could not take in what became of the relay")


def socket_path(data: Path) -> Path:
    """A short private path for this data folder; the folder's own path may be too long for a Unix socket."""
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16] + ".sock"
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 -- the folder below is made private
        path = Path(parent) / f"bedside-{os.getuid()}" / name
        if len(os.fsencode(path)) <= LONGEST_PATH:
            break
    _make_private(path.parent)
    return path


def _make_private(folder: Path) -> None:
    """Whoever can reach the control socket controls every call, and `/tmp` belongs to everybody."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} must be a folder of our own with mode 0700")


async def _connect_patiently(path: Path) -> RelayClient:
    """A predecessor that is just ending may still be in control for a moment."""
    for _ in range(int(BUSY_SECONDS / 0.1)):
        with contextlib.suppress(RelayBusy):
            return await RelayClient.connect(path)
        await asyncio.sleep(0.1)
    return await RelayClient.connect(path)


async def _until_gone(path: Path) -> None:
    """Its lock is the last thing a relay lets go of, after the port."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2.0):
            while is_held(path):  # noqa: ASYNC110 -- another process's lock raises no event here
                await asyncio.sleep(LOOK_SECONDS)


def _spawn(settings: RelaySettings, path: Path, record: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "webrtc.relay", "--socket", str(path), "--port", str(settings.port)]
    command += ["--orphan-minutes", str(settings.orphan_minutes), "--address", settings.address]
    command += ["--memory"] if settings.memory else []
    settings.data.mkdir(parents=True, exist_ok=True)
    with record.open("ab") as log_file:
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            # None of our secrets: the relay needs none.
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=log_file,
            start_new_session=True,  # Ctrl-C in the terminal is meant for the web server
        )


def _wait_or_kill(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=2.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
