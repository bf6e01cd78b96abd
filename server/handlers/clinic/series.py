"""The programme of a clinician's own patient: what may be done is web/series_pages.py."""

from aiohttp import web

from server.web import series_pages
from server.web.refusals import RoleMissing
from server.web.series_pages import Place
from server.web.session import staff


def _theirs(request: web.Request) -> Place:
    practitioner_id = staff(request).practitioner_id
    if practitioner_id is None:
        raise RoleMissing
    return Place(page="clinic/series", base="/clinic/series", practitioner_id=practitioner_id)


async def show(request: web.Request) -> web.Response:
    return await series_pages.show(request, _theirs(request))


async def submit(request: web.Request) -> web.Response:
    """Looks again, or books all of it."""
    return await series_pages.submit(request, _theirs(request))


async def move(request: web.Request) -> web.Response:
    return await series_pages.move(request, _theirs(request))


async def cancel(request: web.Request) -> web.Response:
    return await series_pages.cancel(request, _theirs(request))
