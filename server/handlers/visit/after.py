"""After leaving: the way back while the visit goes on, and once it is finished what happens next."""

from aiohttp import web

from server.handlers.visit import steps
from server.services import home, visits
from server.web import keys, pages


async def show(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        upcoming = await visits.next_visit(tx, view.encounter, now=now)
        again = await visits.opened_again(tx, view.encounter.id)
        own_pages = await home.known_token(tx, view.encounter.patient_id)
    if view.encounter.status == "cancelled":
        return steps.closed(request, "cancelled")
    return pages.render(
        request, "visit/after", view=view, again=again, upcoming=upcoming, own_pages=own_pages
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
