"""A measure, one tick at a time. Item 9 acts at the tick: the page shows whom to call before the server answers."""

from typing import Any

from aiohttp import web

from server.care.measures import (
    ANSWERS,
    DIFFICULTY_ANSWERS,
    INSTRUMENTS,
    STEM,
    AlreadyCompleted,
    Unanswered,
    is_alarming,
)
from server.handlers.home import steps
from server.services import measures
from server.services.measures import UNSAID, NoSuchMeasure
from server.store.database import Tx
from server.web import keys, pages
from server.web.forms import read_form, read_json, whole


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        return await _page(tx, request)


async def tick(request: web.Request) -> web.Response:
    """One answer, kept at once."""
    said = await read_json(request)
    item, value, after = said.get("item"), whole(said.get("value")), said.get("after", UNSAID)
    event_id = said.get("event_id", "")
    if not isinstance(item, str) or not isinstance(after, str) or not isinstance(event_id, str):
        raise web.HTTPBadRequest
    code = request.match_info["code"]
    async with request.app[keys.DATABASE].write() as tx:
        kept = await measures.answer(
            tx,
            patient_id=steps.guest(request).patient_id,
            code=code,
            item=item,
            value=value,
            after=after,
            event_id=event_id[:64],
            now=request.app[keys.CLOCK].now(),
        )
    if is_alarming(INSTRUMENTS[code], item=item, value=value):
        steps.publish(request)
    if kept.answers.get(item) != value:
        # Said only now: what the tick set off must be committed all the same.
        raise AlreadyCompleted
    return web.Response(status=204)


async def submit(request: web.Request) -> web.Response:
    """Hands it in, with every answer the form holds: ticks that never arrived come with it."""
    form = await read_form(request)
    code = request.match_info["code"]
    given = {name: text for name, text in form.typed.items() if text in ("0", "1", "2", "3")}
    after = form.typed.get("after", UNSAID)
    now, patient_id = request.app[keys.CLOCK].now(), steps.guest(request).patient_id
    missing: tuple[str, ...] = ()
    async with request.app[keys.DATABASE].write() as tx:
        for item, text in given.items():
            await measures.answer(
                tx, patient_id=patient_id, code=code, item=item, value=int(text), after=after, now=now
            )
        try:
            sent = await measures.complete(tx, patient_id=patient_id, code=code, after=after, now=now)
            changed = any(sent.answers.get(item) != int(text) for item, text in given.items())
        except Unanswered as gaps:
            # What was answered is kept all the same.
            missing, changed = gaps.items, False
    steps.publish(request)
    if changed:
        raise AlreadyCompleted
    if missing:
        async with request.app[keys.DATABASE].read() as tx:
            return await _page(tx, request, missing=missing, status=422)
    raise web.HTTPSeeOther(f"/home/measure/{code}?sent=1")


async def _page(
    tx: Tx, request: web.Request, *, missing: tuple[str, ...] = (), status: int = 200
) -> web.Response:
    code = request.match_info["code"]
    if code not in INSTRUMENTS:
        raise NoSuchMeasure(code)
    patient = await steps.owner(tx, request)
    now = request.app[keys.CLOCK].now()
    known = {each.instrument.code: each for each in await measures.asked_of(tx, patient.id, now=now)}
    mine = known[code]
    answers: dict[str, Any] = dict(mine.begun.answers) if mine.begun else {}
    sent = mine.last if "sent" in request.query and not mine.begun else None
    said = sent.answers if sent else answers
    following = next((each.instrument for each in known.values() if each.due and each is not mine), None)
    return pages.render(
        request,
        "home/measure",
        status=status,
        instrument=mine.instrument,
        stem=STEM,
        choices=ANSWERS,
        difficulty_choices=DIFFICULTY_ANSWERS,
        answers=answers,
        after=mine.last.id if mine.last else "",
        missing=missing,
        sent=sent,
        following=following,
        alarm=said.get(mine.instrument.alarm or "", 0) >= 1,
        **await steps.told(tx, request, patient),
    )
