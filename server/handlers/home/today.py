"""The first of a patient's own pages: what is next, what is asked, and the two buttons that stop everything."""

from typing import Any

from aiohttp import web

from server.handlers.home import steps
from server.services import asking, journals, measures, plans, visits
from server.store.database import Tx
from server.store.ids import new_id
from server.web import keys, live, pages


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        shown = await _shown(tx, request)
    return pages.render(request, "home/today", event_id=new_id(), **shown)


async def now(request: web.Request) -> web.Response:
    """The part that follows the clinic: a hold, the next dates."""
    async with request.app[keys.DATABASE].read() as tx:
        shown = await _shown(tx, request)
    return pages.render(request, "home/_now", **shown)


async def changes(request: web.Request) -> web.StreamResponse:
    topic = live.patient_topic(steps.guest(request).patient_id)
    return await live.stream(request, request.app[keys.CHANGES], topic)


async def _shown(tx: Tx, request: web.Request) -> dict[str, Any]:
    moment = request.app[keys.CLOCK].now()
    patient = await steps.owner(tx, request)
    entries = await journals.all_of(tx, patient.id)
    course = await plans.course_of(tx, patient, now=moment)
    opens_at = course.plan.opens_at(request.app[keys.COURSE]) if course.plan else None
    return await steps.told(tx, request, patient) | {
        "course": course,
        # While the hours that have to lie between two sessions are not over, the next one is not offered.
        "opens_at": opens_at if opens_at and moment < opens_at else None,
        "visit": await visits.next_of_patient(tx, patient.id, now=moment),
        "answered": await asking.has_unread_answer(tx, patient.id),
        "asked": await measures.asked_of(tx, patient.id, now=moment),
        "entries": entries,
        "after": {entry.session_id: entry for entry in entries if entry.session_id},
    }
