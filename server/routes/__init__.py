"""Every URL, its handler, and who may call it: one line each, by whose pages they are.

A route that names nobody is open to no one.
"""

from aiohttp import web

from server.routes import admin, clinic, desk, doors, guest, home, visit
from server.web.routing import Route, guarded

ROUTES: tuple[Route, ...] = (
    *doors.ROUTES,
    *desk.ROUTES,
    *visit.ROUTES,
    *guest.ROUTES,
    *home.ROUTES,
    *clinic.ROUTES,
    *admin.ROUTES,
)


def add_routes(app: web.Application) -> None:
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route))
