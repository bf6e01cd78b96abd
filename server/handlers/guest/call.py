"""The waiting room of somebody who was invited, which becomes the call."""

from aiohttp import web

from server.handlers.guest import steps
from server.services import guests
from server.web import keys, pages


async def show(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].read() as tx:
            invitation, encounter = await guests.standing_invitation(tx, steps.invited(request).invitation_id)
            context = await steps.known(tx, invitation, encounter)
    except steps.REFUSED as problem:
        return steps.closed(request, problem)
    page = "guest/call" if guests.has_seat(encounter, now) else "guest/early"
    return pages.render(request, page, **context)
