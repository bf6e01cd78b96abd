"""One's own account: where one is signed in, another password, recovery codes, another phone."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from server.services import accounts, passwords, second_factor, signing_in
from server.services.passwords import TooBusy
from server.services.signing_in import SignInRefused
from server.services.tries import TooManyTries
from server.store import sessions, sign_in_steps
from server.store.database import Tx
from server.store.sign_in_steps import Step
from server.web import code_form, keys, pages, password_form
from server.web.code_form import Tried
from server.web.forms import Form, read_form
from server.web.numbers import NO_NUMBER, checked
from server.web.session import (
    STAFF_SESSION,
    client_address,
    drop_cookie,
    names_for,
    set_step_cookie,
    staff,
)
from server.web.words import N_

Result = TypeVar("Result")

NOT_THE_OLD = N_("This is not your password. Check it and try again.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def change_password(request: web.Request) -> web.Response:
    """Asks for the old one, so that an unattended screen is not enough; signs out everywhere."""
    form = await read_form(request)
    await _check_password(request, form, "old")
    password_hash = await password_form.read_new(form) if form.ok else None
    if password_hash is None:
        return await _page(request, form, status=422)
    me = staff(request).account_id
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await accounts.set_password(tx, account_id=me, password_hash=password_hash, by=me, now=now)
    raise web.HTTPSeeOther("/sign-in?password=chosen")


async def change_number(request: web.Request) -> web.Response:
    """Where they are texted when somebody waits; empty: by e-mail."""
    form = await read_form(request)
    phone = form.parsed("phone", checked, NO_NUMBER) if form.text("phone") else None
    if not form.ok:
        return await _page(request, form, status=422)
    me = staff(request).account_id
    async with request.app[keys.DATABASE].write() as tx:
        now = request.app[keys.CLOCK].now()
        await accounts.set_phone(tx, account_id=me, phone=phone, by=me, now=now)
    raise web.HTTPSeeOther("/account")


async def _check_password(request: web.Request, form: Form, field: str) -> None:
    try:
        await signing_in.prove_password(
            request.app[keys.DATABASE],
            account_id=staff(request).account_id,
            password=form.typed.get(field, ""),
            client=client_address(request),
            tries=request.app[keys.TRIES],
            now=request.app[keys.CLOCK].now(),
        )
    except SignInRefused:
        form.problems[field] = NOT_THE_OLD
    except TooManyTries:
        form.problems[field] = code_form.TOO_MANY
    except TooBusy:
        form.problems[field] = password_form.BUSY


async def new_codes(request: web.Request) -> web.Response:
    """Shown on this answer only; whoever loses them before keeping them makes others."""
    form = await read_form(request)
    me, now = staff(request).account_id, request.app[keys.CLOCK].now()

    async def work(tx: Tx, typed: str) -> tuple[str, ...]:
        await second_factor.prove(tx, account_id=me, typed=typed, now=now)
        return await second_factor.new_codes(tx, account_id=me, now=now, kept=True)

    tried = await _with_proof(request, form, work)
    if tried.result is None:
        return await _page(request, Form({}), proof=form, status=tried.status)
    return pages.render(request, "recovery_codes", codes=tried.result, form=Form({}), signing_in=False)


async def begin_new_phone(request: web.Request) -> web.Response:
    form = await read_form(request)
    me, now = staff(request).account_id, request.app[keys.CLOCK].now()

    async def work(tx: Tx, typed: str) -> str:
        await second_factor.prove(tx, account_id=me, typed=typed, now=now)
        return await second_factor.begin_new_phone(tx, account_id=me, now=now)

    tried = await _with_proof(request, form, work)
    if tried.result is None:
        return await _page(request, Form({}), proof=form, status=tried.status)
    response = web.HTTPSeeOther("/account/new-phone")
    set_step_cookie(response, request, tried.result, lives=second_factor.SET_UP_LIVES)
    raise response


async def show_new_phone(request: web.Request) -> web.Response:
    return await _new_phone_page(request, Form({}))


async def confirm_new_phone(request: web.Request) -> web.Response:
    form = await read_form(request)

    async def work(tx: Tx, typed: str) -> bool:
        step = await _new_phone(tx, request)
        await second_factor.set_up(tx, step, typed=typed, now=request.app[keys.CLOCK].now())
        await sign_in_steps.end(tx, step.id)
        return True

    tried = await code_form.tried(request, form, account_id=staff(request).account_id, work=work)
    if tried.result is None:
        return await _new_phone_page(request, form, tried)
    response = web.HTTPSeeOther("/account?phone=moved")
    drop_cookie(response, request, names_for(request).step)
    raise response


async def _with_proof(
    request: web.Request, form: Form, work: Callable[[Tx, str], Awaitable[Result]]
) -> Tried[Result]:
    """Password and code once more, so that an unattended screen is not enough."""
    await _check_password(request, form, "proof")
    if not form.ok:
        return Tried(None)
    return await code_form.tried(request, form, account_id=staff(request).account_id, work=work)


async def _new_phone(tx: Tx, request: web.Request) -> Step:
    """The step this browser proved password and code for; without one, back to where it begins."""
    cookie = request.cookies.get(names_for(request).step, "")
    step = await sign_in_steps.living(tx, cookie, request.app[keys.CLOCK].now())
    if step is None or step.stage != sign_in_steps.NEW_PHONE or step.account_id != staff(request).account_id:
        raise web.HTTPSeeOther("/account")
    return step


async def _new_phone_page(request: web.Request, form: Form, tried: Tried[bool] | None = None) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        step = await _new_phone(tx, request)
    return await code_form.set_up_page(
        request, form, account_id=step.account_id, secret=step.secret or "", moving=True, answered=tried
    )


async def _page(
    request: web.Request, form: Form, *, proof: Form | None = None, status: int = 200
) -> web.Response:
    idle = request.app[keys.SESSIONS].idle
    me = staff(request).account_id
    async with request.app[keys.DATABASE].read() as tx:
        account = await accounts.get(tx, me)
        factor = await second_factor.status(tx, me)
        living = await sessions.all_of(tx, me, idle=idle, now=request.app[keys.CLOCK].now())
    return pages.render(
        request,
        "account",
        status=status,
        form=Form({}, form.problems),
        # Neither a password nor a code is ever sent back.
        proof=Form({}, proof.problems if proof else {}),
        factor=factor,
        moved="phone" in request.query,
        account=account,
        sessions=living,
        this_session=request.get(STAFF_SESSION),
        zone=account.practice.time_zone if account.practice else request.app[keys.CLINIC].time_zone,
        shortest=passwords.SHORTEST_PASSWORD,
    )
