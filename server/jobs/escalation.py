"""Hands what its owner did not take in time to all others, and writes to staff about whoever waits unseen."""

from aiohttp import web

from server.jobs.job import Job
from server.services import alarms, tasks, waiting
from server.web import keys, live

EVERY_SECONDS = 15.0


def escalation_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await escalate_overdue(app) + await tell_of_the_waiting(app)

    return Job(name="escalation", every_seconds=EVERY_SECONDS, run=run)


async def escalate_overdue(app: web.Application) -> int:
    """How many became everybody's. A transaction for each, so that one that fails holds up no other."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    async with database.read() as tx:
        overdue = await tasks.overdue_with_owner(tx, now=clock.now())
    escalated = 0
    for task_id in overdue:
        async with database.write() as tx:
            escalated += await alarms.escalate(tx, task_id, now=clock.now())
    if escalated:
        app[keys.CHANGES].publish(live.BOARD)
    return escalated


async def tell_of_the_waiting(app: web.Application) -> int:
    """How many visits somebody was written to about."""
    clock, database, patience = app[keys.CLOCK], app[keys.DATABASE], app[keys.PATIENCE]
    async with database.read() as tx:
        unseen = await waiting.unseen(tx, patience=patience, now=clock.now())
    told = 0
    for encounter_id in unseen:
        async with database.write() as tx:
            told += await waiting.tell(tx, encounter_id, patience=patience, now=clock.now())
    if told:
        app[keys.CHANGES].publish(live.BOARD)
    return told
