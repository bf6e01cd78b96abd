"""The three questions before the waiting room, asked at every visit: help must find the place where somebody is."""

import re

from aiohttp import web

from server.care.encounter import EncounterOver
from server.handlers.visit import steps
from server.services import visits
from server.services.visits import VisitView
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.words import N_

WHERE = N_("Write where you are, so that we could send help there.")
NO_NUMBER = N_("Write a number with its area code, so that we can call you if the call breaks off.")
WITH_WHOM = N_("Write who is with you. If you are alone, write that.")
AGREE = N_("Please tick the box if you agree. If you have a question first, call us.")
FEWEST_DIGITS = 7


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
    onward = steps.next_step(view.encounter, now=request.app[keys.CLOCK].now())
    if view.encounter.over or (onward != request.path and "again" not in request.query):
        return steps.go_on(onward)
    return _page(request, view, Form(_answered(view)))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    where = form.text("where", required=WHERE, longest=300)
    call_back = form.text("call_back", required=NO_NUMBER, longest=40)
    with_whom = form.text("with_whom", required=WITH_WHOM, longest=300)
    form.text("agree", required=AGREE)
    if len(re.findall(r"\d", call_back)) < FEWEST_DIGITS:
        form.problems.setdefault("call_back", NO_NUMBER)
    if not form.ok:
        async with request.app[keys.DATABASE].read() as tx:
            return _page(request, await steps.visit_of(tx, request), form, status=422)
    encounter_id = steps.visitor(request).encounter_id
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await visits.answer(
                tx,
                encounter_id=encounter_id,
                where=where,
                call_back=call_back,
                with_whom=with_whom,
                now=request.app[keys.CLOCK].now(),
            )
    except EncounterOver:
        # Cancelled or finished meanwhile: the waiting room's page says which, and what comes next.
        return steps.go_on(f"/visit/waiting/{encounter_id}")
    await steps.tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/visit/waiting/{encounter_id}")


def _answered(view: VisitView) -> dict[str, str]:
    """What was said before about this same visit; never anything of an earlier one."""
    entry = view.encounter.entry
    if entry is None:
        return {}
    return {"where": entry.where, "call_back": entry.call_back, "with_whom": entry.with_whom}


def _page(request: web.Request, view: VisitView, form: Form, *, status: int = 200) -> web.Response:
    return pages.render(request, "visit/entry", status=status, view=view, form=form)
