"""Has the desk call patients who were let in and have no call, since it broke off or from the beginning: their page
says that we will."""

from aiohttp import web

from server.jobs.job import Job
from server.services import telephone
from server.web import keys, live

EVERY_SECONDS = 10.0


def broken_calls_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await call_everybody(app)

    return Job(name="broken-calls", every_seconds=EVERY_SECONDS, run=run)


async def call_everybody(app: web.Application) -> int:
    """How many tasks were opened. Looking needs no turn at the database's pen; writing takes it once for each visit."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    async with database.read() as tx:
        due = await telephone.broken_off(tx, now=clock.now())
    called = 0
    for encounter_id in due:
        async with database.write() as tx:
            called += await telephone.call_about(tx, encounter_id=encounter_id, now=clock.now())
        app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    return called
