"""The patient's own changes by the visit's link: another time, no visit, or no to a clinician they do not know."""

from datetime import UTC, datetime

from aiohttp import web

from scheduling.bookings import NotPossibleNow
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import TooLateToChange
from server.care.wait_list import DaysUnfit
from server.handlers.visit import steps
from server.services import moving, own_changes, patients, practice, wait_list
from server.web import free_times, keys, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.words import N_

CHOOSE = N_("Choose one of the times first.")
TAKEN = N_("That time was just taken. Please choose another one.")
BY_PHONE = N_("It is too close to your visit now to change it here. Please call us.")
STANDS = N_("Your visit was changed meanwhile. It now stands as shown here.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def move(request: web.Request) -> web.Response:
    form = await read_form(request)
    choice = form.parsed("chosen", Choice.read, CHOOSE)
    was_at = form.parsed("was", _instant, STANDS)
    if choice is None or was_at is None:
        return await _page(request, form, status=422)
    encounter_id = steps.visitor(request).encounter_id
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await own_changes.move(
                tx,
                encounter_id,
                starts_at=choice.starts_at,
                was_at=was_at,
                now=request.app[keys.CLOCK].now(),
            )
    except SchedulingRefusal as problem:
        form.problems["chosen"] = _why(problem)
        return await _page(request, form, status=409)
    except moving.MovedMeanwhile:
        form.problems["chosen"] = STANDS
        return await _page(request, form, status=409)
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/change/{encounter_id}?done=moved")


async def cancel(request: web.Request) -> web.Response:
    form = await read_form(request)
    reason = form.text("reason", longest=300)
    encounter_id = steps.visitor(request).encounter_id
    if not form.ok:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await own_changes.cancel(tx, encounter_id, reason=reason, now=request.app[keys.CLOCK].now())
    except SchedulingRefusal as problem:
        form.problems["cancel"] = _why(problem)
        return await _page(request, form, status=409)
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/change/{encounter_id}")


async def decline(request: web.Request) -> web.Response:
    """The visit stands until somebody has rung: nobody loses a time by pressing a button."""
    encounter_id = steps.visitor(request).encounter_id
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await own_changes.decline_clinician(tx, encounter_id, now=request.app[keys.CLOCK].now())
    except NotPossibleNow:
        raise web.HTTPSeeOther(f"/visit/change/{encounter_id}") from None
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/change/{encounter_id}?done=declined")


async def earlier(request: web.Request) -> web.Response:
    """ "Tell me if something earlier becomes free"; pressed again with `leave`, no longer."""
    form = await read_form(request)
    encounter_id, now = steps.visitor(request).encounter_id, request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await own_changes.wait_for_earlier(tx, encounter_id, leave="leave" in form.typed, now=now)
    except (SchedulingRefusal, DaysUnfit) as problem:
        form.problems["earlier"] = _why(problem) if isinstance(problem, SchedulingRefusal) else BY_PHONE
        return await _page(request, form, status=409)
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/change/{encounter_id}#earlier")


def _why(problem: SchedulingRefusal) -> str:
    return BY_PHONE if isinstance(problem, (TooLateToChange, NotPossibleNow)) else TAKEN


def _instant(text: str) -> datetime:
    """Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        if view.encounter.over:
            return steps.closed(request, view.encounter.status)
        change = await own_changes.about(tx, view.encounter.id)
        waits = await wait_list.of_visit(tx, view.encounter.id) is not None
        patient = await patients.by_id(tx, view.encounter.patient_id)
        zone = patient.time_zone
        today = day_of(now, zone)
        offer = await free_times.offer(
            tx,
            practitioner_ids=[view.encounter.practitioner_id],
            kind=await practice.visit_type(tx, change.appointment.visit_type),
            since=max(day_asked(form.text("later"), otherwise=today), today),
            zone=zone,
            now=now,
            moving=change.appointment,
            patient=await practice.as_known(tx, patient, now=now, leave_out=change.appointment.id),
        )
    return pages.render(
        request,
        "visit/change",
        status=status,
        form=form,
        view=view,
        change=change,
        open=change.open_at(now),
        waits=waits,
        offer=offer,
        done=form.text("done"),
    )
