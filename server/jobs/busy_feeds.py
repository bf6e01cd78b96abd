"""Reads practitioners' calendars elsewhere every few minutes. One that fails keeps the times it said last."""

import asyncio
from datetime import timedelta

from aiohttp import web

from server.jobs.calendar_fetch import MayReach, NotFetched, fetch, is_public
from server.jobs.job import Job
from server.services import feeds, practice
from server.services.busy_calendar import NoCalendar, busy_times
from server.web import keys, live

EVERY_SECONDS = 300.0
# Kept from a day back, for a visit that is going on, until a year ahead.
BEFORE, AHEAD = timedelta(days=1), timedelta(days=366)
NO_CALENDAR = "no-calendar"


def busy_feeds_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        await read_all(app)
        return 0

    return Job(name="busy feeds", every_seconds=EVERY_SECONDS, run=run)


async def read_all(app: web.Application, *, may_reach: MayReach = is_public) -> None:
    """Each in its own time and transaction: a slow calendar holds up no other write."""
    async with app[keys.DATABASE].read() as tx:
        known = await feeds.every(tx)
        zones: dict[str, str] = {person.id: person.time_zone for person in await practice.practitioners(tx)}
    for feed in known:
        await _read(app, feed, zone=zones[feed.practitioner_id], may_reach=may_reach)
    if known:
        app[keys.CHANGES].publish(live.BOARD)


async def _read(app: web.Application, feed: feeds.Feed, *, zone: str, may_reach: MayReach) -> None:
    now = app[keys.CLOCK].now()
    try:
        text = await fetch(feed.url, may_reach=may_reach)
        # A large calendar takes seconds of work, which pages must not wait for.
        busy = await asyncio.to_thread(busy_times, text, zone=zone, start=now - BEFORE, end=now + AHEAD)
    except (NotFetched, NoCalendar) as problem:
        word = problem.problem if isinstance(problem, NotFetched) else NO_CALENDAR
        async with app[keys.DATABASE].write() as tx:
            await feeds.failed(tx, feed, problem=word, now=now)
        return
    async with app[keys.DATABASE].write() as tx:
        await feeds.keep(tx, feed, busy, now=now)
