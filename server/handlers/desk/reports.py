"""How the last weeks went, for the front desk."""

from aiohttp import web

from server.web import report_pages


async def show(request: web.Request) -> web.Response:
    return await report_pages.show(request, "desk/reports")


async def file(request: web.Request) -> web.Response:
    return await report_pages.file(request)
