"""The journal as its owner sees it: every entry, kept or shared, the newest first."""

from aiohttp import web

from server.handlers.home import steps
from server.services import journals, plans
from server.web import keys, pages


async def show(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        patient = await steps.owner(tx, request)
        entries = await journals.all_of(tx, patient.id)
        numbers = await plans.numbers_of(tx, patient.id)
    return pages.render(
        request, "home/journal", patient=patient, entries=entries, numbers=numbers, moment=now
    )


async def begin(request: web.Request) -> web.Response:
    """ "Write in my journal". An entry nobody wrote in yet is taken up again instead of leaving empty ones about."""
    now = request.app[keys.CLOCK].now()
    patient_id = steps.guest(request).patient_id
    async with request.app[keys.DATABASE].write() as tx:
        entry = await journals.empty_one(tx, patient_id) or await journals.begin(
            tx, patient_id=patient_id, now=now
        )
    raise web.HTTPSeeOther(f"/home/entry/{entry.id}")
