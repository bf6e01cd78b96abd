"""Calls the server itself every few minutes, so that the clinic hears of broken calls before a patient does."""

import logging

from aiohttp import web

from server.care import call_health
from server.care.access import ADMINISTRATOR
from server.jobs.job import Job
from server.services import tasks
from server.web import keys, live
from webrtc.ice_servers import TurnPool
from webrtc.participants.call_check import CallRules, place_call
from webrtc.participants.turn_check import TurnTrouble, allocate

log = logging.getLogger("bedside.calls")

# How often it is asked whether a check is due.
EVERY_SECONDS = 10.0
TASK = "calls-not-working"
BY = "system"


def call_check_job(app: web.Application) -> Job:
    """The job for the runner."""

    async def run() -> int:
        watch = app[keys.CALL_WATCH]
        if not call_health.due(watch.health, watch.rules, app[keys.CLOCK].now()):
            return 0
        await check(app)
        return 1  # whether another one is due at once

    return Job(name="call check", every_seconds=EVERY_SECONDS, run=run)


async def check(app: web.Application, rules: CallRules | None = None) -> None:
    """One check now. `rules`: how long each step may take."""
    failed = None
    # So many people hear each other right now: that is proof enough, and one more call would only be in their way.
    if app[keys.ROOMS].calls <= app[keys.CALL_WATCH].rules.up_to_calls:
        checked = await place_call(app[keys.ROOMS], rules)
        failed = checked.failed
        log.info("call check: %s after %.1f s", failed or "works", checked.seconds)
    await take(app, failed or await beside(app[keys.ROOMS].pool_beside))


async def beside(pool: TurnPool | None) -> str | None:
    """The TURN servers beside the relay, which a call from here does not touch: the last way in for closed networks."""
    for url in pool.urls if pool is not None else ():
        assert pool is not None
        try:
            await allocate(pool, url)
        except TurnTrouble as problem:
            log.warning("the TURN server %s does not take us: %s", url, problem)
            return call_health.BESIDE
    return None


async def take(app: web.Application, failed: str | None) -> None:
    """A verdict is in: the board and the administrators' list follow it.

    One task when it was the second failure in a row; it settles itself when calls work again.
    """
    watch, now = app[keys.CALL_WATCH], app[keys.CLOCK].now()
    before = watch.health
    health = watch.health = call_health.after(before, failed=failed, now=now)
    if health.failures == call_health.ALARM_AFTER:
        async with app[keys.DATABASE].write() as tx:
            await tasks.open_task(
                tx,
                kind=TASK,
                patient_id=None,
                encounter_id=None,
                detail=None,
                by=BY,
                now=now,
                owner_role=ADMINISTRATOR,
            )
    elif health.works and not before.works:
        async with app[keys.DATABASE].write() as tx:
            await tasks.settle(tx, kind=TASK, by=BY, now=now)
    app[keys.CHANGES].publish(live.BOARD)
