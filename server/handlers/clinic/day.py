"""The psychiatrist's day: who is next, who waits since when, what is still to be signed."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.access import CLINICIAN
from server.care.measures import ANSWER_WORDS
from server.care.safety import ASKS, KINDS
from server.services import consults, patients, practice, safety, tasks
from server.services.board import bounds_of, of_practitioner
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.session import staff

DAYS_AHEAD = 7


async def show(request: web.Request) -> web.Response:
    return pages.render(request, "clinic/day", **await _day(request))


async def listing(request: web.Request) -> web.Response:
    return pages.render(request, "clinic/_list", **await _day(request))


async def changes(request: web.Request) -> web.StreamResponse:
    return await live.stream(request, request.app[keys.CHANGES], live.BOARD)


async def _day(request: web.Request) -> dict[str, Any]:
    now, who = request.app[keys.CLOCK].now(), staff(request)
    async with request.app[keys.DATABASE].read() as tx:
        needs = {
            "tasks": await tasks.for_board(tx, staff=who, role=CLINICIAN, now=now),
            "on_hold": await safety.everybody_on_hold(tx),
            "kinds_of_hold": KINDS,
            "kinds_of_task": ASKS,
            "answer_words": ANSWER_WORDS,
        }
        if who.practitioner_id is None:
            return needs | {"me": None, "today": [], "coming": [], "drafts": await _drafts(tx, request)}
        me = await practice.practitioner(tx, who.practitioner_id)
        today, tomorrow = bounds_of(now.astimezone(ZoneInfo(me.time_zone)).date(), me.time_zone)
        return needs | {
            "me": me,
            "today": await of_practitioner(tx, me.id, start=today, end=tomorrow, now=now),
            "coming": await of_practitioner(
                tx, me.id, start=tomorrow, end=tomorrow + timedelta(days=DAYS_AHEAD), now=now
            ),
            "drafts": await _drafts(tx, request),
        }


async def _drafts(tx: Tx, request: web.Request) -> list[dict[str, Any]]:
    found = []
    for note in await consults.drafts(tx, by=staff(request)):
        patient = await patients.by_id(tx, note.patient_id)
        address = f"/clinic/consult/{note.encounter_id}" if note.encounter_id else f"/clinic/note/{note.id}"
        found.append({"name": patient.name, "saved_at": note.saved_at, "address": address})
    return found
