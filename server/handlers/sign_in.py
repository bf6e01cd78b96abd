"""Signing in, as far as the password, and out of the staff's part; second_factor.py goes on from there.

The same sentence for every wrong pair, known address or not.
"""

import math
import re

from aiohttp import web

from server.handlers.front import first_page
from server.services import accounts, password_links, passwords, signing_in
from server.services.passwords import TooBusy
from server.services.signing_in import Begun, SignInRefused
from server.services.tries import TooManyTries
from server.web import code_form, keys, pages, password_form
from server.web.forms import Form, read_form
from server.web.refusals import NotYours
from server.web.session import (
    caller,
    client_address,
    drop_cookie,
    is_on_loopback,
    names_for,
    set_cookie,
    set_step_cookie,
    staff,
)
from server.web.words import N_

NO_MATCH = N_("This address and password do not belong together. Check both and try again.")
BUSY = N_("Many people are signing in just now. Please try again in a few seconds.")
# What a sign-in may lead on to: our own addresses, which hold nothing else.
OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_-]*")
LONGEST_PATH = 200


async def show(request: web.Request) -> web.Response:
    if caller(request).staff:
        raise web.HTTPSeeOther(first_page(caller(request).staff))
    return _page(request, Form({}), onward=request.query.get("next", ""))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    form.text("email", required=N_("Type the e-mail address of your account."))
    password = form.typed.get("password", "")
    if not password:
        form.problems["password"] = N_("Type your password.")
    if not form.ok:
        return _again(request, form, status=422)
    try:
        begun = await _begin(request, form, password)
    except TooManyTries as refused:
        form.problems["password"] = code_form.TOO_MANY
        wait = {"Retry-After": str(math.ceil(refused.wait.total_seconds()))}
        return _again(request, form, status=429, headers=wait)
    except TooBusy:
        form.problems["password"] = BUSY
        return _again(request, form, status=503, headers={"Retry-After": "5"})
    except SignInRefused:
        form.problems["password"] = NO_MATCH
        return _again(request, form, status=403)
    response = web.HTTPSeeOther(f"/sign-in/{begun.stage}")
    set_step_cookie(response, request, begun.cookie, lives=begun.lives)
    raise response


async def _begin(request: web.Request, form: Form, password: str) -> Begun:
    return await signing_in.begin(
        request.app[keys.DATABASE],
        email=form.text("email"),
        password=password,
        client=client_address(request),
        tries=request.app[keys.TRIES],
        now=request.app[keys.CLOCK].now(),
        opens=_inside(form.typed.get("next", "")),
    )


def _again(
    request: web.Request, form: Form, *, status: int, headers: dict[str, str] | None = None
) -> web.Response:
    """The page with what was typed, but never with the password."""
    kept = Form({name: text for name, text in form.typed.items() if name != "password"}, form.problems)
    response = _page(request, kept, onward=form.typed.get("next", ""), status=status)
    response.headers.update(headers or {})
    return response


def _page(request: web.Request, form: Form, *, onward: str, status: int = 200) -> web.Response:
    return pages.render(
        request,
        "sign_in",
        status=status,
        form=form,
        next=_inside(onward),
        password_chosen="password" in request.query,
        again="again" in request.query,
    )


async def leave(request: web.Request) -> web.Response:
    name = names_for(request).staff
    async with request.app[keys.DATABASE].write() as tx:
        await signing_in.sign_out(
            tx,
            account_id=staff(request).account_id,
            cookie=request.cookies.get(name, ""),
            now=request.app[keys.CLOCK].now(),
        )
    raise _gone(request)


async def leave_everywhere(request: web.Request) -> web.Response:
    """Every browser this person is signed in with, this one included."""
    me = staff(request).account_id
    async with request.app[keys.DATABASE].write() as tx:
        await signing_in.sign_out_everywhere(tx, account_id=me, now=request.app[keys.CLOCK].now())
    raise _gone(request)


def _gone(request: web.Request) -> web.HTTPSeeOther:
    response = web.HTTPSeeOther("/sign-in")
    drop_cookie(response, request, names_for(request).staff)
    return response


async def choose(request: web.Request) -> web.Response:
    """The page of a one-time link. Looking at it changes nothing."""
    return await _choosing(request, Form({}))


async def chosen(request: web.Request) -> web.Response:
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    token = request.match_info["token"]
    async with request.app[keys.DATABASE].read() as tx:
        await password_links.owner(tx, token, now=now)
    password_hash = await password_form.read_new(form)
    if password_hash is None:
        return await _choosing(request, form, status=422)
    async with request.app[keys.DATABASE].write() as tx:
        # Once more inside the writer's turn: of two tries with one link, one wins.
        owner = await password_links.owner(tx, token, now=now)
        await accounts.set_password(
            tx, account_id=owner.id, password_hash=password_hash, by=owner.id, now=now
        )
    raise web.HTTPSeeOther("/sign-in?password=chosen")


async def _choosing(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        owner = await password_links.owner(tx, request.match_info["token"], now=now)
    return pages.render(
        request,
        "password",
        status=status,
        form=Form({}, form.problems),
        owner=owner,
        shortest=passwords.SHORTEST_PASSWORD,
    )


async def demo(request: web.Request) -> web.Response:
    """A demo's own door: opening it signs in, which is why it exists on loopback only and while the demo runs.

    Decided by the connection itself, not by anything the request says: a demo may be open to phones beside loopback.
    """
    doors = request.app.get(keys.DEMO)
    token = request.match_info["token"]
    if doors is None or token not in doors.links or not is_on_loopback(request):
        raise NotYours
    account_id, opens = doors.links[token]
    name = names_for(request).staff
    async with request.app[keys.DATABASE].write() as tx:
        cookie = await signing_in.open_session(
            tx,
            account_id=account_id,
            lives=request.app[keys.SESSIONS].absolute,
            now=request.app[keys.CLOCK].now(),
            replaces=request.cookies.get(name),
        )
    response = web.HTTPSeeOther(opens)
    set_cookie(response, request, name, cookie)
    raise response


def _inside(path: str) -> str:
    """`path` when it is one of our own, else nothing: a sign-in must not lead to another site."""
    return path if OWN_PATH.fullmatch(path) and len(path) <= LONGEST_PATH else ""
