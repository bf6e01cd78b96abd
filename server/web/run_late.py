"""Telling a patient that their visit begins late, from the consult page or from the front desk."""

from aiohttp import web

from server.care.delays import LONGEST, PRESETS
from server.services import delays
from server.web import keys, live
from server.web.forms import read_form
from server.web.session import staff

# What the pages in the room are told has changed.
TOPIC = "delay"


async def said(request: web.Request) -> None:
    """Raises NoSuchVisit, NotToBeDelayed, NothingSaid."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    chosen = form.text("minutes")
    async with request.app[keys.DATABASE].write() as tx:
        await delays.say(
            tx,
            encounter_id,
            minutes=int(chosen) if chosen in {str(each) for each in PRESETS} else None,
            words=form.text("words", longest=LONGEST),
            by=staff(request),
            now=request.app[keys.CLOCK].now(),
        )
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    room = request.app[keys.ROOMS].find(encounter_id) if keys.ROOMS in request.app else None
    if room is not None:
        await room.changed(TOPIC)
