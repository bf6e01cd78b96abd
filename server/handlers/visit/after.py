"""After leaving: the way back while the visit goes on, and once it is finished what happens next."""

from aiohttp import web

from server.care.call_quality import TROUBLES, UnknownRating, rated
from server.handlers.visit import steps
from server.services import call_quality, home, visits
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.words import N_

NOT_CHOSEN = N_("Choose how the call was.")


async def show(request: web.Request) -> web.Response:
    return await page(request, Form({}))


async def page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        upcoming = await visits.next_visit(tx, view.encounter, now=now)
        again = await visits.opened_again(tx, view.encounter.id)
        own_pages = await home.known_token(tx, view.encounter.patient_id)
        had_call, rating = await call_quality.rating_of(tx, view.encounter)
    if view.encounter.status == "cancelled":
        return steps.closed(request, "cancelled")
    return pages.render(
        request,
        "visit/after",
        status=status,
        view=view,
        again=again,
        upcoming=upcoming,
        own_pages=own_pages,
        had_call=had_call,
        rating=rating,
        form=form,
    )


async def standing(request: web.Request) -> web.Response:
    """Whether one can still, or again, go back: a page that was left open follows it."""
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        again = await visits.opened_again(tx, view.encounter.id)
    return pages.render(request, "visit/_standing", view=view, again=again)


async def submit(request: web.Request) -> web.Response:
    """ "Leave". In a call it changes nothing about the visit: only the clinician finishes it."""
    encounter_id = steps.visitor(request).encounter_id
    async with request.app[keys.DATABASE].write() as tx:
        await visits.leave(tx, encounter_id=encounter_id, now=request.app[keys.CLOCK].now())
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/after/{encounter_id}")


async def rate(request: web.Request) -> web.Response:
    """How the call was. Nobody has to say it, and whoever has may say something else."""
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    troubles = [each for each in TROUBLES if form.text(each)]
    try:
        rating = rated(form.text("word"), troubles, at=now)
    except UnknownRating:
        form.problems["word"] = NOT_CHOSEN
        return await page(request, form, status=422)
    async with request.app[keys.DATABASE].write() as tx:
        view = await steps.visit_of(tx, request)
        await call_quality.rate(tx, view.encounter, rating)
    raise web.HTTPSeeOther(f"/visit/after/{view.encounter.id}#call")
