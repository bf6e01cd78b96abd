""" "Session done": it opens its journal entry."""

from aiohttp import web

from server.handlers.home import steps
from server.services import plans
from server.web import keys


async def done(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        entry = await plans.finish_session(
            tx,
            patient_id=steps.guest(request).patient_id,
            session_id=request.match_info["session_id"],
            rules=request.app[keys.COURSE],
            now=request.app[keys.CLOCK].now(),
        )
    steps.publish(request)
    raise web.HTTPSeeOther(f"/home/entry/{entry.id}")
