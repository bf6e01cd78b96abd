"""The clinician's word about their own time: whether it may be booked twice."""

from aiohttp import web

from scheduling.bookings import NotPossibleNow
from server.services import pending
from server.web import keys, live
from server.web.session import staff


async def agree(request: web.Request) -> web.Response:
    return await _answer(request, agreed=True)


async def decline(request: web.Request) -> web.Response:
    return await _answer(request, agreed=False)


async def _answer(request: web.Request, *, agreed: bool) -> web.Response:
    """Back to the list either way: when the desk took the wish back meanwhile, there is nothing to say yes to."""
    encounter_id = request.match_info["encounter_id"]
    answer = pending.agree if agreed else pending.decline
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await answer(tx, encounter_id, by=staff(request), now=request.app[keys.CLOCK].now())
    except NotPossibleNow:
        raise web.HTTPSeeOther("/clinic/day") from None
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther("/clinic/day")
