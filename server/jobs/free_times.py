"""Offers times that came free to the wait-list, where the clinic wants that done by itself."""

from aiohttp import web

from server.care.wait_list import NothingToOffer
from server.jobs.job import Job
from server.services import wait_list, wait_offers
from server.web import keys, live

EVERY_SECONDS = 60.0


def free_times_job(app: web.Application) -> Job:
    """The job for the runner; it does nothing where the desk decides."""

    async def run() -> int:
        return await offer_all(app) if app[keys.SITE].offers_free_times else 0

    return Job(name="free-times", every_seconds=EVERY_SECONDS, run=run)


async def offer_all(app: web.Application) -> int:
    """How many offers were made. A transaction a time, so that a booking never waits for all of them."""
    now, quiet = app[keys.CLOCK].now(), app[keys.REMINDERS].quiet
    async with app[keys.DATABASE].read() as tx:
        found = await wait_list.openings(tx, now=now)
    made = 0
    for one in found:
        try:
            async with app[keys.DATABASE].write() as tx:
                made += len(
                    await wait_offers.offer(
                        tx,
                        practitioner_id=one.practitioner_id,
                        starts_at=one.starts_at,
                        by="system",
                        quiet=quiet,
                        now=now,
                    )
                )
        except NothingToOffer:
            continue
    if made:
        app[keys.CHANGES].publish(live.BOARD)
    return made
