"""The second half of signing in: a code from the phone, or setting one up first, and ten recovery codes to keep.

Nobody is signed in here. Each page belongs to one stage, and whoever is at another is led to its page.
"""

from aiohttp import web

from server.care.access import HalfSignedIn
from server.handlers.front import first_page
from server.services import accounts, second_factor, signing_in
from server.services.second_factor import SignInAgain
from server.store import sign_in_steps
from server.store.database import Tx
from server.store.sign_in_steps import CODE, RECOVERY_CODES, SET_UP, Step
from server.web import code_form, keys, pages
from server.web.code_form import Tried
from server.web.forms import Form, read_form
from server.web.session import caller, drop_cookie, names_for, set_cookie, set_step_cookie
from server.web.words import N_

NOT_KEPT = N_(
    "Please tick the box when you have kept them. These are new codes: those shown before no longer work."
)
# Recovery codes to show first, or the new session's cookie and the page it opens.
Passed = tuple[tuple[str, ...], str, str]


async def ask(request: web.Request) -> web.Response:
    _half_way(request, CODE)
    return _code_page(request, Form({}))


async def answer(request: web.Request) -> web.Response:
    half = _half_way(request, CODE)
    form = await read_form(request)
    tried = await _try(request, form, half)
    if tried.result is None:
        return _code_page(request, form, tried)
    return _passed(request, tried.result)


async def show_key(request: web.Request) -> web.Response:
    """Looking changes nothing: the key was made when the password was right."""
    half = _half_way(request, SET_UP)
    return await _key_page(request, Form({}), half)


async def confirm(request: web.Request) -> web.Response:
    half = _half_way(request, SET_UP)
    form = await read_form(request)
    tried = await _try(request, form, half)
    if tried.result is None:
        return await _key_page(request, form, half, tried)
    return _passed(request, tried.result)


async def codes_gone(request: web.Request) -> web.Response:
    """Codes are on one answer only; whoever comes back to the page can have others."""
    _half_way(request, RECOVERY_CODES)
    return _codes_page(request, ())


async def keep_codes(request: web.Request) -> web.Response:
    """Signs in when the box is ticked, and makes other codes when it is not."""
    _half_way(request, RECOVERY_CODES)
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        step = await _step(tx, request, RECOVERY_CODES)
        if "kept" in form.typed:
            await signing_in.keep_codes(tx, step, now=now)
            passed = await _enter(tx, request, step)
        else:
            passed = (await second_factor.new_codes(tx, account_id=step.account_id, now=now), "", "")
    if passed[0] and "again" not in form.typed:
        form.problems["kept"] = NOT_KEPT
    return _passed(request, passed, form)


async def _try(request: web.Request, form: Form, half: HalfSignedIn) -> Tried[Passed]:
    async def go_on(tx: Tx, typed: str) -> Passed:
        step = await _step(tx, request, half.stage)
        codes = await signing_in.go_on(tx, step, typed=typed, now=request.app[keys.CLOCK].now())
        return (codes, "", "") if codes else await _enter(tx, request, step)

    return await code_form.tried(request, form, account_id=half.account_id, work=go_on)


async def _enter(tx: Tx, request: web.Request, step: Step) -> Passed:
    cookie = await signing_in.finish(
        tx,
        step,
        lives=request.app[keys.SESSIONS].absolute,
        now=request.app[keys.CLOCK].now(),
        replaces=request.cookies.get(names_for(request).staff),
    )
    return (), cookie, step.opens or first_page(await accounts.staff_of(tx, step.account_id))


def _passed(request: web.Request, passed: Passed, form: Form | None = None) -> web.Response:
    codes, cookie, opens = passed
    if codes:
        response = _codes_page(request, codes, form)
        # There is more to do than typing six digits, so the cookie lives on with its row.
        held = request.cookies.get(names_for(request).step, "")
        set_step_cookie(response, request, held, lives=second_factor.SET_UP_LIVES)
        return response
    onward = web.HTTPSeeOther(opens)
    set_cookie(onward, request, names_for(request).staff, cookie)
    drop_cookie(onward, request, names_for(request).step)
    raise onward


def _half_way(request: web.Request, stage: str) -> HalfSignedIn:
    """Whoever is half signed in, if this page is the one they are at; else they are led to theirs."""
    half = caller(request).half
    if half is None:
        raise SignInAgain
    if half.stage != stage:
        raise web.HTTPSeeOther(f"/sign-in/{half.stage}")
    return half


async def _step(tx: Tx, request: web.Request, stage: str) -> Step:
    """Once more inside the transaction: of two answers at once, and of an answer and a reset, one wins."""
    cookie = request.cookies.get(names_for(request).step, "")
    step = await sign_in_steps.living(tx, cookie, request.app[keys.CLOCK].now())
    if step is None or step.stage != stage:
        raise SignInAgain
    return step


def _code_page(request: web.Request, form: Form, tried: Tried[Passed] | None = None) -> web.Response:
    status = tried.status if tried else 200
    response = pages.render(request, "sign_in_code", status=status, form=Form({}, form.problems))
    response.headers.update(tried.headers if tried else {})
    return response


async def _key_page(
    request: web.Request, form: Form, half: HalfSignedIn, tried: Tried[Passed] | None = None
) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        step = await _step(tx, request, SET_UP)
    return await code_form.set_up_page(
        request, form, account_id=half.account_id, secret=step.secret or "", moving=False, answered=tried
    )


def _codes_page(request: web.Request, codes: tuple[str, ...], form: Form | None = None) -> web.Response:
    problems = form.problems if form else {}
    return pages.render(request, "recovery_codes", codes=codes, form=Form({}, problems), signing_in=True)
