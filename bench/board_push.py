"""A change on its way to 20 open boards, while 1,000 patients wait in their rooms, on one process.

Ours: a desk writes down that it rang; every board hears of another number and fetches the whole board with all rows.
Peer: aiohttp with as many open WebSockets that pushes the same bytes to 20 event streams, and knows nothing of anybody.
One after the other, from one client; the servers are processes of their own, so that their memory and CPU are theirs.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from aiohttp import ClientSession, ClientTimeout, CookieJar, TCPConnector
from aiohttp.test_utils import unused_port

from bench._board import ROOMS, raise_limit

BOARDS, CHANGES = 20, 15
PING_SECONDS = 8.0


class Process:
    """A server of this run's own, and what it takes."""

    def __init__(self, stack: AsyncExitStack, *said: str) -> None:
        command = [sys.executable, "-m", "bench._board", *said]
        self._process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        stack.callback(self._process.wait)
        stack.callback(self._process.kill)
        assert self._process.stdout is not None
        self.facts = json.loads(self._process.stdout.readline())

    def memory_kb(self) -> int:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])

    def cpu_ms(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 10.0


class Boards:
    """Twenty open boards; `seen` is how many have shown the newest change."""

    def __init__(self) -> None:
        self.seen = 0
        self.size = 0
        self.all = asyncio.Event()

    def expect(self) -> None:
        self.seen = 0
        self.all.clear()

    def shows(self, size: int) -> None:
        self.seen, self.size = self.seen + 1, size
        if self.seen == BOARDS:
            self.all.set()


@asynccontextmanager
async def client(facts: dict[str, Any]) -> AsyncIterator[ClientSession]:
    session = ClientSession(
        cookies=facts.get("cookies"),
        cookie_jar=CookieJar(unsafe=True),
        connector=TCPConnector(limit=0),
        timeout=ClientTimeout(total=None),
        read_bufsize=2**22,
    )
    async with session:
        yield session


async def wait_in_rooms(
    session: ClientSession, addresses: list[str], origin: str
) -> list[asyncio.Task[None]]:
    """Opens every room, a few at a time, and keeps its seat."""
    gate = asyncio.Semaphore(20)
    opened = asyncio.Semaphore(0)

    async def one(address: str) -> None:
        async with gate:
            socket = await session.ws_connect(address, headers={"Origin": origin})
            await socket.send_str(json.dumps({"type": "hello", "page": "page-of-a-bench", "seen": 0}))
            await socket.receive()
        opened.release()
        listening = asyncio.ensure_future(drain(socket))
        while not listening.done():
            await asyncio.sleep(PING_SECONDS)
            await socket.send_str('{"type": "ping"}')

    async def drain(socket: Any) -> None:
        async for _ in socket:
            pass

    tasks = [asyncio.ensure_future(one(each)) for each in addresses]
    for _ in addresses:
        await opened.acquire()
    return tasks


async def our_board(session: ClientSession, base: str, boards: Boards) -> None:
    shown = ""
    async with session.get(f"{base}/desk/today/changes") as stream:
        async for line in stream.content:
            said = line.decode().split()
            if said[:1] != ["data:"] or len(said) < 3 or said[2] == shown:
                continue
            async with session.get(f"{base}/desk/today/board") as answer:
                markup = await answer.text()
            shown = markup.split('data-number="', 1)[1].split('"', 1)[0]
            boards.shows(len(markup))


async def their_board(session: ClientSession, base: str, boards: Boards) -> None:
    async with session.get(f"{base}/changes") as stream:
        while said := await stream.content.readuntil(b"\n\n"):
            boards.shows(len(said))


async def times(
    boards: Boards, change: Callable[[int], Awaitable[None]], server: Process
) -> tuple[list[float], float]:
    """Milliseconds from asking for a change until all boards show it; and the server's CPU for one."""
    found = []
    before = server.cpu_ms()
    for n in range(CHANGES):
        boards.expect()
        began = time.perf_counter()
        await change(n)
        await asyncio.wait_for(boards.all.wait(), 60)
        found.append((time.perf_counter() - began) * 1000)
    return found, (server.cpu_ms() - before) / CHANGES


async def ours(stack: AsyncExitStack, folder: Path) -> dict[str, Any]:
    port = unused_port()
    base = f"http://127.0.0.1:{port}"
    server = Process(stack, "ours", str(folder), str(port))
    session = await stack.enter_async_context(client(server.facts))
    before = server.memory_kb()
    visits = server.facts["visits"]
    waiting = await wait_in_rooms(session, [f"{base}/signalling/{each}" for each in visits], base)
    await settled(session, base, len(visits))
    socket_kb = (server.memory_kb() - before) / ROOMS
    boards = Boards()
    listening = [asyncio.ensure_future(our_board(session, base, boards)) for _ in range(BOARDS)]
    await asyncio.wait_for(boards.all.wait(), 60)

    async def change(n: int) -> None:
        address = f"{base}/desk/visit/{visits[n]}/contact?day=none"
        headers = {"X-CSRF-Token": server.facts["token"]}
        async with session.post(
            address, data={"kind": "rang"}, headers=headers, allow_redirects=False
        ) as answer:
            assert answer.status == 303, answer.status

    found, cpu = await times(boards, change, server)
    end(waiting + listening)
    return {"ms": found, "cpu": cpu, "socket_kb": socket_kb, "size": boards.size}


async def settled(session: ClientSession, base: str, visits: int) -> None:
    """Until everybody's coming is written down."""
    while True:
        async with session.get(f"{base}/desk/today/board") as answer:
            if (await answer.text()).count('data-alert-kind="waiting"') == visits:
                return
        await asyncio.sleep(1)


async def theirs(stack: AsyncExitStack, size: int) -> dict[str, Any]:
    port = unused_port()
    base = f"http://127.0.0.1:{port}"
    server = Process(stack, "peer", str(port), str(size))
    session = await stack.enter_async_context(client({}))
    before = server.memory_kb()
    gate = [session.ws_connect(f"{base}/room") for _ in range(ROOMS)]
    for each in gate:
        await each
    socket_kb = (server.memory_kb() - before) / ROOMS
    boards = Boards()
    listening = [asyncio.ensure_future(their_board(session, base, boards)) for _ in range(BOARDS)]
    await asyncio.wait_for(boards.all.wait(), 60)

    async def change(_: int) -> None:
        async with session.post(f"{base}/change") as answer:
            assert answer.status == 200

    found, cpu = await times(boards, change, server)
    end(listening)
    return {"ms": found, "cpu": cpu, "socket_kb": socket_kb}


def end(tasks: list[asyncio.Task[None]]) -> None:
    for each in tasks:
        each.cancel()


async def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        async with AsyncExitStack() as stack:
            one = await ours(stack, Path(name))
        async with AsyncExitStack() as stack:
            other = await theirs(stack, one["size"])
    for who, said in (("ours", one), ("peer", other)):
        ms = sorted(said["ms"])
        print(
            f"{who}: p50 {statistics.median(ms):.0f} ms, slowest of {CHANGES} {ms[-1]:.0f} ms, "
            f"{said['cpu']:.0f} ms of CPU a change, {said['socket_kb']:.1f} kB a socket"
        )
    mine, peers = statistics.median(one["ms"]), statistics.median(other["ms"])
    result = {
        "name": "board_push",
        "ratio": round(mine / peers, 1),
        "ours": round(mine),
        "peer": round(peers, 1),
        "peer_name": "aiohttp that pushes the same bytes to as many event streams",
        "unit": f"ms until {BOARDS} boards of {one['size'] // 1000} kB show a change, with {ROOMS} open waiting rooms",
        "runs": CHANGES,
        "p99": round(max(one["ms"])),
        "cpu_ms": round(one["cpu"]),
        "socket_kb": round(one["socket_kb"], 1),
        "peer_socket_kb": round(other["socket_kb"], 1),
    }
    print(json.dumps(result))


def main() -> None:
    raise_limit()
    asyncio.run(measure())


if __name__ == "__main__":
    main()
