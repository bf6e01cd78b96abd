"""The kinds of visit the clinic offers: their lengths, limits and words, looked at before they are saved."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.visit_kinds import Kind
from server.handlers.admin import visit_type_form
from server.services import practice, visit_types
from server.services.board import bounds_of
from server.services.visit_types import CodeTaken, LastVisitType
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

TAKEN = N_("There is a kind of visit of this name already. It may be retired: look in the list.")
LAST = N_("This is the only kind of visit that is booked. Add another one first.")
SHOWN = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewDay:
    """A day of next week: how many free starts there would be, how many there are now, and the first ones."""

    on: date
    count: int
    count_now: int | None
    first: list[datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    kind: Kind
    days: list[PreviewDay]


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        kinds = await practice.every_visit_type(tx)
        people = {person.id: person.name for person in await practice.practitioners(tx)}
    return pages.render(request, "admin/visit_types", kinds=kinds, people=people)


async def new(request: web.Request) -> web.Response:
    return await _page(request, visit_type_form.blank())


async def add(request: web.Request) -> web.Response:
    form = await read_form(request)
    meant = await _read(request, form, code=None)
    if meant is None or form.typed.get("step") == "preview":
        return await _page(request, form, meant=meant, status=422 if meant is None else 200)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await visit_types.add(tx, meant, **_who(request))
    except CodeTaken:
        form.problems["name"] = TAKEN
        return await _page(request, form, meant=meant, status=409)
    return _saved(request)


async def detail(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        kind = await practice.visit_type(tx, _asked(request))
    return await _page(request, visit_type_form.filled(kind), meant=kind)


async def change(request: web.Request) -> web.Response:
    form = await read_form(request)
    meant = await _read(request, form, code=_asked(request))
    if meant is None or form.typed.get("step") == "preview":
        return await _page(request, form, meant=meant, status=422 if meant is None else 200)
    async with request.app[keys.DATABASE].write() as tx:
        await visit_types.change(tx, meant, **_who(request))
    return _saved(request)


async def retire(request: web.Request) -> web.Response:
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await visit_types.retire(tx, _asked(request), **_who(request))
    except LastVisitType:
        async with request.app[keys.DATABASE].read() as tx:
            kind = await practice.visit_type(tx, _asked(request))
        form = visit_type_form.filled(kind)
        form.problems["retirement"] = LAST
        return await _page(request, form, meant=kind, status=409)
    return _saved(request)


async def bring_back(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        await visit_types.bring_back(tx, _asked(request), **_who(request))
    return _saved(request)


async def _read(request: web.Request, form: Form, *, code: str | None) -> Kind | None:
    async with request.app[keys.DATABASE].read() as tx:
        people = await practice.practitioners(tx)
        if code is not None:
            await practice.visit_type(tx, code)
    return visit_type_form.read(form, code=code, people=people)


def _saved(request: web.Request) -> web.Response:
    # The board's free times depend on lengths and limits.
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/admin/visit-types")


def _asked(request: web.Request) -> str:
    return request.match_info["visit_type"]


def _who(request: web.Request) -> dict[str, Any]:
    return {"by": staff(request).account_id, "now": request.app[keys.CLOCK].now()}


async def _page(
    request: web.Request, form: Form, *, meant: Kind | None = None, status: int = 200
) -> web.Response:
    code = request.match_info.get("visit_type")
    async with request.app[keys.DATABASE].read() as tx:
        kept = await practice.visit_type(tx, code) if code else None
        people = await practice.practitioners(tx)
        preview = await _preview(tx, request, meant, kept) if meant else None
    return pages.render(
        request,
        "admin/visit_type",
        status=status,
        form=form,
        kept=kept,
        people=people,
        preview=preview,
        names={person.id: person for person in people},
    )


async def _preview(tx: Tx, request: web.Request, meant: Kind, kept: Kind | None) -> Preview:
    """Next week, Monday to Sunday in the clinic's zone, as it would be and as it is."""
    zone, now = request.app[keys.CLINIC].time_zone, request.app[keys.CLOCK].now()
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today + timedelta(days=7 - today.weekday())
    bounds = bounds_of(monday, zone)[0], bounds_of(monday + timedelta(days=6), zone)[1]
    would = await visit_types.free_as(tx, meant, start=bounds[0], end=bounds[1], now=now)
    are = await visit_types.free_as(tx, kept, start=bounds[0], end=bounds[1], now=now) if kept else None
    counted = Counter(slot.starts_at.astimezone(ZoneInfo(zone)).date() for slot in would)
    counted_now = Counter(slot.starts_at.astimezone(ZoneInfo(zone)).date() for slot in are or ())
    days = []
    for on in (monday + timedelta(days=n) for n in range(7)):
        starts = sorted({s.starts_at for s in would if s.starts_at.astimezone(ZoneInfo(zone)).date() == on})
        days.append(
            PreviewDay(
                on=on,
                count=counted[on],
                count_now=counted_now[on] if are is not None else None,
                first=starts[:SHOWN],
            )
        )
    return Preview(kind=meant, days=days)
