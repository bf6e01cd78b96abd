"""The waiting room, which becomes the call. Before its time it is a page that counts down."""

from aiohttp import web

from server.care.cut_off import CALLED_AFTER
from server.care.encounter import OPENS_BEFORE, door
from server.handlers.visit import steps
from server.services import alarms, delays, messages, telephone, transfers
from server.web import keys, pages
from server.web.forms import Form


async def show(request: web.Request) -> web.Response:
    return await page(request, Form({}))


async def clinician(request: web.Request) -> web.Response:
    """Who sees the patient, after the visit was handed over; by itself."""
    async with request.app[keys.DATABASE].read() as tx:
        view = await steps.visit_of(tx, request)
        handover = await transfers.last(tx, view.encounter.id)
        delay = (await delays.newest(tx, [view.encounter])).get(view.encounter.id)
    return pages.render(request, "visit/_clinician", view=view, handover=handover, delay=delay)


async def page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    """`form` is the message somebody was writing."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        view = await steps.visit_of(tx, request)
        encounter = view.encounter
        finds = door(encounter, now)
        if finds in ("cancelled", "past"):
            return steps.closed(request, finds)
        onward = steps.next_step(encounter, now=now)
        if onward != f"/visit/waiting/{encounter.id}":
            return steps.go_on(onward)
        said = await messages.of_visit(tx, encounter.id, reader=messages.PATIENT, now=now)
        handover = await transfers.last(tx, encounter.id)
        delay = (await delays.newest(tx, [encounter])).get(encounter.id)
        watch = await alarms.watch(tx, now=now)
        asked_for_phone = await telephone.asked_for_phone(tx, encounter)
    by_phone = encounter.mode == "phone"
    return pages.render(
        request,
        "visit/early" if finds == "too-early" else "visit/phone" if by_phone else "visit/waiting",
        status=status,
        view=view,
        opens_at=encounter.planned_starts_at - OPENS_BEFORE,
        by_phone=by_phone,
        handover=handover,
        delay=delay,
        asked_for_phone=asked_for_phone,
        called_after=int(CALLED_AFTER.total_seconds() // 60),
        messages=said,
        watch=watch,
        form=form,
    )
