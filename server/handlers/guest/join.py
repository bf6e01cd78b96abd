"""The invitation's own page. Looking at it changes nothing, as mail scanners do; a person presses Continue."""

from aiohttp import web

from server.handlers.guest import steps
from server.services import guests
from server.store import sessions
from server.web import keys, pages
from server.web.session import names_for, set_cookie


async def show(request: web.Request) -> web.Response:
    try:
        async with request.app[keys.DATABASE].read() as tx:
            invitation = await guests.find_link(tx, request.match_info["token"])
            encounter = await guests.visit_of(tx, invitation)
            context = await steps.known(tx, invitation, encounter)
    except steps.REFUSED as problem:
        return steps.closed(request, problem)
    return pages.render(request, "guest/join", **context)


async def submit(request: web.Request) -> web.Response:
    """This browser may sit in the invited seat from now on; the address it goes to carries no token any more."""
    name = names_for(request).visitor
    now = request.app[keys.CLOCK].now()
    cookie = request.cookies.get(name, "")
    try:
        async with request.app[keys.DATABASE].write() as tx:
            if not await sessions.is_ours(tx, cookie, now):
                cookie = sessions.new_cookie()
            token = request.match_info["token"]
            invitation = await guests.enter(tx, token=token, cookie=cookie, now=now)
    except steps.REFUSED as problem:
        return steps.closed(request, problem)
    response = steps.go_on(f"/guest/name/{invitation.id}")
    set_cookie(response, request, name, cookie)
    return response
