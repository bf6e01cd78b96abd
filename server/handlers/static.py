"""The browser's files, from the list read at start. An old version's address gets the current file."""

from aiohttp import web

from server.web import keys


async def show(request: web.Request) -> web.Response:
    return request.app[keys.STATICS].response(request.match_info["name"])
