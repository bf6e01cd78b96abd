""" "Call me instead": nobody misses a visit because a camera, a browser or a connection does not work."""

from aiohttp import web

from server.handlers.visit import steps
from server.services import telephone
from server.web import keys


async def submit(request: web.Request) -> web.Response:
    """The visit goes on by telephone: the call ends on every page it is open on, which say why."""
    encounter_id = steps.visitor(request).encounter_id
    async with request.app[keys.DATABASE].write() as tx:
        await telephone.by_phone(tx, encounter_id=encounter_id, now=request.app[keys.CLOCK].now())
    if keys.ROOMS in request.app:
        await request.app[keys.ROOMS].close(encounter_id, reason="by-phone")
    return await _waiting(request, encounter_id)


async def undo(request: web.Request) -> web.Response:
    """Back to video, after all."""
    encounter_id = steps.visitor(request).encounter_id
    async with request.app[keys.DATABASE].write() as tx:
        await telephone.by_video(tx, encounter_id=encounter_id, now=request.app[keys.CLOCK].now())
    return await _waiting(request, encounter_id)


async def _waiting(request: web.Request, encounter_id: str) -> web.Response:
    await steps.tell(request, encounter_id)
    return steps.go_on(f"/visit/waiting/{encounter_id}")
