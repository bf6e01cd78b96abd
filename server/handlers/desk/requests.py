"""A request from the public page, answered by the desk: confirmed, another time asked for, or declined in words."""

from aiohttp import web

from scheduling.bookings import NotLicensed, NotOfAge, PatientBusy
from scheduling.refusals import SchedulingRefusal
from server.care.self_booking import AnswerMissing, Status
from server.care.states import STATES
from server.handlers.desk.hold import WHY_NOT
from server.services import practice, self_bookings, twins
from server.services.patients import NoSuchPatient
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.spoken import spoken_name
from server.web.words import N_

NEW = "new"
WHO = N_("Choose whether this is somebody new or one of these patients.")
WORDS = N_("Write what they are to read. Nothing was sent yet.")
GONE = N_("The time is not free any more. Offer other times, or call them.")
NO_KIND = N_("Visits of this kind are not booked any more. Offer other times of the one that is, or decline.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def confirm(request: web.Request) -> web.Response:
    form = await read_form(request)
    who = form.text("patient_id", required=WHO)
    if not form.ok:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            booked = await self_bookings.confirm(
                tx,
                request.match_info["self_booking_id"],
                patient_id=None if who == NEW else who,
                by=staff(request),
                now=request.app[keys.CLOCK].now(),
            )
    except NoSuchPatient:
        form.problems["patient_id"] = WHO
        return await _page(request, form, status=422)
    except practice.NoSuchChoice:
        form.problems["confirm"] = NO_KIND
        return await _page(request, form, status=409)
    except SchedulingRefusal as problem:
        lasting = isinstance(problem, (NotLicensed, NotOfAge, PatientBusy))
        form.problems["confirm"] = WHY_NOT[type(problem)] if lasting else GONE
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/desk/visit/{booked.encounter_id}")


async def offer(request: web.Request) -> web.Response:
    return await _answer(request, "offered")


async def decline(request: web.Request) -> web.Response:
    return await _answer(request, "declined")


async def _answer(request: web.Request, status: Status) -> web.Response:
    """Their words are read on the page their link leads to: no letter carries them."""
    form = await read_form(request)
    field = f"words_{status}"
    words = form.text(field, longest=1000)
    if not form.ok:
        return await _page(request, form, status=422)
    address = f"/desk/requests/{request.match_info['self_booking_id']}"
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await self_bookings.answer(
                tx,
                request.match_info["self_booking_id"],
                status=status,
                words=words,
                by=staff(request),
                now=request.app[keys.CLOCK].now(),
            )
    except AnswerMissing:
        form.problems[field] = WORDS
        return await _page(request, form, status=422)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(address)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        asked = await self_bookings.by_id(tx, request.match_info["self_booking_id"])
        context = {
            "with_whom": (await practice.practitioner(tx, asked.practitioner_id)).name,
            "kind": await practice.visit_type(tx, asked.visit_type),
            "until": await self_bookings.kept_until(tx, asked, now=now),
            "alike": await twins.like(tx, asked.person) if asked.status == "waiting" else [],
        }
    interpreter = asked.person.interpreter_language
    return pages.render(
        request,
        "desk/requests",
        status=status,
        form=form,
        asked=asked,
        states=STATES,
        interpreter=spoken_name(interpreter, pages.language_of(request)) if interpreter else "",
        **context,
    )
