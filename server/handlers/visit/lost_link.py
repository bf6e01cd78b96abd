""" "I lost my link": one field, and the same answer for everybody, so that it tells nobody who is a patient here."""

import math

from aiohttp import web

from server.services import alarms, lost_links
from server.services.tries import TooManyTries
from server.web import contact_form, keys, pages
from server.web.forms import Form, read_form
from server.web.session import client_address
from server.web.words import N_

NOTHING_TYPED = N_("Type the e-mail address or the phone number that we have of you.")
TOO_MANY = N_("You have asked often by now. Please wait a few minutes, or call us.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}), asked="asked" in request.query)


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    email, phone = contact_form.email_or_phone(form.text("contact", longest=200))
    if email is None and phone is None:
        form.problems["contact"] = NOTHING_TYPED
        return await _page(request, form, status=422)
    now, tries = request.app[keys.CLOCK].now(), request.app[keys.TRIES]
    who = {"address": f"lost link of {email or phone}", "client": f"lost link at {client_address(request)}"}
    try:
        tries.check(**who, now=now)
    except TooManyTries as refused:
        form.problems["contact"] = TOO_MANY
        response = await _page(request, form, status=429)
        response.headers["Retry-After"] = str(math.ceil(refused.wait.total_seconds()))
        return response
    tries.wrong(**who, now=now)
    async with request.app[keys.DATABASE].write() as tx:
        await lost_links.ask(tx, email=email, phone=phone, now=now)
    raise web.HTTPSeeOther("/visit/lost-link?asked")


async def _page(request: web.Request, form: Form, *, asked: bool = False, status: int = 200) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        watch = await alarms.watch(tx, now=request.app[keys.CLOCK].now())
    return pages.render(request, "visit/lost_link", status=status, form=form, asked=asked, watch=watch)
