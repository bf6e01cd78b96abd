"""The front desk's home: today's board, live, with the tasks that wait beside it."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.access import FRONT_DESK
from server.services import board as boards
from server.services import safety, tasks
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.free_times import day_asked
from server.web.session import staff


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await around(tx, request)
    return pages.render(request, "desk/today", **context)


async def board(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await around(tx, request)
    return pages.render(request, "desk/_board", **context)


async def changes(request: web.Request) -> web.StreamResponse:
    return await live.stream(request, request.app[keys.CHANGES], live.BOARD)


async def around(tx: Tx, request: web.Request, *, on: date | None = None) -> dict[str, Any]:
    """What the board needs, on whichever page it stands."""
    now = request.app[keys.CLOCK].now()
    zone = request.app[keys.CLINIC].time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    day = on or day_asked(request.query.get("day", ""), otherwise=today)
    everybody = await safety.everybody_on_hold(tx)
    return {
        "board": await boards.board(tx, on=day, zone=zone, now=now),
        # Who, and since when; why is for clinicians.
        "on_hold": {each.patient.id: (each.patient.name, each.since) for each in everybody.values()},
        "tasks": await tasks.for_board(tx, staff=staff(request), role=FRONT_DESK, now=now),
        "calls": watch.health if (watch := request.app.get(keys.CALL_WATCH)) else None,
        "today": today,
        "previous": day - timedelta(days=1),
        "following": day + timedelta(days=1),
        "opened": request.match_info.get("encounter_id") or request.query.get("visit", ""),
    }
