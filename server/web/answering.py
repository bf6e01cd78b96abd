"""What desk and clinicians do with a patient's question, each on their own pages."""

from collections.abc import Iterable
from datetime import datetime

from aiohttp import web

from server.care.asking import About, AnswerTimes, due_at
from server.care.messages import MessageTooLong, NothingWritten
from server.services import asking
from server.services.asking import Asked
from server.store.ids import new_id
from server.web import keys
from server.web.forms import Form
from server.web.session import staff
from server.web.words import N_

EMPTY = N_("Write your answer first.")
TOO_LONG = N_("This is too long for one message. Please shorten it.")


async def answer(request: web.Request, form: Form, about: About) -> bool:
    """Whether it was sent; when not, `form` says why."""
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await asking.answer(
                tx,
                patient_id=request.match_info["patient_id"],
                about=about,
                text=form.typed.get("answer", ""),
                key=form.typed.get("key", "")[:64] or new_id(),
                seen=form.typed.get("seen", ""),
                by=staff(request),
                now=request.app[keys.CLOCK].now(),
            )
    except NothingWritten:
        form.problems["answer"] = EMPTY
    except MessageTooLong:
        form.problems["answer"] = TOO_LONG
    return form.ok


async def hand_on(request: web.Request, form: Form, about: About) -> None:
    async with request.app[keys.DATABASE].write() as tx:
        await asking.hand_on(
            tx,
            patient_id=request.match_info["patient_id"],
            about=about,
            seen=form.typed.get("seen", ""),
            by=staff(request),
            times=request.app[keys.ANSWER_TIMES],
            now=request.app[keys.CLOCK].now(),
        )


async def close(request: web.Request, form: Form, about: About) -> None:
    async with request.app[keys.DATABASE].write() as tx:
        await asking.close(
            tx,
            patient_id=request.match_info["patient_id"],
            about=about,
            seen=form.typed.get("seen", ""),
            by=staff(request),
            now=request.app[keys.CLOCK].now(),
        )


def due_of(waiting: Iterable[Asked], about: About, times: AnswerTimes) -> dict[str, datetime]:
    """Until when each patient was told to have an answer, by the oldest of their questions."""
    days = times.days(about)
    return {
        each.patient.id: due_at(each.questions[0].sent_at, days=days, zone=times.zone) for each in waiting
    }
