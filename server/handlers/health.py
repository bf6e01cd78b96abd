"""Is the server up? Says nothing else, so that anybody may ask."""

from aiohttp import web


async def show(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
