"""Tells administrators that a licence ends: a month before, and a day before."""

from aiohttp import web

from server.jobs.job import Job
from server.services import licences
from server.web import keys, live

EVERY_SECONDS = 600.0


def licences_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        async with app[keys.DATABASE].write() as tx:
            opened = await licences.warn(tx, zone=app[keys.CLINIC].time_zone, now=app[keys.CLOCK].now())
        if opened:
            app[keys.CHANGES].publish(live.BOARD)
        return 0

    return Job(name="licences", every_seconds=EVERY_SECONDS, run=run)
