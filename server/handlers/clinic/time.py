"""A psychiatrist's own time: the week, hours, days that differ, leave, and their calendar elsewhere."""

from aiohttp import web

from server.web import time_pages
from server.web.refusals import RoleMissing
from server.web.session import staff
from server.web.time_pages import Place


def _mine(request: web.Request) -> Place:
    practitioner_id = staff(request).practitioner_id
    if practitioner_id is None:
        raise RoleMissing
    return Place(practitioner_id=practitioner_id, page="clinic/time", base="/clinic/time")


async def show(request: web.Request) -> web.Response:
    return await time_pages.show(request, _mine(request))


async def set_hours(request: web.Request) -> web.Response:
    return await time_pages.set_hours(request, _mine(request))


async def add_day(request: web.Request) -> web.Response:
    return await time_pages.add_day(request, _mine(request))


async def remove_day(request: web.Request) -> web.Response:
    return await time_pages.remove_day(request, _mine(request))


async def add_leave(request: web.Request) -> web.Response:
    return await time_pages.add_leave(request, _mine(request))


async def remove_leave(request: web.Request) -> web.Response:
    return await time_pages.remove_leave(request, _mine(request))


async def set_feed(request: web.Request) -> web.Response:
    return await time_pages.set_feed(request, _mine(request))
