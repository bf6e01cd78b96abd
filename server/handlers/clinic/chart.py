"""A patient's chart without a visit: the whole story, a call on the spot, a note of its own."""

from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.people import Patient, age_on
from server.handlers.clinic.around import own_zone, standing_of
from server.services import appointments, consults, home, measures, patients, practice, timeline, trail, twins
from server.store.database import Tx
from server.web import keys, live, pages, twin_form
from server.web.forms import read_form
from server.web.refusals import NotYours, RoleMissing
from server.web.session import staff
from server.web.words import N_

WITHOUT_A_VISIT = "check-in"
NO_ADDRESS = N_("No e-mail address is known for this patient, so the link cannot be sent.")


async def show(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        story = await timeline.of_patient(tx, patient.id, by=staff(request), now=now)
        kinds = await practice.visit_types(tx)
        zone = await own_zone(tx, request)
        standing = await standing_of(tx, patient, now=now)
        trends = await measures.trends(tx, patient.id, now=now)
        same = await twins.flagged(tx, patient.id) + await twins.likely(tx, patient.id)
        by, others = staff(request).account_id, [each.patient.id for each in same]
        await trail.read(tx, action="twin-read", patient_ids=others, by=by, now=now)
        devices = await home.devices(tx, patient.id, now=now)
    return pages.render(
        request,
        "clinic/chart",
        **standing,
        trends=trends,
        devices=devices,
        twins=same,
        problem=NO_ADDRESS if "no-address" in request.query else "",
        sent="sent" in request.query,
        closed="closed" in request.query,
        age=age_on(patient.date_of_birth, now.astimezone(ZoneInfo(patient.time_zone)).date()),
        story=story,
        kinds=kinds,
        usual=WITHOUT_A_VISIT,
        page_zone=zone,
    )


async def story(request: web.Request) -> web.Response:
    """The timeline by itself, for pages that follow it live."""
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        now = request.app[keys.CLOCK].now()
        found = await timeline.of_patient(tx, patient.id, by=staff(request), now=now, live=True)
        zone = await own_zone(tx, request)
    return pages.render(request, "clinic/_timeline", story=found, page_zone=zone)


async def standing(request: web.Request) -> web.Response:
    """The course and its holds by themselves, for the chart that follows them live."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient_read(tx, request)
        shown = await standing_of(tx, patient, now=now)
        shown["page_zone"] = await own_zone(tx, request)
    return pages.render(request, "clinic/_standing", **shown)


async def scores(request: web.Request) -> web.Response:
    """The drawings by themselves."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient_read(tx, request)
        trends = await measures.trends(tx, patient.id, now=now)
        zone = await own_zone(tx, request)
    return pages.render(request, "clinic/_scores", patient=patient, trends=trends, page_zone=zone)


async def changes(request: web.Request) -> web.StreamResponse:
    topic = live.patient_topic(request.match_info["patient_id"])
    return await live.stream(request, request.app[keys.CHANGES], topic)


async def send_home_link(request: web.Request) -> web.Response:
    """Sends the patient the link to their own pages, the way they hear from us."""
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        if not patient.channels:
            return _back(patient, "?no-address=1")
        await home.send_link(tx, patient.id, by=staff(request).account_id, now=request.app[keys.CLOCK].now())
    return _back(patient, "?sent=1")


async def twin(request: web.Request) -> web.Response:
    """Whether another record is the same person's."""
    form = await read_form(request)
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        await twin_form.take(tx, request, form, patient.id)
    raise web.HTTPSeeOther(f"/clinic/chart/{patient.id}")


async def close_home(request: web.Request) -> web.Response:
    """A phone was lost or a link went astray: every device is forgotten, and the link is another one."""
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        await home.forget_all(tx, patient.id, by=staff(request).account_id, now=request.app[keys.CLOCK].now())
    return _back(patient, "?closed=1")


def _back(patient: Patient, query: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/clinic/chart/{patient.id}{query}#own-pages"})


async def call_now(request: web.Request) -> web.Response:
    """Room and link in one click: the consult page opens, the link is mailed and stands there to be read out."""
    who = staff(request)
    if who.practitioner_id is None:
        raise RoleMissing
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        encounter, _ = await appointments.call_now(
            tx, patient_id=patient.id, practitioner_id=who.practitioner_id, by=who.account_id, now=now
        )
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/clinic/consult/{encounter.id}")


async def start_note(request: web.Request) -> web.Response:
    form = await read_form(request)
    visit_type = form.typed.get("visit_type", WITHOUT_A_VISIT)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await _patient(tx, request)
        note = await consults.start_without_visit(
            tx, patient.id, visit_type=visit_type, by=staff(request), now=now
        )
    raise web.HTTPSeeOther(f"/clinic/note/{note.id}")


async def _patient_read(tx: Tx, request: web.Request) -> Patient:
    """For a part of the chart: the page it is on has left its row."""
    patient = await _patient(tx, request)
    now, by = request.app[keys.CLOCK].now(), staff(request).account_id
    await trail.read(tx, action="timeline-read", patient_ids=[patient.id], by=by, now=now, live=True)
    return patient


async def _patient(tx: Tx, request: web.Request) -> Patient:
    try:
        return await patients.by_id(tx, request.match_info["patient_id"])
    except patients.NoSuchPatient as problem:
        raise NotYours from problem
