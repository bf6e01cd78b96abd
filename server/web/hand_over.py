"""Handing a visit to another clinician, from the consult page or from the front desk: done, then told to everybody."""

from aiohttp import web

from server.services import practice, transfers
from server.web import keys, live
from server.web.forms import read_form
from server.web.session import staff

# What the pages in the room are told has changed.
TOPIC = "handover"


async def done(request: web.Request) -> None:
    """Raises NoSuchVisit, EncounterOver, NotToHandOver, practice.NoSuchChoice."""
    form = await read_form(request)
    encounter_id, now = request.match_info["encounter_id"], request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        after = await transfers.hand_over(
            tx, encounter_id=encounter_id, to=form.text("practitioner"), by=staff(request), now=now
        )
        clinician = await practice.practitioner(tx, after.practitioner_id)
        if _sits_there(request.app, encounter_id, clinician.account_id):
            # Handed back before anybody else came: nobody has to come for that.
            await transfers.joined(tx, encounter_id=encounter_id, practitioner_id=clinician.id, now=now)
    await tell(request.app, encounter_id)


def _sits_there(app: web.Application, encounter_id: str, account_id: str) -> bool:
    room = app[keys.ROOMS].find(encounter_id) if keys.ROOMS in app else None
    seat = room.seat("clinician") if room is not None else None
    return seat is not None and seat.live is not None and seat.person == account_id


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
