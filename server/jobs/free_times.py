"""Takes back offers that became void by themselves; and offers what came free, where the clinic wants that done."""

from aiohttp import web

from server.care.wait_list import NothingToOffer
from server.jobs.job import Job
from server.services import void_offers, wait_offers
from server.web import keys, live

EVERY_SECONDS = 60.0


def free_times_job(app: web.Application) -> Job:
    """The job for the runner; where the desk decides it offers nothing."""

    async def run() -> int:
        closed = await close_void(app)
        return closed + (await offer_all(app) if app[keys.SITE].offers_free_times else 0)

    return Job(name="free-times", every_seconds=EVERY_SECONDS, run=run)


async def close_void(app: web.Application) -> int:
    """How many. A visit that began, and another calendar's news, are told to nobody here."""
    async with app[keys.DATABASE].write() as tx:
        closed = await void_offers.close(tx, now=app[keys.CLOCK].now())
    if closed:
        app[keys.CHANGES].publish(live.BOARD)
    return closed


async def offer_all(app: web.Application) -> int:
    """How many offers were made. A transaction a time, so that a booking never waits for all of them."""
    now, quiet = app[keys.CLOCK].now(), app[keys.REMINDERS].quiet
    async with app[keys.DATABASE].read() as tx:
        found = await app[keys.OPENINGS].newest(tx, now=now)
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
