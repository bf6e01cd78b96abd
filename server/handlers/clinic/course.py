"""A patient's course: four days for four sessions, putting it on hold, and ending it."""

from datetime import date, timedelta
from typing import Any

from aiohttp import web

from server.care.plan import SESSIONS, DatesTooClose, DatesUnfit, EndReasonMissing, SessionAlreadyDone
from server.care.safety import ReasonMissing
from server.handlers.clinic.around import own_zone
from server.services import patients, plans, safety, trail
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.refusals import RoleMissing
from server.web.session import staff
from server.web.words import N_

# What is proposed: the first a week from now, the others two weeks apart.
FIRST_AFTER, APART = timedelta(days=7), timedelta(days=14)
NO_DATE = N_("Give the whole date: day, month and year.")
UNFIT = N_("Each session has to be on a later day than the one before, and none of those ahead in the past.")
HELD = N_("A session that was held keeps its day.")
TOO_CLOSE = N_("Two of these sessions are closer together than the clinic's protocol allows.")
NO_END_REASON = N_("Write why the course ends.")
NO_REASON = N_("Write why the course is put on hold.")


WRONG_DAYS = {DatesUnfit: UNFIT, DatesTooClose: TOO_CLOSE, SessionAlreadyDone: HELD}


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        page = await _page(tx, request, Form({}))
        patient_id, by = request.match_info["patient_id"], staff(request).account_id
        now = request.app[keys.CLOCK].now()
        await trail.read(tx, action="course-read", patient_ids=[patient_id], by=by, now=now)
    return page


async def submit(request: web.Request) -> web.Response:
    """Plans the course, or moves the days of the one there is."""
    who, patient_id = staff(request), request.match_info["patient_id"]
    if who.practitioner_id is None:
        raise RoleMissing
    form = await read_form(request)
    days = [form.date(f"day-{n}", NO_DATE) for n in range(1, SESSIONS + 1)]
    given = [day for day in days if day is not None]
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            course = await plans.course_of(tx, await patients.by_id(tx, patient_id), now=now)
            if len(given) < SESSIONS:
                return await _page(tx, request, form, status=422)
            wish: dict[str, Any] = {"patient_id": patient_id, "days": given, "by": who, "now": now}
            wish["rules"] = request.app[keys.COURSE]
            if course.plan is not None:
                await plans.move(tx, **wish)
            else:
                await plans.make(tx, practitioner_id=who.practitioner_id, **wish)
    except tuple(WRONG_DAYS) as problem:
        form.problems["days"] = WRONG_DAYS[type(problem)]
        async with request.app[keys.DATABASE].read() as tx:
            return await _page(tx, request, form, status=422)
    raise _changed(request)


async def hold(request: web.Request) -> web.Response:
    form = await read_form(request)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            patient = await patients.by_id(tx, request.match_info["patient_id"])
            await safety.put_on_hold(
                tx,
                patient_id=patient.id,
                by=staff(request),
                reason=form.text("reason", longest=2000),
                now=request.app[keys.CLOCK].now(),
            )
    except ReasonMissing:
        form.problems["reason"] = NO_REASON
        async with request.app[keys.DATABASE].read() as tx:
            return await _page(tx, request, form, status=422)
    raise _changed(request)


async def end(request: web.Request) -> web.Response:
    """Before it is complete; afterwards another one can be planned."""
    form = await read_form(request)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            patient = await patients.by_id(tx, request.match_info["patient_id"])
            await plans.end(
                tx,
                patient_id=patient.id,
                by=staff(request),
                reason=form.text("end_reason", longest=2000),
                now=request.app[keys.CLOCK].now(),
            )
    except EndReasonMissing:
        form.problems["end_reason"] = NO_END_REASON
        async with request.app[keys.DATABASE].read() as tx:
            return await _page(tx, request, form, status=422)
    raise _changed(request)


def _changed(request: web.Request) -> web.HTTPSeeOther:
    patient_id = request.match_info["patient_id"]
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(patient_id))
    return web.HTTPSeeOther(f"/clinic/chart/{patient_id}")


async def _page(tx: Tx, request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    patient = await patients.by_id(tx, request.match_info["patient_id"])
    course = await plans.course_of(tx, patient, now=request.app[keys.CLOCK].now())
    return pages.render(
        request,
        "clinic/course",
        status=status,
        patient=patient,
        course=course,
        proposed=_proposed(course),
        form=form,
        hours_between=request.app[keys.COURSE].min_between // timedelta(hours=1),
        page_zone=await own_zone(tx, request),
    )


def _proposed(course: plans.Course) -> list[date]:
    if course.plan is not None:
        return [session.planned_on for session in course.plan.sessions]
    return [course.today + FIRST_AFTER + n * APART for n in range(SESSIONS)]
