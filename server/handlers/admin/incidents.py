"""Links in other hands: what happened, a checklist for paper, and what was decided about each."""

from typing import Any

from aiohttp import web

from server.care.tasks import AlreadyAcknowledged
from server.handlers.admin.audit import ACTIONS, OTHERS
from server.services import incidents
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

NOT_DECIDED = N_("Choose what it is.")
NO_REASON = N_("Write in a sentence why: somebody may ask in six years.")
LONGEST = 480


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        found = await incidents.every(tx)
    return pages.render(request, "admin/incidents", incidents=found)


async def detail(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def assess(request: web.Request) -> web.Response:
    """Off the list, with what was decided; when somebody else was faster, theirs stands."""
    form = await read_form(request)
    decision = form.text("decision")
    why = form.text("why", required=NO_REASON, longest=LONGEST)
    if decision not in incidents.DECISIONS:
        form.problems["decision"] = NOT_DECIDED
    if not form.ok:
        return await _page(request, form, status=422)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await incidents.assess(
                tx, _asked(request), decision=decision, why=why, by=staff(request), now=now
            )
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther(f"/admin/incidents/{_asked(request)}") from None
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/admin/incidents/{_asked(request)}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        incident = await incidents.one(tx, _asked(request), by=staff(request), now=now)
    said: dict[str, Any] = {"incident": incident, "actions": ACTIONS, "others": OTHERS}
    return pages.render(request, "admin/incident", status=status, form=form, **said)


def _asked(request: web.Request) -> str:
    return request.match_info["task_id"]
