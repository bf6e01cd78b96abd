"""A free time offered by link. Looking at it takes nothing, as mail scanners do; a person presses "Yes, take it"."""

from aiohttp import web

from scheduling.refusals import SchedulingRefusal
from server.care.wait_list import Faster, NoSuchPlace, OfferOver
from server.handlers.visit import steps
from server.services import patients, practice, wait_list, wait_offers
from server.services.moving import MovedMeanwhile
from server.web import keys, live, pages

# What its page says, and with which status.
STATUS = {"open": 200, "yours": 200, "left": 200, "faster": 409, "over": 410, "not-free": 409, "unknown": 404}


async def show(request: web.Request) -> web.Response:
    return await _page(request)


async def take(request: web.Request) -> web.Response:
    try:
        async with request.app[keys.DATABASE].write() as tx:
            place = await wait_offers.take(tx, _token(request), now=request.app[keys.CLOCK].now())
    except (Faster, OfferOver, NoSuchPlace):
        return await _page(request)
    except (SchedulingRefusal, MovedMeanwhile, practice.NoSuchChoice):
        # Their other visit is then, the desk needed the time after all, or such visits are not booked any more.
        return await _page(request, standing="not-free")
    if place.encounter_id is not None:
        await steps.tell(request, place.encounter_id)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/visit/offer/{_token(request)}")


async def leave(request: web.Request) -> web.Response:
    """ "Do not ask me again": off the list, and the visit stays."""
    try:
        now = request.app[keys.CLOCK].now()
        async with request.app[keys.DATABASE].write() as tx:
            found = await wait_offers.seen(tx, _token(request), now=now)
            await wait_list.leave(tx, found.place.id, why="left", by=wait_list.PATIENT, now=now)
    except NoSuchPlace:
        return await _page(request)
    request.app[keys.CHANGES].publish(live.BOARD)
    return await _page(request, standing="left")


def _token(request: web.Request) -> str:
    return request.match_info["token"]


async def _page(request: web.Request, *, standing: str = "") -> web.Response:
    try:
        async with request.app[keys.DATABASE].read() as tx:
            found = await wait_offers.seen(tx, _token(request), now=request.app[keys.CLOCK].now())
            whose = await practice.practitioner(tx, found.offer.practitioner_id)
            patient = await patients.by_id(tx, found.place.patient_id)
    except NoSuchPlace:
        return pages.render(request, "visit/offer", status=STATUS["unknown"], standing="unknown", found=None)
    standing = standing or found.standing
    return pages.render(
        request,
        "visit/offer",
        status=STATUS[standing],
        standing=standing,
        found=found,
        practitioner=whose.name,
        zone=patient.time_zone,
        waits=found.place.ended_at is None,
        token=_token(request),
    )
