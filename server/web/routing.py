"""A route, and the first of two locks on its door: the policy it names. The second is the service's own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from server.care import access as may
from server.care.access import Caller
from server.services.second_factor import SignInAgain
from server.web.refusals import HomeLinkNeeded, LinkNeeded, RoleMissing, SignInNeeded
from server.web.session import CALLER

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    may: Callable[[Caller], bool]


def guarded(route: Route) -> Handler:
    """The handler behind its policy: the first of two locks, the second being the service's own."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not route.may(request[CALLER]):
            raise refusal_at(route, request[CALLER])
        return await route.handler(request)

    return handle


def refusal_at(route: Route, caller: Caller) -> Exception:
    """Why this caller is turned away, without telling whether the thing exists."""
    if route.path.startswith(("/visit/", "/guest/")):
        return LinkNeeded()
    if route.path.startswith("/home/"):
        return HomeLinkNeeded()
    if route.may is may.half_signed_in:
        return SignInAgain()
    return RoleMissing() if caller.staff else SignInNeeded()
