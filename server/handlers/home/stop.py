""" "Something feels wrong" and "Stop treatment": one tap, and everybody who must know is told."""

from aiohttp import web

from server.care.journal import LONGEST as LONGEST_WORDS
from server.care.safety import PRESSED_BY_PATIENT
from server.handlers.home import steps
from server.services import safety
from server.store.ids import new_id
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.middleware import wants_json
from server.web.words import N_

EMPTY = N_("Write what you want us to know, or just close this page: your clinic knows already.")


async def submit(request: web.Request) -> web.Response:
    """The press, now or from a phone that was offline; the same press again is the same hold."""
    form = await read_form(request)
    kind = form.typed.get("kind", "")
    if kind not in PRESSED_BY_PATIENT:
        raise web.HTTPBadRequest
    async with request.app[keys.DATABASE].write() as tx:
        hold = await safety.press(
            tx,
            patient_id=steps.guest(request).patient_id,
            kind=kind,
            # The page kept for "no network" has no name for the press: there it is the button's alone.
            event_id=form.typed.get("event_id", "").removesuffix(kind)[:64] or new_id(),
            pressed_at=steps.instant(form.typed.get("pressed_at", "")),
            now=request.app[keys.CLOCK].now(),
        )
    steps.publish(request)
    address = f"/home/stop/{hold.id}"
    if wants_json(request):
        return web.json_response({"address": address})
    raise web.HTTPSeeOther(address)


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def explain(request: web.Request) -> web.Response:
    """What the patient wants to add. The hold is there with or without it."""
    form = await read_form(request)
    words = form.text("words", required=EMPTY, longest=LONGEST_WORDS)
    if not form.ok:
        return await _page(request, form, status=422)
    async with request.app[keys.DATABASE].write() as tx:
        await safety.add_words(
            tx,
            patient_id=steps.guest(request).patient_id,
            hold_id=request.match_info["hold_id"],
            words=words,
            now=request.app[keys.CLOCK].now(),
        )
    steps.publish(request)
    raise web.HTTPSeeOther(f"/home/stop/{request.match_info['hold_id']}?said=1")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        patient = await steps.owner(tx, request)
        hold = await safety.own(tx, request.match_info["hold_id"], patient_id=patient.id)
        told = await steps.told(tx, request, patient)
    return pages.render(
        request,
        "home/stop",
        status=status,
        hold=hold,
        form=form,
        said="said" in request.query,
        **told,
    )
