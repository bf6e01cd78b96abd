"""The link's own page. Looking at it changes nothing: mail scanners open every link; a person presses Continue."""

from aiohttp import web

from server.care.home import COMING_IN, LinkLocked, LinkReplaced, LinkUnknown
from server.handlers.home import steps
from server.services import home
from server.store import sessions
from server.web import keys, pages
from server.web.session import caller, names_for, set_cookie

WHY = {LinkUnknown: "unknown", LinkReplaced: "replaced", LinkLocked: "locked"}


async def show(request: web.Request) -> web.Response:
    try:
        async with request.app[keys.DATABASE].read() as tx:
            link = await home.find_link(tx, request.match_info["token"])
    except (LinkUnknown, LinkReplaced, LinkLocked) as problem:
        return steps.closed(request, WHY[type(problem)])
    who = caller(request).guest
    if who is not None and who.remembered and who.patient_id == link.patient_id:
        return steps.go_on("/home/today")
    return pages.render(request, "home/door")


async def submit(request: web.Request) -> web.Response:
    """This browser may prove whose it is; the address it goes to carries no token any more."""
    names = names_for(request)
    cookie = sessions.new_cookie()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            language = await home.enter(
                tx,
                token=request.match_info["token"],
                cookie=cookie,
                visitor_cookie=request.cookies.get(names.visitor, ""),
                user_agent=request.headers.get("User-Agent", ""),
                now=request.app[keys.CLOCK].now(),
            )
    except (LinkUnknown, LinkReplaced, LinkLocked) as problem:
        return steps.closed(request, WHY[type(problem)])
    response = steps.go_on("/home/identity")
    set_cookie(response, request, names.home, cookie, lives=COMING_IN)
    pages.prefer_language(request, response, language)
    return response
