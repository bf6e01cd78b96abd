"""Tells patients on a course when their questionnaires are due."""

from aiohttp import web

from server.jobs.job import Job
from server.services import questions
from server.web import keys

EVERY_SECONDS = 300.0


def questions_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await ask_everybody(app)

    return Job(name="questions", every_seconds=EVERY_SECONDS, run=run)


async def ask_everybody(app: web.Application) -> int:
    """How many letters were queued. A transaction for each patient, so that nobody waits for all of them."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    async with database.read() as tx:
        everybody = await questions.may_be_asked(tx)
    asked = 0
    for patient_id in everybody:
        async with database.write() as tx:
            asked += await questions.ask(tx, patient_id, quiet=app[keys.REMINDERS].quiet, now=clock.now())
    return asked
