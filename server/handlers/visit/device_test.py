"""What the patient's page found out about camera, microphone, sound and connection, for the desk to see."""

import json

from aiohttp import web

from server.handlers.visit import steps
from server.services import visits
from server.web import keys

PARTS = ("camera", "microphone", "sound", "connection")
STATES = ("good", "missing")


async def submit(request: web.Request) -> web.Response:
    """Only the four parts and their two states are taken: whatever else a page says is nothing we asked for."""
    try:
        said = await request.json()
    except ValueError as unreadable:
        raise web.HTTPBadRequest from unreadable
    if not isinstance(said, dict):
        raise web.HTTPBadRequest
    found = {part: said[part] for part in PARTS if said.get(part) in STATES}
    encounter_id = steps.visitor(request).encounter_id
    if found:
        now = request.app[keys.CLOCK].now()
        async with request.app[keys.DATABASE].write() as tx:
            await visits.save_device_test(tx, encounter_id=encounter_id, result=json.dumps(found), now=now)
        await steps.tell(request, encounter_id)
    return web.Response(status=204)
