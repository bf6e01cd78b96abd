"""Calls the robot patient when a clinician opens its visit."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from server.web import keys, live


@asynccontextmanager
async def robot_patient(
    app: web.Application, *, encounter_id: str, link: str, born: str
) -> AsyncIterator[None]:
    """The robot can be called for as long as the block is open."""
    robot = _Robot(link, born)
    calling = asyncio.ensure_future(call_when_opened(app, robot, encounter_id=encounter_id))
    try:
        yield
    finally:
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        await robot.end()


async def call_when_opened(app: web.Application, robot: "_Robot", *, encounter_id: str) -> None:
    """Each time its clinician is in the room and the robot is not."""
    async for _ in app[keys.CHANGES].subscribe(live.encounter_topic(encounter_id)):
        room = app[keys.ROOMS].find(encounter_id)
        if room is None or not room.present("clinician") or room.present("patient"):
            continue
        await robot.come()


class _Robot:
    """Its process, which begins when it is called for the first time: most demos are over before that, and none has
    to wait for it in order to be ready."""

    def __init__(self, link: str, born: str) -> None:
        self._words = (link, born)
        self._process: asyncio.subprocess.Process | None = None

    async def come(self) -> None:
        """One line to the process, which knows whether it is on its way already."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "server.demo.robot", *self._words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
            )
        if self._process.stdin is not None and self._process.returncode is None:
            self._process.stdin.write(b"come\n")
            await self._process.stdin.drain()

    async def end(self) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
