"""Who is invited into a visit, for the consult page: the list as a fragment, the form, taking an invitation back."""

from typing import Any

from aiohttp import web

from server.handlers.clinic.around import own_zone
from server.services import patients
from server.store.database import Tx
from server.web import guest_form, keys, pages
from server.web.forms import Form
from server.web.middleware import wants_json
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import words_in


async def show(request: web.Request) -> web.Response:
    """The page for whoever has no script, or came back with a problem."""
    return await _page(request, Form({}))


async def listing(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await _shown(tx, request)
    return pages.render(request, "clinic/_guests", **context)


async def invite(request: web.Request) -> web.Response:
    await _must_be_own(request)
    form = await guest_form.invite(request)
    if wants_json(request):
        say = words_in(pages.language_of(request)).gettext
        problems = {name: say(sentence) for name, sentence in form.problems.items()}
        return web.json_response({"problems": problems}, status=200 if form.ok else 422)
    if not form.ok:
        return await _page(request, form, status=422)
    raise web.HTTPSeeOther(request.path)


async def withdraw(request: web.Request) -> web.Response:
    await _must_be_own(request)
    await guest_form.withdraw(request)
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/clinic/guests/{request.match_info['encounter_id']}")


async def _shown(tx: Tx, request: web.Request) -> dict[str, Any]:
    """Raises NoSuchVisit."""
    encounter = await guest_form.visit_of(tx, request)
    patient = await patients.by_id(tx, encounter.patient_id)
    zone = await own_zone(tx, request)
    return await guest_form.shown(tx, request, encounter) | {"patient": patient, "page_zone": zone}


async def _must_be_own(request: web.Request) -> None:
    """Raises NotYours, NoSuchVisit."""
    async with request.app[keys.DATABASE].read() as tx:
        encounter = await guest_form.visit_of(tx, request)
    if encounter.practitioner_id != staff(request).practitioner_id:
        raise NotYours


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await _shown(tx, request)
    return pages.render(request, "clinic/guests", status=status, form=form, **context)
