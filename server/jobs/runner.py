"""Every job there is, and one loop for each: run it, wait its period; when it fails, wait longer each time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from server.jobs.broken_calls import broken_calls_job
from server.jobs.busy_feeds import busy_feeds_job
from server.jobs.call_check import call_check_job
from server.jobs.call_samples import call_samples_job
from server.jobs.escalation import escalation_job
from server.jobs.free_times import free_times_job
from server.jobs.job import Job, pause_after
from server.jobs.licences import licences_job
from server.jobs.lost_links import lost_links_job
from server.jobs.lost_stays import lost_stays_job
from server.jobs.mail import mail_job
from server.jobs.missed import missed_job
from server.jobs.questions import questions_job
from server.jobs.reminders import reminders_job
from server.jobs.retention import retention_job
from server.notify import Notifier

log = logging.getLogger("bedside.jobs")

# Longer than any round of a job waits for the database alone; what waits for other machines is cancelled after it.
FINISH_SECONDS = 5.0


def all_jobs(app: web.Application, notifier: Notifier) -> tuple[Job, ...]:
    return (
        mail_job(app, notifier),
        reminders_job(app),
        lost_links_job(app),
        lost_stays_job(app),
        escalation_job(app),
        questions_job(app),
        missed_job(app),
        licences_job(app),
        free_times_job(app),
        busy_feeds_job(app),
        broken_calls_job(app),
        call_check_job(app),
        call_samples_job(app),
        retention_job(app),
    )


@asynccontextmanager
async def run_jobs(app: web.Application, notifier: Notifier) -> AsyncIterator[None]:
    """They run while the block is open; leaving it waits until none is left running.

    A round that has begun is given some seconds to end by itself: cancelled in the middle of a statement, the
    database's driver can be left with a connection that never closes, and the process would wait for it for ever.
    """
    stopping = asyncio.Event()
    loops = [asyncio.ensure_future(repeat(job, stopping)) for job in all_jobs(app, notifier)]
    try:
        yield
    finally:
        stopping.set()
        _, late = await asyncio.wait(loops, timeout=FINISH_SECONDS)
        for each in late:
            each.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def repeat(job: Job, stopping: asyncio.Event) -> None:
    """Until `stopping`. A job that fails never ends the others, and does not hammer at what is broken."""
    failures = 0
    while not stopping.is_set():
        try:
            while await job.run() and not stopping.is_set():
                failures = 0
            failures = 0
        except Exception:
            failures += 1
            log.exception("job %s failed %d times in a row", job.name, failures)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_after(failures, every_seconds=job.every_seconds)):
                await stopping.wait()
