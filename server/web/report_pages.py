"""Waits, late starts, no-shows and calls that went wrong, by week: as drawings, as a table and as a file.

The same for administrators and for the front desk: counts, of which none names a patient or says what a visit was for.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta

from aiohttp import web

from server.care.people import Practitioner
from server.care.report_chart import columns
from server.care.reports import ON_TIME, Week
from server.services import practice, reports
from server.web import csv_files, keys, pages

COUNTS = tuple(
    field.name for field in fields(Week) if field.name not in ("starts_on", "median_wait", "long_wait")
)
HEAD = ("week", "starts_on", *COUNTS, "median_wait_minutes", "wait_of_nine_in_ten_minutes")


async def show(request: web.Request, page: str) -> web.Response:
    weeks, people, chosen = await _asked(request)
    return pages.render(
        request,
        page,
        weeks=weeks,
        people=people,
        chosen=chosen,
        on_time=ON_TIME,
        charts={
            "outcomes": columns(
                _figures(weeks, "held", "no_shows", "undecided", "cancelled"),
            ),
            "waits": columns(
                [[_minutes(week.median_wait) or 0 for week in weeks]],
                marks=[_minutes(week.long_wait) for week in weeks],
            ),
            "late": columns(_figures(weeks, "late_clinic", "late_patient")),
            "calls": columns(_figures(weeks, "never_connected", "broke_off", "by_phone", "interrupted")),
        },
    )


async def file(request: web.Request) -> web.Response:
    """The page's table. Weeks are ISO weeks that begin on Monday in the clinic's zone."""
    weeks, _, _ = await _asked(request)
    name = f"reports-{weeks[-1].starts_on:%Y-%m-%d}.csv"
    return csv_files.response(HEAD, [_line(week) for week in weeks], name=name)


async def _asked(request: web.Request) -> tuple[list[Week], list[Practitioner], str]:
    """Raises practice.NoSuchChoice."""
    chosen = request.query.get("practitioner", "")
    zone, now = request.app[keys.CLINIC].time_zone, request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        people = await practice.practitioners(tx)
        weeks = await reports.weeks(tx, practitioner_id=chosen, zone=zone, now=now)
    return weeks, people, chosen


def _figures(weeks: Sequence[Week], *names: str) -> list[list[float]]:
    return [[getattr(week, name) for week in weeks] for name in names]


def _minutes(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds() / 60


def _line(week: Week) -> list[str]:
    year, number, _ = week.starts_on.isocalendar()
    waits = (_minutes(week.median_wait), _minutes(week.long_wait))
    return [
        f"{year}-W{number:02}",
        week.starts_on.isoformat(),
        *(str(getattr(week, name)) for name in COUNTS),
        *("" if wait is None else f"{wait:.1f}" for wait in waits),
    ]
