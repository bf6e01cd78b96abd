"""What every request passes through, outermost first: log, headers, host, session, csrf, refusals.

A handler that raises a listed refusal never writes anything: the transaction it was in has rolled back.
"""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from server.web import csrf, keys, pages
from server.web.refusals import Refusal, SignInNeeded, refusal_for
from server.web.session import CALLER, SESSION_MARK, identify
from server.web.words import N_, words_in

log = logging.getLogger("bedside.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OUR_MISTAKE = Refusal(
    500, N_("Something went wrong on our side. Nothing you saved is lost. Please try again."), "our-mistake"
)
NOT_FOUND = Refusal(404, N_("There is no such page. Nothing was changed."), "not-found")
TOO_LARGE = Refusal(413, N_("That was too large to take. Nothing was changed."), "too-large")
NOT_DONE = Refusal(400, N_("We could not read that. Nothing was changed. Please try again."), "bad-request")
BY_STATUS = {404: NOT_FOUND, 405: NOT_FOUND, 413: TOO_LARGE}


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line per request with the route's pattern: an address may hold a token, a pattern cannot."""
    response = await handler(request)
    resource = request.match_info.route.resource
    pattern = resource.canonical if resource is not None else "unknown"
    log.info("%s %s %s", request.method, pattern, response.status)
    return response


def security_headers(*, host: str, secure: bool) -> dict[str, str]:
    """The same on every answer, errors included."""
    socket = f"wss://{host}" if secure else f"ws://{host}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"media-src 'self' blob:; connect-src 'self' {socket}; manifest-src 'self'; worker-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
        "require-trusted-types-for 'script'; trusted-types bedside"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler and not a middleware, so that WebSockets and streams get them before they start."""
    site = request.app[keys.SITE]
    for name, value in security_headers(host=request.host, secure=site.secure).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A foreign Host header would put foreign links into our pages and mails."""
    if request.host not in request.app[keys.SITE].hosts:
        return web.Response(status=421, text="This address is not served here.")
    return await handler(request)


@web.middleware
async def know_the_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[SESSION_MARK] = csrf.mark_of(request)
    request[CALLER] = await identify(request)
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
        return refuse(request, BY_STATUS.get(problem.status, NOT_DONE), status=problem.status)
    except Exception as problem:
        refusal = refusal_for(problem)
        if refusal is None:
            log.exception("a request failed")
            return refuse(request, OUR_MISTAKE)
        if isinstance(problem, SignInNeeded) and request.method == "GET" and not wants_json(request):
            raise web.HTTPSeeOther(f"/sign-in?next={request.path}") from problem
        return refuse(request, refusal)


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def refuse(request: web.Request, refusal: Refusal, *, status: int | None = None) -> web.Response:
    """The refusal as a page, or as JSON for a script that asked for it."""
    status = status or refusal.status
    if wants_json(request):
        sentence = words_in(pages.language_of(request)).gettext(refusal.sentence)
        return web.json_response({"code": refusal.code, "sentence": sentence}, status=status)
    return pages.render(request, "refusal", status=status, refusal=refusal)


MIDDLEWARES = (log_requests, check_host, answer_refusals, know_the_caller, check_csrf)
