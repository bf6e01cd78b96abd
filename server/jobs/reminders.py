"""Puts the reminders that are due into the outbox; the postman takes them from there."""

from aiohttp import web

from server.jobs.job import Job
from server.services import reminders
from server.web import keys, live

EVERY_SECONDS = 20.0


def reminders_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await remind_everybody(app)

    return Job(name="reminders", every_seconds=EVERY_SECONDS, run=run)


async def remind_everybody(app: web.Application) -> int:
    """How many were queued. A transaction for each, so that nobody waits for all of them."""
    clock, database, rules = app[keys.CLOCK], app[keys.DATABASE], app[keys.REMINDERS]
    async with database.read() as tx:
        found = await reminders.due_now(tx, rules=rules, now=clock.now())
    queued = 0
    for each in found:
        async with database.write() as tx:
            queued += await reminders.queue(tx, each, now=clock.now())
    if queued:
        app[keys.CHANGES].publish(live.BOARD)
    return queued
