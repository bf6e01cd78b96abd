"""What the patient's page found out about camera, microphone, sound and connection, for the desk to see."""

import json

from aiohttp import web

from server.handlers.visit import steps
from server.services import visits
from server.web import keys
from server.web.forms import read_json

PARTS = ("camera", "microphone", "sound", "connection")
STATES = ("good", "missing")


async def submit(request: web.Request) -> web.Response:
    """Only the four parts and their two states are taken: whatever else a page says is nothing we asked for."""
    said = await read_json(request)
    found = {part: said[part] for part in PARTS if said.get(part) in STATES}
    encounter_id = steps.visitor(request).encounter_id
    if found:
        now = request.app[keys.CLOCK].now()
        async with request.app[keys.DATABASE].write() as tx:
            await visits.save_device_test(tx, encounter_id=encounter_id, result=json.dumps(found), now=now)
        await steps.tell(request, encounter_id)
    return web.Response(status=204)
