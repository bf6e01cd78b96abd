"""Finding a patient while typing. A POST, so that names stay out of addresses and of whatever logs them."""

from aiohttp import web

from server.services import patients
from server.web import keys, pages
from server.web.forms import read_form


async def search(request: web.Request) -> web.Response:
    form = await read_form(request)
    asked = form.text("q", longest=200)
    async with request.app[keys.DATABASE].read() as tx:
        found = await patients.find(tx, asked)
    return pages.render(request, "desk/_patients", found=found, asked=asked, picked="")
