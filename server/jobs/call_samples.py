"""Writes down how calls are, all of them together every ten seconds, so that no call waits for the database."""

from collections import deque
from dataclasses import fields
from datetime import datetime, timedelta

from aiohttp import web

from server.care.call_quality import Figures, Sample
from server.jobs.job import Job
from server.services import call_quality
from server.web import keys
from webrtc.room_events import Measured, RoomEvent
from webrtc.seats import GUESTS, role_of

EVERY_SECONDS = 10.0
# While the database cannot be written, the newest are kept: about a minute of a hundred calls.
MOST_WAITING = 2000


def call_samples_job(app: web.Application) -> Job:
    """The job for the runner; it listens to every room from now on."""
    waiting: deque[tuple[str, Sample]] = deque(maxlen=MOST_WAITING)
    clock = app[keys.CLOCK]

    def hear(event: RoomEvent) -> None:
        # How a call was is the story of its two people; a guest's line says nothing about theirs.
        if isinstance(event, Measured) and role_of(event.seat) not in GUESTS:
            at = clock.now() - timedelta(seconds=clock.monotonic() - event.at)
            waiting.append((event.room, sample_of(event, at)))

    app[keys.ROOMS].on_event(hear)

    async def run() -> int:
        # Taken out before anything is waited for: what is heard meanwhile belongs to the next batch.
        batch = [waiting.popleft() for _ in range(len(waiting))]
        try:
            await write_down(app, batch)
        except Exception:
            newer = list(waiting)
            waiting.clear()
            waiting.extend(batch + newer)
            raise
        return 0  # the next ones are not whole before their ten seconds are over

    return Job(name="call samples", every_seconds=EVERY_SECONDS, run=run)


async def write_down(app: web.Application, batch: list[tuple[str, Sample]]) -> None:
    if batch:
        async with app[keys.DATABASE].write() as tx:
            await call_quality.keep(tx, batch)


def sample_of(event: Measured, at: datetime) -> Sample:
    figures = {field.name: getattr(event.figures, field.name) for field in fields(Figures)}
    return Sample(
        seat=event.seat,
        at=at,
        route=event.route,
        word=event.judgement.word,
        side=event.judgement.side,
        figures=Figures(**figures),
    )
