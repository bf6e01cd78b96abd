"""The date of birth, before anything is shown or sent. Five wrong ones, and only the telephone helps."""

from aiohttp import web

from server.handlers.home import steps
from server.services import home
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
    device_id = steps.guest(request).device_id
    async with request.app[keys.DATABASE].write() as tx:
        if born is None:
            return await _ask(tx, request, form, status=422)
        if await home.prove(tx, device_id=device_id, born=born, now=request.app[keys.CLOCK].now()):
            return steps.go_on("/home/code")
        left = await home.tries_left(tx, device_id)
        say = words_in(pages.language_of(request)).ngettext
        form.problems["date_of_birth"] = say(
            "That is not the date we have. You have %(n)s try left.",
            "That is not the date we have. You have %(n)s tries left.",
            left,
        ) % {"n": left}
        return await _ask(tx, request, form, status=422)


async def _ask(tx: Tx, request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    who = steps.guest(request)
    if who.remembered:
        return steps.go_on("/home/today")
    if who.proven:
        return steps.go_on("/home/code")
    if await home.tries_left(tx, who.device_id) == 0:
        return steps.closed(request, "locked")
    return pages.render(request, "home/identity", status=status, form=form)
