"""Once a day, deletes what is kept no longer (`[retention]` in config.toml)."""

from aiohttp import web

from server.jobs.job import Job
from server.services import retention
from server.web import keys

EVERY_SECONDS = 24 * 3600.0


def retention_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        async with app[keys.DATABASE].write() as tx:
            return await retention.forget(tx, rules=app[keys.RETENTION], now=app[keys.CLOCK].now())

    return Job(name="retention", every_seconds=EVERY_SECONDS, run=run)
