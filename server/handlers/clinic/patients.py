"""Finding a patient's chart by name, number or address."""

from aiohttp import web

from server.services import patients
from server.web import keys, pages


async def show(request: web.Request) -> web.Response:
    asked = request.query.get("q", "")[:200]
    async with request.app[keys.DATABASE].read() as tx:
        found = await patients.find(tx, asked) if asked.strip() else []
    return pages.render(request, "clinic/patients", asked=asked, found=found)
