""" "I am not safe": the numbers first, then two plain answers. Reachable from every page of the patient's own."""

from aiohttp import web

from server.handlers.home import steps
from server.services import safety
from server.store.ids import new_id
from server.web import keys, pages, times
from server.web.forms import read_form
from server.web.words import N_, words_in

SAFE = N_("I am safe for now (said at %(time)s)")


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        patient = await steps.owner(tx, request)
        told = await steps.told(tx, request, patient)
        # A page that was left open may send a press that was answered long ago: then nothing new was told.
        helped = await safety.asks_for_help(tx, patient.id)
    return pages.render(
        request,
        "home/safety",
        event_id=new_id(),
        answered=request.query.get("answered", ""),
        helped=helped,
        **told,
    )


async def submit(request: web.Request) -> web.Response:
    """ "I need help now" holds the course and is told at once; "I am safe for now" is told with what is open."""
    form = await read_form(request)
    answer = form.typed.get("answer", "")
    if answer not in ("help", "safe"):
        raise web.HTTPBadRequest
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        patient = await steps.owner(tx, request)
        if answer == "help":
            event_id = form.typed.get("event_id", "")[:64] or new_id()
            pressed_at = steps.instant(form.typed.get("pressed_at", ""))
            await safety.press(
                tx,
                patient_id=patient.id,
                kind="need-help",
                event_id=event_id,
                pressed_at=pressed_at,
                now=now,
            )
        else:
            clock = times.clock_time(now, request.app[keys.CLINIC].time_zone, patient.language)
            words = words_in(patient.language).gettext(SAFE) % {"time": clock}
            await safety.say_safe(tx, patient_id=patient.id, words=words, now=now)
    steps.publish(request)
    raise web.HTTPSeeOther(f"/home/safety?answered={answer}")
