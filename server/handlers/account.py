"""One's own account: where one is signed in, signing out everywhere, another password."""

from aiohttp import web

from server.services import accounts, passwords, signing_in
from server.services.passwords import TooBusy
from server.services.signing_in import SignInRefused
from server.services.tries import TooManyTries
from server.store import sessions
from server.web import keys, pages, password_form
from server.web.forms import Form, read_form
from server.web.session import STAFF_SESSION, client_address, staff
from server.web.words import N_

NOT_THE_OLD = N_("This is not your password. Check it and try again.")
TOO_MANY = N_("There were too many tries. Wait a little, then try again, or ask your administrator.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def change_password(request: web.Request) -> web.Response:
    """Asks for the old one, so that an unattended screen is not enough; signs out everywhere."""
    form = await read_form(request)
    await _check_old(request, form)
    password_hash = await password_form.read_new(form) if form.ok else None
    if password_hash is None:
        return await _page(request, form, status=422)
    me = staff(request).account_id
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await accounts.set_password(tx, account_id=me, password_hash=password_hash, by=me, now=now)
    raise web.HTTPSeeOther("/sign-in?password=chosen")


async def _check_old(request: web.Request, form: Form) -> None:
    try:
        await signing_in.prove_password(
            request.app[keys.DATABASE],
            account_id=staff(request).account_id,
            password=form.typed.get("old", ""),
            client=client_address(request),
            tries=request.app[keys.TRIES],
            now=request.app[keys.CLOCK].now(),
        )
    except SignInRefused:
        form.problems["old"] = NOT_THE_OLD
    except TooManyTries:
        form.problems["old"] = TOO_MANY
    except TooBusy:
        form.problems["old"] = password_form.BUSY


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    idle = request.app[keys.SESSIONS].idle
    me = staff(request).account_id
    async with request.app[keys.DATABASE].read() as tx:
        account = await accounts.get(tx, me)
        living = await sessions.all_of(tx, me, idle=idle, now=request.app[keys.CLOCK].now())
    return pages.render(
        request,
        "account",
        status=status,
        form=Form({}, form.problems),
        account=account,
        sessions=living,
        this_session=request.get(STAFF_SESSION),
        zone=account.practice.time_zone if account.practice else request.app[keys.CLINIC].time_zone,
        shortest=passwords.SHORTEST_PASSWORD,
    )
