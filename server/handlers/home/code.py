"""Six digits by e-mail or text message; then this device is remembered."""

from aiohttp import web

from server.care.home import REMEMBERED, NoWayToSend, TooManyCodes
from server.handlers.home import steps
from server.services import home
from server.store.database import Tx
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.session import names_for, set_cookie
from server.web.words import N_

WRONG = N_(
    "That is not the code we sent, or it is too old. Look at the newest message, or have another code sent."
)
MISSING = N_("Type the six digits from our message.")
TOO_MANY = N_("We have sent several codes already. Please wait an hour, or call us.")
NO_WAY = N_("We cannot send a code there. Please call us.")


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        return await _page(tx, request, Form({}))


async def send(request: web.Request) -> web.Response:
    """ "Send the code": the codes before it are void."""
    form = await read_form(request)
    who = steps.guest(request)
    if who.remembered:
        return steps.go_on("/home/today")
    async with request.app[keys.DATABASE].write() as tx:
        try:
            await home.send_code(
                tx,
                device_id=who.device_id,
                channel=form.typed.get("channel", ""),
                sms=request.app[keys.SITE].sends_sms,
                now=request.app[keys.CLOCK].now(),
            )
        except (TooManyCodes, NoWayToSend) as problem:
            form.problems["code"] = TOO_MANY if isinstance(problem, TooManyCodes) else NO_WAY
            return await _page(tx, request, form, status=429 if isinstance(problem, TooManyCodes) else 422)
    return steps.go_on("/home/code")


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    who = steps.guest(request)
    code = form.text("code", required=MISSING, longest=20)
    name = names_for(request).home
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        if who.remembered:
            return steps.go_on("/home/today")
        if not form.ok:
            return await _page(tx, request, form, status=422)
        if not await home.remember(tx, device_id=who.device_id, code=code, now=now):
            form.problems["code"] = WRONG
            return await _page(tx, request, Form({}, form.problems), status=422)
    response = steps.go_on("/home/today")
    # The same cookie, but no longer gone within the hour.
    set_cookie(response, request, name, request.cookies[name], lives=REMEMBERED)
    return response


async def _page(tx: Tx, request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    who = steps.guest(request)
    if who.remembered:
        return steps.go_on("/home/today")
    ways = await home.ways(tx, who.patient_id, sms=request.app[keys.SITE].sends_sms)
    sent = await home.sent_to(tx, who.device_id, now=request.app[keys.CLOCK].now())
    return pages.render(request, "home/code", status=status, form=form, ways=ways, sent=sent)
