"""Signing in and out of the staff's part. The same sentence for every wrong pair, known address or not."""

from aiohttp import web

from server.handlers.home import first_page
from server.services import accounts
from server.store import sessions
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.refusals import NotYours
from server.web.session import caller, names_for, set_cookie
from server.web.words import N_

NO_MATCH = N_("This address and password do not belong together. Check both and try again.")
TOO_MANY = N_("There were too many tries. Wait fifteen minutes, or ask your administrator.")


async def show(request: web.Request) -> web.Response:
    if caller(request).staff:
        raise web.HTTPSeeOther(first_page(caller(request).staff))
    return pages.render(request, "sign_in", form=Form({}), next=_inside(request.query.get("next", "")))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    email = form.text("email", required=N_("Type the e-mail address of your account."))
    password = form.text("password", required=N_("Type your password."), longest=1000)
    onward = _inside(form.typed.get("next", ""))
    if not form.ok:
        return pages.render(request, "sign_in", status=422, form=form, next=onward)
    now = request.app[keys.CLOCK].now()
    database = request.app[keys.DATABASE]
    try:
        account_id, cookie = await accounts.sign_in(
            database,
            email=email,
            password=password,
            lives=request.app[keys.SESSIONS].absolute,
            tries=request.app[keys.TRIES],
            now=now,
        )
    except accounts.SignInRefused as refused:
        busy = isinstance(refused, accounts.TooManyTries)
        form.problems["password"] = TOO_MANY if busy else NO_MATCH
        return pages.render(request, "sign_in", status=429 if busy else 403, form=form, next=onward)
    async with database.read() as tx:
        staff = await accounts.staff_of(tx, account_id)
    response = web.HTTPSeeOther(onward or first_page(staff))
    set_cookie(response, request, names_for(request).staff, cookie)
    return response


async def leave(request: web.Request) -> web.Response:
    name = names_for(request).staff
    async with request.app[keys.DATABASE].write() as tx:
        await sessions.end_session(tx, request.cookies.get(name, ""))
    response = web.HTTPSeeOther("/sign-in")
    response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=request.app[keys.SITE].secure)
    return response


async def demo(request: web.Request) -> web.Response:
    """A demo's own door: opening it signs in, which is why it exists on loopback only and while the demo runs."""
    doors = request.app.get(keys.DEMO)
    token = request.match_info["token"]
    if doors is None or token not in doors.links:
        raise NotYours
    account_id, opens = doors.links[token]
    now = request.app[keys.CLOCK].now()
    cookie = sessions.new_cookie()
    async with request.app[keys.DATABASE].write() as tx:
        ends_at = now + request.app[keys.SESSIONS].absolute
        await sessions.open_session(tx, account_id=account_id, cookie=cookie, ends_at=ends_at, now=now)
    response = web.HTTPSeeOther(opens)
    set_cookie(response, request, names_for(request).staff, cookie)
    return response


def _inside(path: str) -> str:
    """`path` when it is one of our own, else nothing: a sign-in must not lead to another site."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else ""
