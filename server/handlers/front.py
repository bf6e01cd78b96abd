"""The bare address: on to the page the caller works on."""

from aiohttp import web

from server.care.access import Staff
from server.web.session import caller

FIRST_PAGE = {"clinician": "/clinic/day", "front-desk": "/desk/today", "administrator": "/admin/accounts"}


def first_page(staff: Staff | None) -> str:
    """Where somebody starts; with several roles, the one that sees patients first."""
    held = staff.roles if staff else frozenset()
    return next((page for role, page in FIRST_PAGE.items() if role in held), "/sign-in")


async def show(request: web.Request) -> web.Response:
    raise web.HTTPSeeOther(first_page(caller(request).staff))
