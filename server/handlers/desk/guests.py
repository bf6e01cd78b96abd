"""Who is invited into a visit, for the front desk: the list as a fragment, the form, and taking an invitation back."""

from aiohttp import web

from server.web import guest_form, keys, pages
from server.web.forms import Form
from server.web.middleware import wants_json
from server.web.words import words_in


async def show(request: web.Request) -> web.Response:
    """The page for whoever has no script, or came back with a problem."""
    return await _page(request, Form({}))


async def listing(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await guest_form.shown(tx, request, await guest_form.visit_of(tx, request))
    return pages.render(request, "desk/_guests", **context)


async def invite(request: web.Request) -> web.Response:
    form = await guest_form.invite(request)
    if wants_json(request):
        say = words_in(pages.language_of(request)).gettext
        problems = {name: say(sentence) for name, sentence in form.problems.items()}
        return web.json_response({"problems": problems}, status=200 if form.ok else 422)
    if not form.ok:
        return await _page(request, form, status=422)
    raise web.HTTPSeeOther(request.path)


async def withdraw(request: web.Request) -> web.Response:
    await guest_form.withdraw(request)
    if wants_json(request):
        return web.json_response({})
    raise web.HTTPSeeOther(f"/desk/guests/{request.match_info['encounter_id']}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await guest_form.shown(tx, request, await guest_form.visit_of(tx, request))
    return pages.render(request, "desk/guests", status=status, form=form, **context)
