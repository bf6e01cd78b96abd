"""The link's own page. Looking at it changes nothing: mail scanners open every link; a person presses Continue."""

from aiohttp import web

from server.care.encounter import EncounterOver, door
from server.handlers.visit import steps
from server.services import alarms, visits
from server.services.visits import LinkReplaced, LinkUnknown
from server.store import sessions
from server.web import keys, live, pages
from server.web.session import names_for, set_cookie

OVER = 409


async def show(request: web.Request) -> web.Response:
    return await _page(request)


async def submit(request: web.Request) -> web.Response:
    """This browser may see the visit from now on; the address it goes to carries no token any more."""
    name = names_for(request).visitor
    now = request.app[keys.CLOCK].now()
    cookie = request.cookies.get(name, "")
    try:
        async with request.app[keys.DATABASE].write() as tx:
            link = await visits.find_link(tx, request.match_info["token"])
            if await steps.is_of_another(tx, request, link.encounter_id):
                return steps.closed(request, "another")
            if not await sessions.is_ours(tx, cookie, now):
                cookie = sessions.new_cookie()
            token = request.match_info["token"]
            encounter_id = await visits.enter(tx, token=token, cookie=cookie, now=now)
            view = await visits.view(tx, encounter_id)
    except (LinkUnknown, LinkReplaced):
        return await _page(request)
    except EncounterOver:
        return await _page(request, over=OVER)
    # Whoever stops at the questions is to be helped, not only waited for.
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    response = steps.go_on(f"/visit/identity/{encounter_id}")
    set_cookie(response, request, name, cookie)
    if view is not None:
        pages.prefer_language(request, response, view.patient.language)
    return response


async def _page(request: web.Request, *, over: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].read() as tx:
            link = await visits.find_link(tx, request.match_info["token"])
            view = await visits.view(tx, link.encounter_id)
            watch = await alarms.watch(tx, now=now)
    except LinkReplaced:
        return steps.closed(request, "replaced")
    except LinkUnknown:
        return steps.closed(request, "unknown")
    if view is None:
        return steps.closed(request, "unknown")
    finds = door(view.encounter, now)
    if finds in ("finished", "cancelled", "past"):
        return steps.closed(request, finds, status=over)
    return pages.render(request, "visit/join", view=view, early=finds == "too-early", watch=watch)
