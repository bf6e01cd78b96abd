"""What the relay's benchmarks share: the relay and the C loop as processes, sockets that are latched, figures."""

import asyncio
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from aioice import stun

from webrtc.relay_client import LegCredentials, RelayClient, RelayGone

PROJECT = Path(__file__).resolve().parent.parent
C_LOOP = "plain C loop of recvfrom and sendto"
PACKETS_A_SECOND = 220  # of one call, each way
SIZE = 1000
Result = TypeVar("Result")


def skip(name: str, reason: str) -> NoReturn:
    """The closing line of a benchmark that cannot run here."""
    print(json.dumps({"name": name, "skipped": reason}))
    sys.exit(0)


def report(name: str, ours: Sequence[float], peer: Sequence[float], **facts: Any) -> None:
    """The closing line. Each pair of runs shares its seconds, so what else the machine was doing cancels out."""
    ratios = [one / other for one, other in zip(ours, peer, strict=True)]
    result = {
        "name": name,
        "ratio": round(statistics.median(ratios), 3),
        "ours": rounded(statistics.median(ours)),
        "peer": rounded(statistics.median(peer)),
        **facts,
        "runs": len(ratios),
        "spread": {"ratio": spread(ratios), "ours": spread(ours), "peer": spread(peer)},
    }
    print(json.dumps(result))


def spread(values: Sequence[float]) -> list[float]:
    """Lowest, median, highest: how noisy it was."""
    return [rounded(value) for value in (min(values), statistics.median(values), max(values))]


def rounded(value: float) -> float:
    return round(value) if abs(value) >= 1000 else float(f"{value:.3g}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def resident(pid: int) -> int:
    """Bytes of memory this process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


# The C program ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paced:
    sent: int
    arrived: int
    seconds: float
    median: float  # microseconds, one way
    p99: float


class Packets:
    """bench/_packets.c, compiled for this run."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        compiler = next((each for each in ("gcc", "cc", "clang") if shutil.which(each)), None)
        if compiler is None:
            skip(name, "needs a C compiler for the loop to compare with (Debian: gcc)")
        self._program = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "packets"
        source = PROJECT / "bench/_packets.c"
        command = [compiler, "-O2", "-pthread", "-o", str(self._program), str(source)]
        subprocess.run(command, check=True, timeout=60)

    @contextmanager
    def forwarding(self, landing: socket.socket) -> Iterator[tuple[int, int]]:
        """The plain C loop, which sends everything to one socket: its pid and port."""
        command = [self._program, "forward", str(landing.getsockname()[1])]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as loop:
            try:
                assert loop.stdout is not None
                yield loop.pid, int(loop.stdout.readline())
            finally:
                loop.kill()

    def flood(self, out: socket.socket, come: socket.socket, port: int, *, seconds: float, size: int) -> int:
        """How many came through."""
        words = [out.fileno(), come.fileno(), port, seconds, size]
        return int(self._run("flood", words, [out, come], seconds))

    def pace(self, senders: dict[socket.socket, int], *, seconds: float, size: int = SIZE) -> Paced:
        """Every socket sends a call's packets to its port, if that is not 0, and all of them listen."""
        legs = [f"{udp.fileno()}:{port}" for udp, port in senders.items()]
        words = self._run("pace", [PACKETS_A_SECOND, seconds, size, *legs], senders, seconds).split()
        return Paced(int(words[0]), int(words[1]), *map(float, words[2:]))

    def _run(self, mode: str, words: list[Any], sockets: Any, seconds: float) -> str:
        done = subprocess.run(
            [str(self._program), mode, *map(str, words)],
            pass_fds=[each.fileno() for each in sockets],
            capture_output=True,
            check=True,
            text=True,
            timeout=5 * seconds + 20,
        )
        return done.stdout


def udp_socket(stack: ExitStack, host: str = "127.0.0.1") -> socket.socket:
    udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
    udp.bind((host, 0))
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return udp


# The relay --------------------------------------------------------------------------------------------


class Relay:
    """A relay process of this run's own, and its controller. `inside` goes in front of the command."""

    def __init__(self, stack: ExitStack, *more: str, inside: Sequence[str] = ()) -> None:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))) / "relay.sock"
        command = [*inside, sys.executable, "-m", "webrtc.relay", "--socket", str(path), *more]
        process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL)
        stack.callback(process.wait, timeout=10)
        stack.callback(process.terminate)
        # A thread of its own: Playwright has a loop that runs in the caller's.
        self._thread = stack.enter_context(ThreadPoolExecutor(1))
        self._runner = asyncio.Runner()
        stack.callback(lambda: self._thread.submit(self._runner.close).result())
        self.client = self._run(_connected(path))
        stack.callback(lambda: self._run(self.client.close()))
        self.pid, self.port = process.pid, self.client.port
        self._opened = 0

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._thread.submit(self._runner.run, work).result()

    def open(self, count: int) -> list[tuple[LegCredentials, LegCredentials]]:
        """So many pairs more, with names as long as real ones, their gates open."""
        numbers = range(self._opened, self._opened + count)
        self._opened += count
        return self._run(self._open(numbers))

    def close_pairs(self) -> None:
        """As the rooms do when a visit is over."""
        self._run(self._close_pairs())

    async def _close_pairs(self) -> None:
        for pair in await self.client.list():
            await self.client.close_pair(pair.pair)

    async def _open(self, numbers: range) -> list[tuple[LegCredentials, LegCredentials]]:
        opened = []
        for number in numbers:
            room = f"visit-{number:030}"
            pair = f"{room}/patient/clinician/{number:016}/{'p' * 22}/{'q' * 22}"
            legs = (await self.client.open(pair=pair, room=room)).legs
            await self.client.gate(pair=pair, passing=True)
            opened.append((legs["a"], legs["b"]))
        return opened

    def calls(self, count: int, stack: ExitStack) -> list[tuple[socket.socket, socket.socket]]:
        """Pairs of sockets that reach each other."""
        made = [(udp_socket(stack), udp_socket(stack)) for _ in range(count)]
        for sockets, legs in zip(made, self.open(count), strict=True):
            for udp, leg in zip(sockets, legs, strict=True):
                self.latch(udp, leg)
        return made

    def latch(self, udp: socket.socket, leg: LegCredentials) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes = {"USERNAME": f"{leg.ufrag}:bench", "ICE-CONTROLLING": 1}
        request.add_message_integrity(leg.pwd.encode())
        udp.settimeout(5)
        udp.sendto(bytes(request), ("127.0.0.1", self.port))
        udp.recv(2048)
        udp.setblocking(True)

    def stats(self) -> dict[str, Any]:
        return self._run(self.client.stats())


async def _connected(path: Path) -> RelayClient:
    for _ in range(500):
        try:
            return await RelayClient.connect(path)
        except RelayGone:
            await asyncio.sleep(0.02)
    raise RelayGone("the relay did not start within 10 seconds")


def go_first(*pids: int) -> None:
    """Before the neighbours' work, as the C program paces, where that is allowed: for what the clock measures."""
    for pid in pids:
        with suppress(PermissionError):
            os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))


def allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def machine() -> dict[str, Any]:
    """What else was going on: without it nobody can judge the spread."""
    may = os.geteuid() == 0
    return {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "real_time": may}
