"""A text message's short link: on to the whole one. Looking at it changes nothing; whoever has one has the other."""

from aiohttp import web

from server.handlers.visit import steps
from server.store import links
from server.web import keys


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        link = await links.by_short(tx, request.match_info["token"])
        if link is None:
            return steps.closed(request, "unknown")
        token = links.token_for(tx, encounter_id=link.encounter_id, seat=link.seat, version=link.version)
    raise web.HTTPSeeOther(f"/visit/join/{token}")
