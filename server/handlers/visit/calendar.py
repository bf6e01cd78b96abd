"""The visit as a file for the patient's own calendar; it is the entry that was mailed, should both be taken."""

from aiohttp import web

from server.handlers.visit import steps
from server.services import appointments
from server.web import keys
from server.web.calendars import PUBLISH, Invitation, calendar_of, uid_of
from server.web.refusals import NotYours


async def show(request: web.Request) -> web.Response:
    clinic, site, now = request.app[keys.CLINIC], request.app[keys.SITE], request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        visit = view.encounter
        if visit.over:
            raise NotYours
        token = appointments.token_of(tx, visit)
        sequence = await appointments.sequence_of(tx, visit)
    invitation = Invitation(
        uid=uid_of(visit.id, site.mail_domain),
        sequence=sequence,
        starts_at=visit.planned_starts_at,
        ends_at=visit.planned_ends_at,
        zone=view.patient.time_zone,
        clinic_name=clinic.name,
        clinic_phone=clinic.phone,
        organizer=site.mail_address,
        attendee="",
        link=f"{site.patients_url}/visit/join/{token}",
        written_at=now,
        language=view.patient.language,
    )
    return web.Response(
        body=calendar_of(invitation, method=PUBLISH),
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="visit.ics"', "Cache-Control": "no-store"},
    )
