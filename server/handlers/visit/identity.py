"""The date of birth: a link alone shows nothing about anybody. Five wrong ones, and only the telephone helps."""

from aiohttp import web

from server.care.access import Visitor
from server.handlers.visit import steps
from server.services import visits
from server.services.visits import LinkReplaced
from server.store.database import Tx
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.words import N_, words_in

UNREADABLE = N_("Give your whole date of birth: day, month and year.")


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        return await _ask(tx, request, Form({}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    born = form.date("date_of_birth", UNREADABLE)
    who = steps.visitor(request)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        if born is None or who.verified or (await steps.visit_of(tx, request)).encounter.over:
            return await _ask(tx, request, form, status=422)
        encounter_id = who.encounter_id
        if await steps.is_of_another(tx, request, encounter_id):
            return steps.closed(request, "another")
        try:
            right = await visits.prove(
                tx, encounter_id=encounter_id, session_id=who.session_id, born=born, now=now
            )
        except LinkReplaced:
            # The visit moved, or the desk sent another link, since Continue was pressed: no date was wrong.
            return steps.closed(request, "replaced")
        if right:
            view = await steps.visit_of(tx, request)
            return steps.go_on(steps.next_step(view.encounter, now=now))
        form.problems["date_of_birth"] = await _wrong(tx, request, who)
        return await _ask(tx, request, form, status=422)


async def _wrong(tx: Tx, request: web.Request, who: Visitor) -> str:
    left = await visits.tries_left(tx, who.session_id)
    say = words_in(pages.language_of(request)).ngettext
    return say(
        "That is not the date we have for this visit. You have %(n)s try left.",
        "That is not the date we have for this visit. You have %(n)s tries left.",
        left,
    ) % {"n": left}


async def _ask(tx: Tx, request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    who = steps.visitor(request)
    view = await steps.visit_of(tx, request)
    if who.verified:
        return steps.go_on(steps.next_step(view.encounter, now=request.app[keys.CLOCK].now()))
    if view.encounter.over:
        return steps.closed(request, view.encounter.status)
    try:
        if await visits.tries_left(tx, who.session_id) == 0:
            return steps.closed(request, "locked")
    except LinkReplaced:
        return steps.closed(request, "replaced")
    return pages.render(request, "visit/identity", status=status, form=form)
