"""Practical questions from patients: the list of those that wait, and a patient's thread without what is clinical."""

from aiohttp import web

from server.care.asking import PRACTICAL
from server.services import asking, patients
from server.store.ids import new_id
from server.web import answering, keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff

LIST = "/desk/ask"


async def show_all(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        waiting = await asking.waiting(tx, PRACTICAL, by=staff(request), now=now)
    times = request.app[keys.ANSWER_TIMES]
    return pages.render(request, "desk/ask", waiting=waiting, due=answering.due_of(waiting, PRACTICAL, times))


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    if not await answering.answer(request, form, PRACTICAL):
        return await _page(request, form, status=422)
    raise _changed(request, f"{LIST}/{request.match_info['patient_id']}#newest")


async def hand_on(request: web.Request) -> web.Response:
    """To the patient's clinician: from then on the desk reads it no more."""
    await answering.hand_on(request, await read_form(request), PRACTICAL)
    raise _changed(request, LIST)


async def close(request: web.Request) -> web.Response:
    await answering.close(request, await read_form(request), PRACTICAL)
    raise _changed(request, LIST)


def _changed(request: web.Request, address: str) -> web.HTTPSeeOther:
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(request.match_info["patient_id"]))
    return web.HTTPSeeOther(address)


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await patients.by_id(tx, request.match_info["patient_id"])
        entries = await asking.for_desk(tx, patient.id, by=staff(request), now=now)
    return pages.render(
        request,
        "desk/question",
        status=status,
        form=form,
        patient=patient,
        entries=entries,
        key=form.typed.get("key", "") or new_id(),
        page_zone=request.app[keys.CLINIC].time_zone,
    )
