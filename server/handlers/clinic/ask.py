"""A patient's thread for their clinicians: all of it; what is about care is theirs to answer and part of the chart."""

from aiohttp import web

from server.care.asking import CLINICAL
from server.handlers.clinic.around import own_zone
from server.services import asking, patients
from server.store.ids import new_id
from server.web import answering, keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    if not await answering.answer(request, form, CLINICAL):
        return await _page(request, form, status=422)
    raise _changed(request)


async def hand_on(request: web.Request) -> web.Response:
    """To the front desk, which can read these questions from then on; the page says so before."""
    await answering.hand_on(request, await read_form(request), CLINICAL)
    raise _changed(request)


async def close(request: web.Request) -> web.Response:
    await answering.close(request, await read_form(request), CLINICAL)
    raise _changed(request)


def _changed(request: web.Request) -> web.HTTPSeeOther:
    patient_id = request.match_info["patient_id"]
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(patient_id))
    return web.HTTPSeeOther(f"/clinic/ask/{patient_id}#newest")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await patients.by_id(tx, request.match_info["patient_id"])
        entries = await asking.for_clinician(tx, patient.id, by=staff(request), now=now)
        zone = await own_zone(tx, request)
    return pages.render(
        request,
        "clinic/ask",
        status=status,
        form=form,
        patient=patient,
        entries=entries,
        key=form.typed.get("key", "") or new_id(),
        page_zone=zone,
    )
