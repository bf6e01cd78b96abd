"""A time kept while its form is filled in: chosen by a script on the page, or by a button that posts the form."""

import re

from aiohttp import web

from scheduling.bookings import NotLicensed, NotOfAge, OutsideHours, PatientBusy, SlotTaken
from scheduling.holds import Hold
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind, TooFarAhead, TooLate, VisitType
from server.handlers.desk import booking_wish
from server.services import appointments, practice, slot_holds
from server.web import keys, live, overbooking, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice
from server.web.session import staff
from server.web.times import clock_time
from server.web.words import N_, words_in

NO_TIME = N_("Choose a time.")
WHY_NOT: dict[type[SchedulingRefusal], str] = {
    SlotTaken: N_("That time was just taken. Nothing you typed is lost: choose another one."),
    PatientBusy: N_("This patient has another visit at that time. Choose another one."),
    OutsideHours: N_("That is outside working hours by now. Choose another time."),
    TooLate: N_("That time has passed. Choose another one."),
    TooFarAhead: N_("This kind of visit is not booked that far ahead yet. Choose an earlier time."),
    NotTheirKind: N_("They do not hold visits of this kind. Choose somebody else."),
    NotLicensed: N_("They have no licence for this patient's state on that day. Choose somebody else."),
    NotOfAge: N_(
        "This patient is not 18 yet on that day, where they live. Choose a day from their birthday on."
    ),
}
LAST = "book"
KEY = re.compile(r"[0-9a-f]{32}")


async def keep(request: web.Request) -> web.Response:
    """Until when the time is kept, or why it is not."""
    form = await read_form(request)
    kept = await kept_for(request, form)
    if kept is None:
        sentence = words_in(pages.language_of(request)).gettext(form.problems["chosen"])
        return web.json_response({"code": "slot-taken", "sentence": sentence}, status=409)
    zone = request.app[keys.CLINIC].time_zone
    until = clock_time(kept.expires_at, zone, pages.language_of(request))
    return web.json_response({"until": until})


async def release(request: web.Request) -> web.Response:
    """Whoever leaves the page gives the time back at once."""
    form = await read_form(request)
    async with request.app[keys.DATABASE].write() as tx:
        given_back = await slot_holds.release(tx, form.text("booking_key"), held_by=staff(request).account_id)
    if given_back:
        request.app[keys.CHANGES].publish(live.BOARD)
    return web.Response(status=204)


async def refuses(request: web.Request, form: Form) -> bool:
    """Whether the button just pressed asks for time that cannot be kept; a form without a key keeps none."""
    if not KEY.fullmatch(form.text("booking_key", longest=10_000)):
        return False
    if "slot" not in form.typed and not await _outgrown(request, form):
        return False
    return await kept_for(request, form) is None


async def _outgrown(request: web.Request, form: Form) -> bool:
    """Whether a time was kept before it was known for whom, and they need more of it, or less.

    Not asked of the last button: the booking itself looks at all the time that it takes.
    """
    if form.typed.get("step", LAST) == LAST or form.text("visit"):
        return False
    async with request.app[keys.DATABASE].read() as tx:
        kept = await slot_holds.kept(tx, form.text("booking_key"), now=request.app[keys.CLOCK].now())
        if kept is None or kept.visit_type != form.text("visit_type"):
            return False
        kind: VisitType = await practice.visit_type(tx, kept.visit_type)
        if await booking_wish.needs_interpreter(tx, form, form.text("patient_id")):
            kind = kind.with_interpreter()
    return kept.ends_at - kept.starts_at != kind.length


async def kept_for(request: web.Request, form: Form) -> Hold | None:
    """Keeps what the form has chosen, in place of what it kept before; None with the problem noted beside `chosen`."""
    choice = form.parsed("slot" if "slot" in form.typed else "chosen", Choice.read, NO_TIME)
    if choice is None or not KEY.fullmatch(form.text("booking_key", longest=10_000)):
        form.problems["chosen"] = NO_TIME
        return None
    try:
        async with request.app[keys.DATABASE].write() as tx:
            moving = None
            if form.text("visit"):
                _, moving = await appointments.booked(tx, form.text("visit"))
            patient_id = moving.patient_id if moving else form.text("patient_id")
            kept = await slot_holds.keep(
                tx,
                hold_id=form.text("booking_key"),
                practitioner_id=choice.practitioner_id,
                visit_type=moving.visit_type if moving else form.text("visit_type"),
                starts_at=choice.starts_at,
                held_by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
                moving=moving.id if moving else None,
                interpreter=await booking_wish.needs_interpreter(tx, form, patient_id),
            )
    except (practice.NoSuchChoice, appointments.NoSuchVisit):
        form.problems["chosen"] = NO_TIME
        return None
    except SchedulingRefusal as problem:
        form.problems["chosen"] = WHY_NOT.get(type(problem), NO_TIME)
        overbooking.noted(form, choice, problem)
        return None
    request.app[keys.CHANGES].publish(live.BOARD)
    return kept
