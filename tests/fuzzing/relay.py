"""The real relay process with a call in it, while controllers and strangers misbehave."""

import asyncio
import json
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from tests.fuzzing import budget
from tests.fuzzing.mutation import inputs
from tests.fuzzing.seeds import seeds
from tests.house.tree import ROOT
from tests.media.checks import SRTP, resident
from tests.media.test_relay_process_keeps_calls_alive import Browser, passes
from webrtc.relay.control import LONGEST_LINE
from webrtc.relay_client import RelayBusy, RelayClient

CONTROL = (ROOT / "webrtc/relay/CONTROL.md").read_text(encoding="utf-8")
CODES = set(
    re.findall(r"`([a-z-]+)`", next(line for line in CONTROL.splitlines() if line.startswith("Codes:")))
)
PATIENTLY = 60
GROWTH = 24 * 1024 * 1024
TOGETHER = 3
# What a connection says last: its answer shows that everything before was looked at.
LAST = b'\n{"id":"the-last","op":"hello"}\n'
WORDS = (
    b'{"id":1,"op":"',
    b'"pair":"v"',
    b"true",
    b"null",
    b"1e999",
    b'"\\ud800"',
    b"[" * 700,
    b"\xff",
    b"\0",
    b"x" * LONGEST_LINE,
)
WORDS += (
    b'"open"',
    b'"gate"',
    b'"list"',
    b'"hello"',
    b'"replace_leg"',
    b"\n",
    b'{"id":9,"op":"list"}\n' * 50,
)


@dataclass
class Line:
    """The relay, the call that has to go on, and where controllers connect."""

    path: Path
    port: int
    pid: int
    call: list[Browser]

    async def goes_on(self) -> None:
        """The call does, and an honest controller finds it; what the others opened is put away."""
        assert await passes(*self.call, SRTP) and await passes(*reversed(self.call), SRTP)
        client = await self._controller()
        try:
            names = [info.pair for info in await client.list()]
            assert names[0] == "the call"
            for name in names[1:]:
                await client.close_pair(name)
        finally:
            await client.close()

    async def _controller(self) -> RelayClient:
        """The one before may be in control for a moment longer."""
        async with asyncio.timeout(PATIENTLY):
            while True:
                try:
                    return await RelayClient.connect(self.path)
                except RelayBusy:
                    await asyncio.sleep(0.01)


async def misuse_control(line: Line, *, count: int, seed: int) -> None:
    """Controllers in threes, their lines cut anywhere and interleaved."""
    dice = budget.dice(seed, "control")
    await line.goes_on()
    before = resident(line.pid)
    tried = inputs(seeds("control"), count=count, dice=dice, words=WORDS, between=b"\n")
    while together := list(islice(tried, TOGETHER)):
        with budget.trying("control", b"\n".join(together)):
            # By every dice it may come to, a controller may not end the calls: that would be an honest request.
            await visited(line.path, [data.replace(b"stop", b"spot") for data in together], dice)
            await line.goes_on()
            assert resident(line.pid) - before < GROWTH


async def visited(path: Path, sayings: list[bytes], dice: Random) -> None:
    streams = [await asyncio.open_unix_connection(path, limit=64 * 1024 * 1024) for _ in sayings]
    listening = [asyncio.ensure_future(heard(reader)) for reader, _ in streams]
    waiting = [saying + LAST for saying in sayings]
    while left := [number for number, saying in enumerate(waiting) if saying]:
        number = dice.choice(left)
        size = dice.choice((1, 7, 100, 5000, 100_000))
        piece, waiting[number] = waiting[number][:size], waiting[number][size:]
        writer = streams[number][1]
        try:
            writer.write(piece)
            await asyncio.wait_for(writer.drain(), PATIENTLY)
        except ConnectionError:  # let go, as CONTROL.md says who is
            waiting[number] = b""
    await asyncio.wait_for(asyncio.gather(*listening), PATIENTLY)
    for _, writer in streams:
        writer.close()


async def heard(reader: asyncio.StreamReader) -> None:
    """Every line is an answer or an event as CONTROL.md has them, until the last answer or until it is let go."""
    try:
        while line := await reader.readline():
            message = json.loads(line)
            if "event" in message:
                assert isinstance(message["pair"], str)
            elif message["ok"] is not True:
                assert message["error"] in CODES
            if message.get("id") == "the-last":
                return
    except ConnectionError:
        pass


async def misuse_tcp(line: Line, *, count: int, seed: int) -> None:
    """Streams of anything at all to the port that browsers connect to."""
    dice = budget.dice(seed, "framing")
    await line.goes_on()
    before = resident(line.pid)
    tried = inputs(seeds("framing"), count=count, dice=dice, words=(b"\x05\xdc", b"\xff\xff", b"\0\0"))
    while together := list(islice(tried, TOGETHER)):
        with budget.trying("framing", b"".join(together)):
            await asyncio.gather(*(streamed(line.port, data, dice) for data in together))
            await line.goes_on()
            assert resident(line.pid) - before < GROWTH


async def streamed(port: int, data: bytes, dice: Random) -> None:
    """Nothing comes back to who has proved nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cut = dice.randrange(len(data) + 1)
    try:
        for piece in (data[:cut], data[cut:]):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), PATIENTLY) == b""
    except OSError:  # closed by the relay means reset
        pass
    writer.close()
