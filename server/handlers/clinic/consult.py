"""A visit from the psychiatrist's side: letting in, finishing, messages. The note beside it is note.py's."""

from contextlib import suppress

from aiohttp import web

from server.care.encounter import EncounterOver
from server.care.messages import MessageTooLong, NothingWritten
from server.care.refusals import CareRefusal
from server.handlers.clinic import note
from server.handlers.clinic.around import Shown, details_of, own_zone, waiting_besides
from server.services import appointments, messages, patients, plans, telephone, transfers, visits, waiting
from server.web import hand_over, keys, live, pages, run_late
from server.web.forms import Form, read_form
from server.web.middleware import wants_json
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import N_, words_in
from webrtc.protocol import ProtocolError

PATIENT = "patient"
WHY_NOT_SENT: dict[type[CareRefusal], tuple[int, str]] = {
    NothingWritten: (422, N_("Write your message first.")),
    MessageTooLong: (422, N_("This is too long for one message.")),
    EncounterOver: (409, N_("This visit is over, so the message was not sent.")),
}


async def show(request: web.Request) -> web.Response:
    return await note.page(request)


async def changes(request: web.Request) -> web.StreamResponse:
    """The visit's own changes, and those of its patient's story."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, encounter_id)
    topics = live.encounter_topic(encounter_id), live.patient_topic(encounter.patient_id)
    return await live.stream(request, request.app[keys.CHANGES], *topics)


async def admit(request: web.Request) -> web.Response:
    """Lets the waiting patient in. The room tells the records; without a room there is nobody to let in."""
    encounter_id = await _own(request)
    room = request.app[keys.ROOMS].find(encounter_id)
    if room is not None:
        with suppress(ProtocolError):
            await room.admit(PATIENT, by="clinician", by_person=staff(request).account_id)
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def see(request: web.Request) -> web.Response:
    """ "I have seen that they wait": silent for this clinician, and for the front desk too."""
    encounter_id = await _own(request)
    async with request.app[keys.DATABASE].write() as tx:
        await waiting.see(tx, encounter_id, by=staff(request), now=request.app[keys.CLOCK].now())
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther("/clinic/day")


async def finish(request: web.Request) -> web.Response:
    """Ends the visit for both. The note stays open until it is signed."""
    encounter_id = await _own(request)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await visits.finish(tx, encounter_id=encounter_id, by=staff(request).account_id, now=now)
    await request.app[keys.ROOMS].close(encounter_id, reason="finished")
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def reopen(request: web.Request) -> web.Response:
    """Finish taken back, for some minutes: a slip of the finger must not end a conversation for good."""
    encounter_id = await _own(request)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await visits.reopen(tx, encounter_id=encounter_id, by=staff(request).account_id, now=now)
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def transfer(request: web.Request) -> web.Response:
    """Hands the visit to another clinician; whoever hands over stays in the call until they are there."""
    encounter_id = await _own(request)
    await hand_over.done(request)
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def by_phone(request: web.Request) -> web.Response:
    """The clinician rings: the call ends on every page it is open on, which say why."""
    encounter_id = await _own(request)
    by, now = staff(request).account_id, request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await telephone.rings(tx, encounter_id=encounter_id, by=by, now=now)
    await request.app[keys.ROOMS].close(encounter_id, reason="by-phone")
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def by_video(request: web.Request) -> web.Response:
    """Back to the call, after all."""
    encounter_id = await _own(request)
    by, now = staff(request).account_id, request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await telephone.by_video(tx, encounter_id=encounter_id, seat="clinician", by=by, now=now)
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def delay(request: web.Request) -> web.Response:
    """Tells the patient that the visit begins late; also from the page of the visit that takes so long."""
    encounter_id = await _own(request)
    await run_late.said(request)
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def read_messages(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        found = await messages.of_visit(tx, encounter_id, reader=staff(request).account_id, now=now)
        zone = await own_zone(tx, request)
    return pages.render(request, "clinic/_messages", messages=found, page_zone=zone)


async def details(request: web.Request) -> web.Response:
    """Where the patient is, which number, the link: what one needs when the call breaks, by itself."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        encounter = await appointments.visit(tx, request.match_info["encounter_id"])
        by = staff(request).account_id
        await appointments.record(tx, encounter, action="details-read", by=by, now=now)
        shown = await details_of(tx, request, encounter)
        shown["page_zone"] = await own_zone(tx, request)
    return pages.render(request, "clinic/_details", **shown)


async def lobby(request: web.Request) -> web.Response:
    """Whether the patient was here before, and whether it is the same device, by itself."""
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, request.match_info["encounter_id"])
        patient = await patients.by_id(tx, encounter.patient_id)
        door = await visits.door_of(tx, encounter.id)
        zone = await own_zone(tx, request)
    return pages.render(request, "clinic/_lobby", patient=patient, door=door, page_zone=zone)


async def seat(request: web.Request) -> web.Response:
    """For a window that lost the call: whether another one of theirs has it, or another clinician."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, encounter_id)
        handover = await transfers.last(tx, encounter_id)
    mine = encounter.practitioner_id == staff(request).practitioner_id
    if not mine and handover is None:
        raise NotYours
    room = request.app[keys.ROOMS].find(encounter_id)
    there = room is not None and room.connected("clinician")
    return pages.render(
        request,
        "clinic/_seat",
        encounter_id=encounter_id,
        other_window=there,
        handover=None if mine else handover,
    )


async def around(request: web.Request) -> web.Response:
    """Who else is waiting, by itself."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, request.match_info["encounter_id"])
        others = await waiting_besides(tx, encounter, by=staff(request), now=now)
        patient = await patients.by_id(tx, encounter.patient_id)
        course = await plans.course_of(tx, patient, now=now)
    return pages.render(request, "clinic/_around", others=others, course=course, patient=patient)


async def write_message(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await messages.send(
                tx, encounter_id=encounter_id, text=form.typed.get("text", ""), by=staff(request), now=now
            )
    except (NothingWritten, MessageTooLong, EncounterOver) as problem:
        return await _not_sent(request, form, problem)
    if (room := request.app[keys.ROOMS].find(encounter_id)) is not None:
        await room.changed("messages")
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter_id}")


async def _not_sent(request: web.Request, form: Form, problem: CareRefusal) -> web.Response:
    """Why, with the text still in its field: by the page's script, or on the page again."""
    status, sentence = WHY_NOT_SENT[type(problem)]
    if wants_json(request):
        said = words_in(pages.language_of(request)).gettext(sentence)
        return web.json_response({"code": "not-sent", "sentence": said}, status=status)
    form.problems["text"] = sentence
    return await note.page(request, status=status, shown=Shown(message=form))


async def _own(request: web.Request) -> str:
    """The visit in the address, if it is this clinician's. Raises NotYours, NoSuchVisit."""
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await appointments.visit(tx, request.match_info["encounter_id"])
    if encounter.practitioner_id != staff(request).practitioner_id:
        raise NotYours
    return str(encounter.id)


# The visit's note answers at the visit's own address; what it does is the same wherever it stands.


async def save_note(request: web.Request) -> web.Response:
    return await note.save(request)


async def submit_note(request: web.Request) -> web.Response:
    return await note.submit(request)


async def confirm(request: web.Request) -> web.Response:
    return await note.confirm(request)


async def sign(request: web.Request) -> web.Response:
    return await note.sign(request)


async def amend(request: web.Request) -> web.Response:
    return await note.amend(request)


async def versions(request: web.Request) -> web.Response:
    return await note.versions(request)


async def facts(request: web.Request) -> web.Response:
    return await note.facts(request)
