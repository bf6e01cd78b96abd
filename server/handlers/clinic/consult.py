"""A visit from the psychiatrist's side: letting in, finishing, messages. The note beside it is note.py's."""

from contextlib import suppress

from aiohttp import web

from server.care.messages import MessageTooLong, NothingWritten
from server.handlers.clinic import note
from server.services import appointments, messages, visits
from server.web import keys, live, pages
from server.web.forms import read_form
from server.web.middleware import wants_json
from server.web.refusals import NotYours
from server.web.session import staff
from webrtc.protocol import ProtocolError

PATIENT = "patient"


async def show(request: web.Request) -> web.Response:
    return await note.page(request)


async def changes(request: web.Request) -> web.StreamResponse:
    topic = live.encounter_topic(request.match_info["encounter_id"])
    return await live.stream(request, request.app[keys.CHANGES], topic)


async def admit(request: web.Request) -> web.Response:
    """Lets the waiting patient in. The room tells the records; without a room there is nobody to let in."""
    encounter_id = await _own(request)
    room = request.app[keys.ROOMS].find(encounter_id)
    if room is not None:
        with suppress(ProtocolError):
            await room.admit(PATIENT, by="clinician")
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def finish(request: web.Request) -> web.Response:
    """Ends the visit for both. The note stays open until it is signed."""
    encounter_id = await _own(request)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await visits.finish(tx, encounter_id=encounter_id, by=staff(request).account_id, now=now)
    await request.app[keys.ROOMS].close(encounter_id, reason="finished")
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def read_messages(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        found = await messages.of_visit(tx, encounter_id, reader=staff(request).account_id, now=now)
    return pages.render(request, "clinic/_messages", messages=found)


async def write_message(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await messages.send(
                tx, encounter_id=encounter_id, text=form.typed.get("text", ""), by=staff(request), now=now
            )
    except (NothingWritten, MessageTooLong):
        if wants_json(request):
            raise
        return await note.page(request, status=422)
    if (room := request.app[keys.ROOMS].find(encounter_id)) is not None:
        await room.changed("messages")
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def _own(request: web.Request) -> str:
    """The visit in the address, if it is this clinician's. Raises NotYours, NoSuchVisit."""
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, request.match_info["encounter_id"])
    if encounter.practitioner_id != staff(request).practitioner_id:
        raise NotYours
    return str(encounter.id)
