"""How the last weeks went, for administrators."""

from aiohttp import web

from server.web import report_pages


async def show(request: web.Request) -> web.Response:
    return await report_pages.show(request, "admin/reports")


async def file(request: web.Request) -> web.Response:
    return await report_pages.file(request)
