"""Everybody's time and the clinic's closed days; one person's time is the same page as their own, with licences."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.services import feeds, licences, opening, practice, practice_time
from server.services.weekly_hours import write_day
from server.web import keys, live, pages, time_forms, time_pages
from server.web.forms import Form, read_form
from server.web.time_pages import Place, who


async def show(request: web.Request) -> web.Response:
    return await _overview(request, Form({}))


async def close(request: web.Request) -> web.Response:
    """The clinic closed for some days; bookings under it are shown first, as under leave."""
    form = await read_form(request)
    zone = request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].write() as tx:
        hit = await time_pages.save_absence(tx, request, form, zone=zone, practitioner_id=None)
    if hit is None or hit:
        return await _overview(request, form, hit=hit or [], status=422 if hit is None else 409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/admin/time")


async def set_opening(request: web.Request) -> web.Response:
    form = await read_form(request)
    hours = time_forms.read_hours(form)
    if hours is None:
        return await _overview(request, Form({}), opening_form=form, status=422)
    zone = request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].write() as tx:
        await opening.set_hours(tx, hours, time_zone=zone, **who(request))
    raise web.HTTPSeeOther("/admin/time")


async def reopen(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        absence_id = request.match_info["absence_id"]
        await practice_time.remove_absence(tx, absence_id, practitioner_id=None, **who(request))
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/admin/time")


async def _overview(
    request: web.Request,
    form: Form,
    *,
    opening_form: Form | None = None,
    hit: list[Any] | None = None,
    status: int = 200,
) -> web.Response:
    """`form` is the one of a closure; `opening_form` the one of the usual week, as it was typed."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        people = await practice.practitioners(tx)
        away = {person.id: await practice_time.absences_of(tx, person.id, now=now) for person in people}
        failing = {feed.practitioner_id: feed for feed in await feeds.every(tx) if feed.problem}
        held = await licences.of(tx, [person.id for person in people])
        closures = await practice_time.closures(tx, now=now)
        shown = await time_pages.hits_shown(tx, hit or [])
        week = await opening.hours(tx)
    written = Form({f"day-{day}": write_day(week, day) for day in range(7)})
    return pages.render(
        request,
        "admin/time",
        status=status,
        people=people,
        away=away,
        failing=failing,
        held=held,
        closures=closures,
        form=form,
        opening_form=opening_form or written,
        weekdays=time_pages.WEEKDAYS,
        hit=shown,
        seen=time_forms.mark_of(hit or []),
        today=now.astimezone(ZoneInfo(request.app[keys.CLINIC].time_zone)).date(),
    )


def _theirs(request: web.Request) -> Place:
    practitioner_id = request.match_info["practitioner_id"]
    base = f"/admin/time/{practitioner_id}"
    return Place(practitioner_id=practitioner_id, page="admin/person_time", base=base, keeps=True)


async def person(request: web.Request) -> web.Response:
    return await time_pages.show(request, _theirs(request))


async def set_hours(request: web.Request) -> web.Response:
    return await time_pages.set_hours(request, _theirs(request))


async def add_day(request: web.Request) -> web.Response:
    return await time_pages.add_day(request, _theirs(request))


async def remove_day(request: web.Request) -> web.Response:
    return await time_pages.remove_day(request, _theirs(request))


async def add_leave(request: web.Request) -> web.Response:
    return await time_pages.add_leave(request, _theirs(request))


async def remove_leave(request: web.Request) -> web.Response:
    return await time_pages.remove_leave(request, _theirs(request))


async def set_feed(request: web.Request) -> web.Response:
    return await time_pages.set_feed(request, _theirs(request))


async def add_licence(request: web.Request) -> web.Response:
    return await time_pages.add_licence(request, _theirs(request))


async def remove_licence(request: web.Request) -> web.Response:
    return await time_pages.remove_licence(request, _theirs(request))


async def set_languages(request: web.Request) -> web.Response:
    return await time_pages.set_languages(request, _theirs(request))
