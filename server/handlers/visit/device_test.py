"""What the patient's page found out about camera, microphone and sound, for the desk to see. The line is measured by
the connection test (server/handlers/signalling.py)."""

import json

from aiohttp import web

from server.care.device_test import PARTS, STATES
from server.handlers.visit import steps
from server.services import visits
from server.web import browsers, keys
from server.web.forms import read_json


async def submit(request: web.Request) -> web.Response:
    """Only the parts and their states are taken: whatever else a page says is nothing we asked for."""
    said = await read_json(request)
    found = {part: said[part] for part in PARTS if said.get(part) in STATES}
    encounter_id = steps.visitor(request).encounter_id
    if found:
        now = request.app[keys.CLOCK].now()
        browser = browsers.family(request.headers.get("User-Agent", ""))
        async with request.app[keys.DATABASE].write() as tx:
            result = json.dumps({**found, "browser": browser})
            await visits.save_device_test(tx, encounter_id=encounter_id, result=result, now=now)
        await steps.tell(request, encounter_id)
    return web.Response(status=204)
