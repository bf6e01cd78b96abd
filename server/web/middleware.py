"""What every request passes through, outermost first: log, host, refusals, encoding, body, session, csrf.

Headers are added as the answer starts, so that streams, WebSockets and every refusal have them too. A handler that
raises a listed refusal never writes anything: the transaction it was in has rolled back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from aiohttp import web

from server.services.second_factor import SignInAgain
from server.store.reaching import RecordsOutOfReach
from server.web import csrf, keys, pages
from server.web.forms import read_form
from server.web.refusals import NOT_DONE, Refusal, SignInNeeded, refusal_for
from server.web.security_headers import security_headers
from server.web.session import CALLER, SESSION_MARK, STAFF_SESSION, identify
from server.web.words import N_, words_in

log = logging.getLogger("bedside.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A long note on a bad connection takes a while; a body that trickles in to hold us up takes longer.
BODY_SECONDS = 30.0
# What was typed then is no worse for it, and is kept to be sent again.
AT_THE_WRONG_MOMENT = (SignInNeeded, csrf.FormExpired, RecordsOutOfReach)
# Passwords and codes are never put into a page.
SECRETS_UNDER = ("/sign-in", "/account", "/admin/accounts", "/home/code")
OUR_MISTAKE = Refusal(
    500, N_("Something went wrong on our side. Nothing you saved is lost. Please try again."), "our-mistake"
)
NOT_FOUND = Refusal(404, N_("There is no such page. Nothing was changed."), "not-found")
TOO_LARGE = Refusal(413, N_("That was too large to take. Nothing was changed."), "too-large")
TOO_SLOW = Refusal(
    408, N_("That took too long to arrive. Nothing was changed. Please try again."), "too-slow"
)
NOT_HERE = Refusal(421, N_("This address is not served here."), "not-here")
BY_STATUS = {404: NOT_FOUND, 405: NOT_FOUND, 408: TOO_SLOW, 413: TOO_LARGE}


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line per request with the route's pattern: an address may hold a token, a pattern cannot."""
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as answer:
        status = answer.status
        raise
    finally:
        resource = request.match_info.route.resource
        pattern = resource.canonical if resource is not None else "unknown"
        # The method is the sender's own word too.
        method = request.method if request.method in METHODS else "other"
        log.info("%s %s %s", method, pattern, status)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler and not a middleware, so that WebSockets and streams get them before they start."""
    site = request.app[keys.SITE]
    host = request.host if request.host in site.hosts else site.own_host
    kept = response.headers.get("Cache-Control")
    response.headers.update(security_headers(site, host, request.path))
    if kept is not None:
        response.headers["Cache-Control"] = kept


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A foreign Host header would put foreign links into our pages and mails."""
    if not request.app[keys.SITE].serves(request.host, own_tls=request.secure):
        return refuse(request, NOT_HERE)
    return await handler(request)


@web.middleware
async def check_encoding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing of ours sends packed bodies, and unpacking a stranger's is how a small one fills the memory."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise web.HTTPUnsupportedMediaType
    # Our forms have no files; a body in parts would have to be read twice.
    if request.content_type.startswith("multipart/"):
        raise web.HTTPUnsupportedMediaType
    return await handler(request)


@web.middleware
async def read_body(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The whole body, within its limits of size and time, before anybody holds a transaction open for it."""
    if request.can_read_body:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await request.read()
                # Kept by the request: whoever asks for the form later gets this one.
                await request.post()
        except TimeoutError as late:
            raise web.HTTPRequestTimeout from late
        except UnicodeDecodeError as unreadable:
            raise web.HTTPBadRequest from unreadable
    return await handler(request)


@web.middleware
async def know_the_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[CALLER] = who = await identify(request)
    request[SESSION_MARK] = csrf.mark_of(request, signed_in=who.staff is not None)
    with request.app[keys.OPEN_PAGES].hold(request.get(STAFF_SESSION)):
        return await handler(request)


@web.middleware
async def check_csrf(request: web.Request, handler: Handler) -> web.StreamResponse:
    await csrf.check(request)
    return await handler(request)


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (web.HTTPSuccessful, web.HTTPRedirection):
        raise
    except web.HTTPException as problem:
        refused = refuse(request, BY_STATUS.get(problem.status, NOT_DONE), status=problem.status)
        if "Allow" in problem.headers:
            refused.headers["Allow"] = problem.headers["Allow"]
        return refused
    except Exception as problem:
        refusal = refusal_for(problem)
        if refusal is None:
            log.exception("a request failed")
            return refuse(request, OUR_MISTAKE)
        if isinstance(problem, RecordsOutOfReach):
            log.warning("the database is out of reach: %s", problem)
        if isinstance(problem, SignInNeeded) and is_for_a_page(request):
            raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path)}") from problem
        if isinstance(problem, SignInAgain) and not wants_json(request):
            raise web.HTTPSeeOther("/sign-in?again=yes") from problem
        return refuse(request, refusal, typed=await _typed(request, problem))


async def _typed(request: web.Request, problem: Exception) -> dict[str, str]:
    """What a plain form held that came at the wrong moment, to be sent again; nothing that signs anybody in."""
    if not isinstance(problem, AT_THE_WRONG_MOMENT) or request.method != "POST":
        return {}
    # The database is asked who somebody is before the form is asked where it comes from.
    if not csrf.is_own_origin(request):
        return {}
    if wants_json(request) or request.path.startswith(SECRETS_UNDER):
        return {}
    typed = (await read_form(request)).typed
    # Without the database nobody knows whose form it is: it keeps the token it came with, and gets no new one.
    if isinstance(problem, RecordsOutOfReach):
        return dict(typed)
    return {name: value for name, value in typed.items() if name != csrf.FIELD}


def is_for_a_page(request: web.Request) -> bool:
    """Whether a person is on their way to a page, and not a script to a fragment, a stream or a socket."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    return (
        request.method == "GET" and mode == "navigate" and not wants_json(request) and not is_socket(request)
    )


def is_socket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def refuse(
    request: web.Request,
    refusal: Refusal,
    *,
    status: int | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    """The refusal as a page, with what was `typed` ready to be sent again; as JSON for a script that asks for it."""
    status = status or refusal.status
    if wants_json(request):
        sentence = words_in(pages.language_of(request)).gettext(refusal.sentence)
        answer = web.json_response({"code": refusal.code, "sentence": sentence}, status=status)
    else:
        shown = {"refusal": refusal, "typed": typed or {}, "again": request.path, "method": request.method}
        answer = pages.render(request, "refusal", status=status, **shown)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


MIDDLEWARES = (
    log_requests,
    check_host,
    answer_refusals,
    check_encoding,
    read_body,
    know_the_caller,
    check_csrf,
)
