"""The front desk's home: today's board, live, with the tasks that wait beside it."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from server.care.access import FRONT_DESK
from server.handlers.call_records import PATIENT
from server.services import board as boards
from server.services import safety, tasks
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.free_times import day_asked
from server.web.session import staff
from server.web.snapshots import STEP, Snapshot

ID = re.compile(r"[\w-]+")


async def show(request: web.Request) -> web.Response:
    return pages.render(request, "desk/today", **await beside(request))


async def board(request: web.Request) -> web.Response:
    shown = _own(request, await _newest(request, _day(request)))
    return web.Response(text=shown, content_type="text/html")


async def changes(request: web.Request) -> web.StreamResponse:
    """Every change, with the number of the day's newest snapshot."""
    day = _day(request)

    async def number() -> str:
        return (await _newest(request, day)).number

    topics = (request.app[keys.CHANGES], live.BOARD)
    return await live.stream(request, *topics, number=number, every=STEP.total_seconds())


async def beside(request: web.Request, *, on: date | None = None) -> dict[str, Any]:
    """What a page needs that the board stands on."""
    snapshot = await _newest(request, on or _day(request), anew=True)
    return snapshot.facts | {"opened": _opened(request), "board_now": _own(request, snapshot)}


async def _newest(request: web.Request, day: date, *, anew: bool = False) -> Snapshot:
    """The day's snapshot. Every front desk sees the same, so nothing in it is any one reader's."""
    key = ("board", day, pages.language_of(request))
    return await request.app[keys.SNAPSHOTS].newest(key, partial(_take, request, day), anew=anew)


async def _take(request: web.Request, day: date) -> tuple[str, dict[str, Any]]:
    async with request.app[keys.DATABASE].read() as tx:
        facts = await _facts(tx, request, day)
    return pages.shared(request, "desk/_board", **facts), facts


async def _facts(tx: Tx, request: web.Request, day: date) -> dict[str, Any]:
    now = request.app[keys.CLOCK].now()
    everybody = await safety.everybody_on_hold(tx)
    return {
        "board": await boards.board(tx, on=day, zone=request.app[keys.CLINIC].time_zone, now=now),
        # Who, and since when; why is for clinicians.
        "on_hold": {each.patient.id: (each.patient.name, each.since) for each in everybody.values()},
        "tasks": await tasks.for_board(tx, staff=staff(request), role=FRONT_DESK, now=now),
        "colleagues": await tasks.colleagues(tx, FRONT_DESK),
        "openings": await request.app[keys.OPENINGS].newest(tx, now=now),
        "calls": watch.health if (watch := request.app.get(keys.CALL_WATCH)) else None,
        "today": _today(request),
        "route_of": partial(route_now, request.app),
        "previous": day - timedelta(days=1),
        "following": day + timedelta(days=1),
    }


def route_now(app: web.Application, encounter_id: str) -> str | None:
    """How the patient reaches the call that is going on, if one is."""
    return app[keys.ROOMS].transport(encounter_id, PATIENT) if keys.ROOMS in app else None


def _own(request: web.Request, snapshot: Snapshot) -> Markup:
    """The snapshot as this reader sees it: their form token, the visit they have opened, and its number."""
    markup = pages.own(request, snapshot.markup)
    opened = _opened(request)
    if ID.fullmatch(opened):
        markup = markup.replace(
            f'id="visit-{opened}"', Markup('id="visit-{}" aria-current="true"').format(opened)
        )
    return pages.numbered(snapshot.number, markup)


def _opened(request: web.Request) -> str:
    return request.match_info.get("encounter_id") or request.query.get("visit", "")


def _today(request: web.Request) -> date:
    return request.app[keys.CLOCK].now().astimezone(ZoneInfo(request.app[keys.CLINIC].time_zone)).date()


def _day(request: web.Request) -> date:
    return day_asked(request.query.get("day", ""), otherwise=_today(request))
