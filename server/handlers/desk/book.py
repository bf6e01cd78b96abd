"""Find a time and book it: one form that keeps whatever was typed until the visit is booked."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from scheduling.bookings import OutsideHours, PatientBusy, SchedulingRefusal, SlotTaken, TooLate, VisitType
from server.care.people import Patient, Practitioner
from server.handlers.desk import patient_form
from server.services import appointments, patients, practice
from server.services.patients import NoSuchPatient
from server.store.database import Tx
from server.store.ids import new_id
from server.web import free_times, keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.session import staff
from server.web.words import N_

NO_TIME = N_("Choose a time.")
WHY_NOT: dict[type[SchedulingRefusal], str] = {
    SlotTaken: N_("That time was just taken. Nothing you typed is lost: choose another one."),
    PatientBusy: N_("This patient has another visit at that time. Choose another one."),
    OutsideHours: N_("That is outside working hours by now. Choose another time."),
    TooLate: N_("That time has passed. Choose another one."),
}
MODES = ("video", "phone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is being booked, as far as it is chosen; `people` are those whose times are offered."""

    kind: VisitType
    people: list[Practitioner]
    since: date
    choice: Choice | None


async def show(request: web.Request) -> web.Response:
    """From the board: with the time already chosen, or just to look for one."""
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    """Every button of the form posts here: choosing, looking again and searching only show the page again."""
    form = await read_form(request)
    if {"slot", "later"} & form.typed.keys() or form.typed.get("step", "book") != "book":
        return await _page(request, form)
    choice = form.parsed("chosen", Choice.read, NO_TIME)
    now = request.app[keys.CLOCK].now()
    today = day_of(now, request.app[keys.CLINIC].time_zone)
    new = patient_form.read(form, today=today) if patient_form.is_new(form) else None
    if choice is None or not form.ok:
        return await _page(request, form, status=422)
    try:
        encounter_id = await _book(request, form, choice=choice, new=new)
    except NoSuchPatient:
        form.problems["q"] = patient_form.NOBODY
        return await _page(request, form, status=422)
    except practice.NoSuchChoice:
        form.problems["chosen"] = NO_TIME
        return await _page(request, form, status=422)
    except SchedulingRefusal as problem:
        form.problems["chosen"] = WHY_NOT.get(type(problem), NO_TIME)
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/desk/visit/{encounter_id}")


async def _book(
    request: web.Request, form: Form, *, choice: Choice, new: appointments.NewPatient | None
) -> str:
    """The visit's id. One transaction: a refused time leaves nothing behind."""
    shared = {
        "practitioner_id": choice.practitioner_id,
        "visit_type": form.text("visit_type"),
        "starts_at": choice.starts_at,
        "mode": form.text("mode") if form.text("mode") in MODES else MODES[0],
        "booked_by": staff(request).account_id,
        "now": request.app[keys.CLOCK].now(),
        # Made when the form was: pressing twice, or going back and pressing again, books once.
        "appointment_id": form.text("booking_key") or new_id(),
    }
    async with request.app[keys.DATABASE].write() as tx:
        if new is not None:
            encounter = await appointments.book_for_new_patient(tx, patient=new, **shared)  # type: ignore[arg-type]
        else:
            patient_id = form.text("patient_id")
            encounter = await appointments.book(tx, patient_id=patient_id, **shared)  # type: ignore[arg-type]
    return encounter.id


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, zone = request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].read() as tx:
        everybody = await practice.practitioners(tx)
        wish = await _wish(tx, form, everybody, today=day_of(now, zone), zone=zone)
        offer = await free_times.offer(
            tx,
            practitioner_ids=[person.id for person in wish.people],
            kind=wish.kind,
            since=wish.since,
            zone=zone,
            now=now,
        )
        patient = await _patient(tx, form)
        context = {
            "kinds": await practice.visit_types(tx),
            "found": await patients.find(tx, form.text("q", longest=200)),
        }
    return pages.render(
        request,
        "desk/book",
        status=status,
        form=form,
        wish=wish,
        offer=offer,
        everybody=everybody,
        names={person.id: person for person in everybody},
        patient=patient,
        their_zone=_zone_to_show(form, patient),
        zones=patient_form.zones(zone),
        booking_key=form.text("booking_key") or new_id(),
        **context,
    )


async def _wish(tx: Tx, form: Form, everybody: list[Practitioner], *, today: date, zone: str) -> Wish:
    kinds = {kind.code: kind for kind in await practice.visit_types(tx)}
    kind = kinds.get(form.text("visit_type")) or next(iter(kinds.values()))
    wanted = form.text("practitioner")
    people = [person for person in everybody if person.id == wanted] or everybody
    choice = free_times.chosen(form)
    opened_on = day_of(choice.starts_at, zone) if choice and "since" not in form.typed else today
    since = max(day_asked(form.text("later") or form.text("since"), otherwise=opened_on), today)
    return Wish(kind=kind, people=people, since=since, choice=choice)


async def _patient(tx: Tx, form: Form) -> Patient | None:
    try:
        return await patients.by_id(tx, form.text("patient_id"))
    except NoSuchPatient:
        return None


def _zone_to_show(form: Form, patient: Patient | None) -> str | None:
    """The other zone every time is written in: the patient's, as soon as it is known."""
    if patient is not None:
        return patient.time_zone
    typed = form.text("time_zone")
    return typed if patient_form.is_zone(typed) else None
