"""Answers those who lost their link, apart from the page on which they said so."""

from aiohttp import web

from server.jobs.job import Job
from server.services import lost_links
from server.web import keys

EVERY_SECONDS = 3.0


def lost_links_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await answer_everybody(app)

    return Job(name="lost-links", every_seconds=EVERY_SECONDS, run=run)


async def answer_everybody(app: web.Application) -> int:
    """How many were answered."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    async with database.read() as tx:
        asked = await lost_links.waiting(tx)
    for lost_link_id, token in asked:
        async with database.write() as tx:
            await lost_links.answer(tx, lost_link_id, token, now=clock.now())
    return len(asked)
