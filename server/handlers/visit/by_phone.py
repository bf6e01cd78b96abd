""" "Call me instead": nobody misses a visit because a camera, a browser or a connection does not work."""

from aiohttp import web

from server.handlers.visit import steps
from server.services import visits
from server.web import keys


async def submit(request: web.Request) -> web.Response:
    encounter_id = steps.visitor(request).encounter_id
    async with request.app[keys.DATABASE].write() as tx:
        await visits.by_phone(tx, encounter_id=encounter_id, now=request.app[keys.CLOCK].now())
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/waiting/{encounter_id}")
