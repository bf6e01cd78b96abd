"""What a phone without a network shows: numbers to call and the two buttons. Knows nobody, so it may be kept."""

from aiohttp import web

from server.web import pages


async def show(request: web.Request) -> web.Response:
    return pages.render(request, "home/offline")
