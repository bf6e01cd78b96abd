"""Follows up what patients on a course were to do and have not done."""

from aiohttp import web

from server.jobs.job import Job
from server.services import missed, questions
from server.web import keys, live

EVERY_SECONDS = 900.0


def missed_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await follow_everybody(app)

    return Job(name="missed", every_seconds=EVERY_SECONDS, run=run)


async def follow_everybody(app: web.Application) -> int:
    """For how many something was done. A transaction for each patient, so that nobody waits for all of them."""
    clock, database, quiet = app[keys.CLOCK], app[keys.DATABASE], app[keys.REMINDERS].quiet
    async with database.read() as tx:
        everybody = await questions.may_be_asked(tx)
    followed = 0
    for patient_id in everybody:
        async with database.write() as tx:
            followed += await missed.follow(tx, patient_id, quiet=quiet, now=clock.now())
    if followed:
        app[keys.CHANGES].publish(live.BOARD)
    return followed
