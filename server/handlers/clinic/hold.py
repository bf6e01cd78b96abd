"""One hold: what opened it, what was said, and the only way to lift it – a clinician with a reason."""

from aiohttp import web

from server.care.measures import ANSWER_WORDS
from server.care.safety import KINDS, ReasonMissing
from server.handlers.clinic.around import own_zone
from server.services import patients, safety
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

NO_REASON = N_("Write why the course may go on. Nothing was changed.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def lift(request: web.Request) -> web.Response:
    form = await read_form(request)
    hold_id = request.match_info["hold_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            hold = await safety.lift(
                tx,
                hold_id,
                by=staff(request),
                reason=form.text("reason", longest=2000),
                now=request.app[keys.CLOCK].now(),
            )
    except ReasonMissing:
        form.problems["reason"] = NO_REASON
        return await _page(request, form, status=422)
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(hold.patient_id))
    raise web.HTTPSeeOther(f"/clinic/chart/{hold.patient_id}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, hold_id = request.app[keys.CLOCK].now(), request.match_info["hold_id"]
    async with request.app[keys.DATABASE].write() as tx:
        hold = await safety.read(tx, hold_id, by=staff(request), now=now)
        patient = await patients.by_id(tx, hold.patient_id)
        zone = await own_zone(tx, request)
        names = await safety.names(tx)
    return pages.render(
        request,
        "clinic/hold",
        status=status,
        form=form,
        hold=hold,
        what=KINDS[hold.kind],
        level=ANSWER_WORDS[hold.level] if hold.level else "",
        patient=patient,
        names=names,
        page_zone=zone,
    )
