"""Ends the waiting of those whose page did not come back after the server did.

A page says goodbye to the server, and a server that was killed heard none: without this the board would call the desk
to somebody who is long gone. Once for each start, one lease after it; later the rooms themselves see who is lost.
"""

from aiohttp import web

from server.jobs.job import Job
from server.services import visits
from server.services.visits import PATIENT
from server.web import keys, live

EVERY_SECONDS = 5.0


def lost_stays_job(app: web.Application) -> Job:
    """The job for the runner."""
    clock = app[keys.CLOCK]
    began, over = clock.monotonic(), False

    async def run() -> int:
        nonlocal over
        if not over and clock.monotonic() - began >= app[keys.ROOMS].lease_seconds:
            await end_lost_stays(app)
            over = True
        return 0

    return Job(name="lost-stays", every_seconds=EVERY_SECONDS, run=run)


async def end_lost_stays(app: web.Application) -> int:
    """How many were lost. Whoever came back sits in their room."""
    clock, database, rooms = app[keys.CLOCK], app[keys.DATABASE], app[keys.ROOMS]
    async with database.read() as tx:
        waiting = await visits.waiting_by_page(tx)
    lost = 0
    for encounter_id in waiting:
        room = rooms.find(encounter_id)
        if room is not None and room.present(PATIENT):
            continue
        async with database.write() as tx:
            lost += await visits.lose(tx, encounter_id=encounter_id, now=clock.now())
        app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    return lost
