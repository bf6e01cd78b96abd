"""The psychiatrist's day: who is next, who waits since when, what is still to be signed."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from server.care.access import CLINICIAN, Staff
from server.care.encounter import goes_on
from server.care.measures import ANSWER_WORDS
from server.care.safety import ASKS, KINDS
from server.services import consults, patients, pending, practice, safety, tasks, trail
from server.services.board import bounds_of, of_practitioner
from server.services.tasks import OVERBOOK
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.session import staff
from server.web.snapshots import STEP, Snapshot

DAYS_AHEAD = 7


async def show(request: web.Request) -> web.Response:
    snapshot = await _newest(request, anew=True)
    return pages.render(request, "clinic/day", **snapshot.facts, day_now=_own(request, snapshot))


async def listing(request: web.Request) -> web.Response:
    return web.Response(text=_own(request, await _newest(request)), content_type="text/html")


async def changes(request: web.Request) -> web.StreamResponse:
    """Every change, with the number of the newest snapshot: minutes pass too."""

    async def number() -> str:
        return (await _newest(request)).number

    topics = (request.app[keys.CHANGES], live.BOARD)
    return await live.stream(request, *topics, number=number, every=STEP.total_seconds())


async def _newest(request: web.Request, *, anew: bool = False) -> Snapshot:
    """This clinician's own: all their pages show the same. `anew`: somebody opens the page, which goes on the trail."""
    key = ("day", staff(request).account_id, pages.language_of(request))
    return await request.app[keys.SNAPSHOTS].newest(key, partial(_take, request, live=not anew), anew=anew)


async def _take(request: web.Request, *, live: bool) -> tuple[str, dict[str, Any]]:
    facts = await _day(request, live=live)
    return pages.shared(request, "clinic/_list", **facts) if facts["me"] else "", facts


def _own(request: web.Request, snapshot: Snapshot) -> Markup:
    return pages.numbered(snapshot.number, pages.own(request, snapshot.markup))


async def _day(request: web.Request, *, live: bool) -> dict[str, Any]:
    now, who = request.app[keys.CLOCK].now(), staff(request)
    async with request.app[keys.DATABASE].write() as tx:
        needs = await _needs(tx, who, now=now, live=live)
        if who.practitioner_id is None:
            return needs | {
                "me": None,
                "in_call": False,
                "today": [],
                "coming": [],
                "drafts": await _drafts(tx, request),
            }
        me = await practice.practitioner(tx, who.practitioner_id)
        today, tomorrow = bounds_of(now.astimezone(ZoneInfo(me.time_zone)).date(), me.time_zone)
        cards = await of_practitioner(tx, me.id, start=today, end=tomorrow, now=now)
        return needs | {
            "me": me,
            "in_call": any(goes_on(card.encounter, now) for card in cards),
            "today": cards,
            "coming": await of_practitioner(
                tx, me.id, start=tomorrow, end=tomorrow + timedelta(days=DAYS_AHEAD), now=now
            ),
            "drafts": await _drafts(tx, request),
        }


async def _needs(tx: Tx, who: Staff, *, now: datetime, live: bool) -> dict[str, Any]:
    """Whom somebody must look after, and why: their answers to item 9 among it, so reading it leaves rows."""
    waiting = await tasks.for_board(tx, staff=who, role=CLINICIAN, now=now)
    on_hold = await safety.everybody_on_hold(tx)
    named = {each.task.patient_id for each in waiting if each.task.patient_id} | on_hold.keys()
    await trail.read(tx, action="list-read", patient_ids=named, by=who.account_id, now=now, live=live)
    return {
        "tasks": waiting,
        # What is asked of their own time, by visit.
        "overbooks": {
            each.task.encounter_id: await pending.asked(tx, each.task.encounter_id)
            for each in waiting
            if each.task.kind == OVERBOOK and each.task.encounter_id
        },
        "on_hold": on_hold,
        "kinds_of_hold": KINDS,
        "kinds_of_task": ASKS,
        "answer_words": ANSWER_WORDS,
    }


async def _drafts(tx: Tx, request: web.Request) -> list[dict[str, Any]]:
    found = []
    for note in await consults.drafts(tx, by=staff(request)):
        patient = await patients.by_id(tx, note.patient_id)
        address = f"/clinic/consult/{note.encounter_id}" if note.encounter_id else f"/clinic/note/{note.id}"
        found.append({"name": patient.name, "saved_at": note.saved_at, "address": address})
    return found
