"""How the calls of the last days were, the worst first: by number and route, without a patient's name."""

from aiohttp import web

from server.services import call_quality
from server.services.call_quality import ROUTES, CallTotal, SideTotal
from server.web import csv_files, keys, pages

# Nobody reads further than this; the file has them all.
SHOWN = 100
FIGURES = (
    *("rtt_ms", "jitter_ms", "loss_up", "loss_down", "concealed"),
    *("bitrate_up", "bitrate_down", "fps_down"),
)
TIMES = ("seconds", "weak_sending", "weak_receiving", "frozen")
HEAD = ("visit", "began", "psychiatrist", "interruptions", "seat", "route", *TIMES, *FIGURES)


async def show(request: web.Request) -> web.Response:
    route = request.query.get("route", "")
    async with request.app[keys.DATABASE].read() as tx:
        calls, routes = await call_quality.worst_first(tx, now=request.app[keys.CLOCK].now(), route=route)
    return pages.render(
        request,
        "admin/connections",
        calls=calls[:SHOWN],
        all_calls=len(calls),
        routes=routes,
        route=route if route in ROUTES else "",
        days=call_quality.LAST_DAYS.days,
    )


async def file(request: web.Request) -> web.Response:
    """Every call of the page as CSV, a line for each seat and route. Times are UTC, losses shares from 0 to 1."""
    route = request.query.get("route", "")
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        calls, _ = await call_quality.worst_first(tx, now=now, route=route)
    lines = [_line(call, side) for call in calls for side in call.sides]
    return csv_files.response(HEAD, lines, name=f"connections-{now:%Y-%m-%d}.csv")


def _line(call: CallTotal, side: SideTotal) -> list[str]:
    figures = [getattr(side, name) for name in (*TIMES, *FIGURES)]
    return [
        call.encounter_id,
        f"{call.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        call.practitioner,
        str(call.interruptions),
        side.seat,
        side.route or "",
        *("" if figure is None else f"{figure:.6g}" for figure in figures),
    ]
