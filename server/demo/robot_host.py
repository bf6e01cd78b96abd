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
    """The robot's process, waiting to be called, for as long as the block is open."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.demo.robot", link, born),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    calling = asyncio.ensure_future(call_when_opened(app, process, encounter_id=encounter_id))
    try:
        yield
    finally:
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def call_when_opened(
    app: web.Application, process: asyncio.subprocess.Process, *, encounter_id: str
) -> None:
    """One line to the robot each time its clinician is in the room and the robot is not."""
    async for _ in app[keys.CHANGES].subscribe(live.encounter_topic(encounter_id)):
        room = app[keys.ROOMS].find(encounter_id)
        if room is None or not room.present("clinician") or room.present("patient"):
            continue
        if process.stdin is not None and process.returncode is None:
            process.stdin.write(b"come\n")
            await process.stdin.drain()
