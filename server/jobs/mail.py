"""The outbox's postman: claims what is due, sends it outside any transaction, writes down what became of it.

A crash between sending and writing it down sends the same letter again, with the same Message-ID: never none, and
a second copy is recognised for what it is.
"""

import logging
from datetime import datetime
from typing import Any

from aiohttp import web

from server.care.people import SMS
from server.jobs.job import Job
from server.jobs.letters import Sender, letter_for
from server.jobs.texts import text_message_for
from server.notify import Letter, Notifier, NotSent, TextMessage
from server.services import sending
from server.services.message_facts import Outgoing
from server.store.reaching import RecordsOutOfReach
from server.web import keys, live

log = logging.getLogger("bedside.mail")

EVERY_SECONDS = 2.0


def mail_job(app: web.Application, notifier: Notifier) -> Job:
    """The job for the runner."""

    async def run() -> int:
        return await send_due(app, notifier)

    return Job(name="mail", every_seconds=EVERY_SECONDS, run=run)


async def send_due(app: web.Application, notifier: Notifier) -> int:
    """How many letters left. Each one is on its own: a bad one holds up nobody else's."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    async with database.read() as tx:
        waiting = await sending.due(tx, now=clock.now())
    left = 0
    for message_id in waiting:
        claimed = await _claim(app, message_id)
        if claimed is not None:
            left += await _send(app, notifier, claimed)
            visits = [live.encounter_topic(claimed.visit.encounter_id)] if claimed.visit else []
            app[keys.CHANGES].publish(live.BOARD, *visits)
    return left


async def _claim(app: web.Application, message_id: str) -> Outgoing | None:
    """None for one that is nobody's to send now, and for one of which we cannot even read what it tells."""
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    try:
        async with database.write() as tx:
            return await sending.claim(tx, message_id, now=clock.now(), quiet=app[keys.REMINDERS].quiet)
    except RecordsOutOfReach:
        raise
    except Exception:
        log.exception("what a message tells could not be read")
        async with database.write() as tx:
            await sending.not_read(tx, message_id, now=clock.now())
        return None


async def _send(app: web.Application, notifier: Notifier, claimed: Outgoing) -> int:
    clock, database = app[keys.CLOCK], app[keys.DATABASE]
    sender = Sender(
        clinic=app[keys.CLINIC],
        base_url=app[keys.SITE].base_url,
        patients_url=app[keys.SITE].patients_url,
        mail_address=notifier.settings.sender_address,
        country_code=app[keys.SITE].sms_country_code,
    )
    by: dict[str, Any] = {}
    try:
        message = _written(claimed, sender, now=clock.now())
    except Exception:
        log.exception("a message (%s) could not be written", claimed.kind)
        async with database.write() as tx:
            await sending.not_written(tx, claimed.message_id, attempts=claimed.attempts, now=clock.now())
        return 0
    try:
        if isinstance(message, TextMessage):
            taken = await notifier.send_text(message, only=claimed.gateway)
            by = {"gateway": taken.gateway, "reference": taken.reference}
        else:
            await notifier.send(message)
    except NotSent as problem:
        async with database.write() as tx:
            await sending.failed(
                tx,
                claimed,
                problem=str(problem),
                for_good=problem.for_good,
                now=clock.now(),
                gateway=problem.gateway,
            )
        return 0
    async with database.write() as tx:
        await sending.sent(tx, claimed.message_id, now=clock.now(), **by)
    return 1


def _written(claimed: Outgoing, sender: Sender, *, now: datetime) -> TextMessage | Letter:
    if claimed.channel == SMS:
        return text_message_for(claimed, sender)
    return letter_for(claimed, sender, now=now)
