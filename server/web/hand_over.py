"""Handing a visit to another clinician, from the consult page or from the front desk: done, then told to everybody."""

from aiohttp import web

from server.services import transfers
from server.web import keys, live
from server.web.forms import read_form
from server.web.session import staff

# What the pages in the room are told has changed.
TOPIC = "handover"


async def done(request: web.Request) -> None:
    """Raises NoSuchVisit, EncounterOver, NotToHandOver, practice.NoSuchChoice."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        await transfers.hand_over(
            tx,
            encounter_id=encounter_id,
            to=form.text("practitioner"),
            by=staff(request),
            now=request.app[keys.CLOCK].now(),
        )
    await tell(request.app, encounter_id)


async def joined(app: web.Application, encounter_id: str, practitioner_id: str) -> None:
    """The clinician sits in the room: the first time after a handover that is news."""
    async with app[keys.DATABASE].write() as tx:
        news = await transfers.joined(
            tx, encounter_id=encounter_id, practitioner_id=practitioner_id, now=app[keys.CLOCK].now()
        )
    if news:
        await tell(app, encounter_id)


async def tell(app: web.Application, encounter_id: str) -> None:
    app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    room = app[keys.ROOMS].find(encounter_id) if keys.ROOMS in app else None
    if room is not None:
        await room.changed(TOPIC)
