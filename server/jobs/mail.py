"""The outbox's postman: claims what is due, sends it outside any transaction, writes down what became of it.

A crash between sending and writing it down sends the same letter again, with the same Message-ID: never none, and
a second copy is recognised for what it is.
"""

from typing import Any

from aiohttp import web

from server.care.people import SMS
from server.jobs.job import Job
from server.jobs.letters import Sender, letter_for
from server.jobs.texts import text_message_for
from server.notify import Notifier, NotSent
from server.services import sending
from server.services.sending import Outgoing
from server.web import keys, live

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
        async with database.write() as tx:
            claimed = await sending.claim(tx, message_id, now=clock.now(), quiet=app[keys.REMINDERS].quiet)
        if claimed is not None:
            left += await _send(app, notifier, claimed)
            visits = [live.encounter_topic(claimed.visit.encounter_id)] if claimed.visit else []
            app[keys.CHANGES].publish(live.BOARD, *visits)
    return left


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
        if claimed.channel == SMS:
            taken = await notifier.send_text(text_message_for(claimed, sender), only=claimed.gateway)
            by = {"gateway": taken.gateway, "reference": taken.reference}
        else:
            await notifier.send(letter_for(claimed, sender, now=clock.now()))
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
