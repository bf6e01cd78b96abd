"""The whole programme at the front desk: what may be done is web/series_pages.py; with whom, the form says."""

from aiohttp import web

from server.web import series_pages
from server.web.series_pages import Place

HERE = Place(page="desk/series", base="/desk/series")


async def show(request: web.Request) -> web.Response:
    return await series_pages.show(request, HERE)


async def submit(request: web.Request) -> web.Response:
    """Looks again, or books all of it."""
    return await series_pages.submit(request, HERE)


async def move(request: web.Request) -> web.Response:
    return await series_pages.move(request, HERE)


async def cancel(request: web.Request) -> web.Response:
    return await series_pages.cancel(request, HERE)
