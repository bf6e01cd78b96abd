"""No other site can make a signed-in browser act: first the browser's own word, then a token bound to the session."""

import hashlib
import hmac
from collections.abc import Mapping

from aiohttp import web

from server.web import keys
from server.web.session import HALF_WAY, HOME, SESSION_MARK, CookieNames, cookie_names, names_for

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf"
HEADER = "X-CSRF-Token"


class ForeignRequest(Exception):
    """The request was sent by another site's page."""


class FormExpired(Exception):
    """The token does not belong to this session: the page was open since before a sign-in."""


def mark_of(request: web.Request, *, signed_in: bool) -> str:
    """What a form's token is bound to: the session cookies the browser holds.

    A staff cookie whose session is over counts as none: its owner signs in again on the page that is still open.
    """
    names = names_for(request)
    held = {name: value for name, value in request.cookies.items() if signed_in or name != names.staff}
    return _mark(held, names, request.path)


def _mark(cookies: Mapping[str, str], names: CookieNames, path: str) -> str:
    """What counts where: another tab that begins something elsewhere must not end what is open here."""
    counting = [names.staff, names.visitor]
    if path.startswith(HALF_WAY):
        counting.append(names.step)
    if path.startswith(HOME) and cookies.get(names.home):
        counting = [names.home]
    held = [cookies.get(name, "") for name in counting]
    return hashlib.sha256("|".join(held).encode(errors="surrogateescape")).hexdigest() if any(held) else ""


def token_for(request: web.Request) -> str:
    return _token(request.app, request.get(SESSION_MARK, ""))


def token_for_cookies(app: web.Application, cookies: Mapping[str, str], path: str) -> str:
    """The token a page at `path` would carry for a browser with these cookies."""
    site = app[keys.SITE]
    return _token(app, _mark(cookies, cookie_names(site.is_secure(site.own_host)), path))


def _token(app: web.Application, mark: str) -> str:
    key = app[keys.DATABASE].keyring.key_for("csrf")
    return hmac.new(key, mark.encode(), hashlib.sha256).hexdigest() if mark else ""


def is_own_origin(request: web.Request) -> bool:
    """Browsers name the page's origin on every unsafe request and on every WebSocket."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return False
    # Our pages send no referrer, and then a browser calls a form's origin "null"; its word about the site stands.
    if origin == "null":
        return site == "same-origin"
    return origin is None or origin in request.app[keys.SITE].beside(request.host)


async def check(request: web.Request) -> None:
    """Raises ForeignRequest or FormExpired. Without a session there is nothing another site could misuse."""
    if request.method in SAFE:
        return
    if not is_own_origin(request):
        raise ForeignRequest
    expected = token_for(request)
    if not expected:
        return
    given = request.headers.get(HEADER)
    if given is None:
        given = str((await request.post()).get(FIELD, ""))
    if not hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode()):
        raise FormExpired
