"""The next visit with the same clinician, from the consult page or the chart."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from scheduling.bookings import NotLicensed, NotOfAge, OutsideHours, PatientBusy, SlotTaken
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind, TooFarAhead, TooLate
from server.services import appointments, patients, practice
from server.store.ids import new_id
from server.web import free_times, keys, live, overbooking, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice
from server.web.refusals import NotYours, RoleMissing
from server.web.session import staff
from server.web.words import N_

CHOOSE = N_("Choose a time from the list.")
TOO_SOON = N_("That is sooner than this kind of visit is booked. Choose a later time.")
WHY_NOT: dict[type[SchedulingRefusal], str] = {
    SlotTaken: N_("That time was just taken. Choose another one below."),
    PatientBusy: N_("The patient has another visit at that time. Choose another one."),
    OutsideHours: N_("That is outside your hours. Choose another one."),
    TooLate: N_("That time has passed. Choose another one."),
    TooFarAhead: N_("This kind of visit is not booked that far ahead yet. Choose an earlier time."),
    NotTheirKind: N_("You do not hold visits of this kind. Choose another kind."),
    NotLicensed: N_("You have no licence for this patient's state on that day."),
    NotOfAge: N_(
        "This patient is not 18 yet on that day, where they live. Choose a day from their birthday on."
    ),
}
USUAL = "check-in"


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    """Choosing a time shows the page again; "Book visit" books."""
    form, who = await read_form(request), staff(request)
    zone = request.app[keys.CLINIC].time_zone
    overbooking.choose_typed(form, practitioner_id=who.practitioner_id or "", zone=zone)
    overbook = overbooking.reason_of(form, agreed_by=who.account_id)
    if {"slot", "later"} & form.typed.keys() or (not overbook and form.typed.get("step", "book") != "book"):
        return await _page(request, form, status=200 if form.ok else 422)
    choice = overbooking.choice_of(form) if overbook else form.parsed("chosen", Choice.read, CHOOSE)
    if not form.ok:
        return await _page(request, form, status=422)
    if choice is None or choice.practitioner_id != who.practitioner_id:
        form.problems.setdefault("chosen", CHOOSE)
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await appointments.book(
                tx,
                patient_id=request.match_info["patient_id"],
                practitioner_id=choice.practitioner_id,
                visit_type=form.text("visit_type") or USUAL,
                starts_at=choice.starts_at,
                mode="phone" if form.text("mode") == "phone" else "video",
                booked_by=who.account_id,
                now=request.app[keys.CLOCK].now(),
                appointment_id=form.text("booking_key") or new_id(),
                overbook=overbook,
            )
    except SchedulingRefusal as problem:
        ahead = choice.starts_at > request.app[keys.CLOCK].now()
        too_soon = isinstance(problem, TooLate) and ahead
        form.problems["chosen"] = TOO_SOON if too_soon else WHY_NOT.get(type(problem), CHOOSE)
        overbooking.noted(form, choice, problem)
        return await _page(request, form, status=409)
    except practice.NoSuchChoice:
        form.problems["chosen"] = CHOOSE
        return await _page(request, form, status=422)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/clinic/chart/{request.match_info['patient_id']}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    who = staff(request)
    if who.practitioner_id is None:
        raise RoleMissing
    now, zone = request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].read() as tx:
        try:
            patient = await patients.by_id(tx, request.match_info["patient_id"])
        except patients.NoSuchPatient as problem:
            raise NotYours from problem
        kinds = await practice.visit_types(tx)
        kind = next((k for k in kinds if k.code == (form.text("visit_type") or USUAL)), kinds[0])
        since = free_times.day_asked(
            form.text("later") or form.text("since"), otherwise=now.astimezone(ZoneInfo(zone)).date()
        )
        offer = await free_times.offer(
            tx,
            practitioner_ids=[who.practitioner_id],
            kind=kind,
            since=since,
            zone=zone,
            now=now,
            patient=await practice.as_known(tx, patient, now=now),
        )
    context: dict[str, Any] = {"patient": patient, "kinds": kinds, "kind": kind, "since": since}
    return pages.render(
        request,
        "clinic/book",
        status=status,
        form=form,
        offer=offer,
        chosen=free_times.chosen(form),
        refused=overbooking.choice_of(form),
        names={who.practitioner_id: who},
        their_zone=patient.time_zone,
        booking_key=form.text("booking_key") or new_id(),
        **context,
    )
