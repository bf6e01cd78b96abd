"""Find a time and book it: one form that keeps whatever was typed until the visit is booked.

From the board's "Book visit" the page proposes: a first visit with whoever is free first, and for a known patient a
check-in with their own clinician. What somebody chose is never proposed away.
"""

from dataclasses import dataclass, replace
from datetime import date

from aiohttp import web

from scheduling.bookings import NotLicensed
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind, TooLate, VisitType
from server.care.people import NewPatient, Patient, Practitioner
from server.care.states import STATES
from server.handlers.desk import booking_wish
from server.handlers.desk.hold import KEY, NO_TIME, WHY_NOT, refuses
from server.services import appointments, patients, practice
from server.services.patients import NoSuchPatient
from server.store.database import Tx
from server.store.ids import new_id
from server.web import free_times, keys, live, overbooking, pages, patient_form
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.session import staff
from server.web.spoken import SPOKEN, spoken_name
from server.web.words import N_

NO_KIND = N_("Choose a kind of visit.")
LOOK_AGAIN = N_("This is the usual visit for this patient. Look at it, then press again.")
TOO_SOON = N_("That is sooner than this kind of visit is booked. Choose a later time.")
WHY_UNFIT = {"licence": WHY_NOT[NotLicensed], "kind": WHY_NOT[NotTheirKind]}
MODES = ("video", "phone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is being booked, as far as it is chosen; `people` are those whose times are offered.

    `proposes` as long as the page itself chose all of it: then it chooses again for another patient.
    """

    kind: VisitType
    people: list[Practitioner]
    since: date
    choice: Choice | None
    proposes: bool = False


async def show(request: web.Request) -> web.Response:
    """From the board: with the time already chosen, or just to look for one."""
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    """Every button of the form posts here: choosing, looking again and searching only show the page again."""
    form = await read_form(request)
    zone = request.app[keys.CLINIC].time_zone
    overbooking.choose_typed(form, practitioner_id=form.text("practitioner"), zone=zone)
    if await refuses(request, form):
        return await _page(request, form, status=409)
    overbook = overbooking.reason_of(form)
    if {"slot", "later"} & form.typed.keys() or (not overbook and form.typed.get("step", "book") != "book"):
        return await _page(request, form, status=200 if form.ok else 422)
    choice = overbooking.choice_of(form) if overbook else form.parsed("chosen", Choice.read, NO_TIME)
    if not await _fits(request, form):
        return await _page(request, form, status=422)
    now = request.app[keys.CLOCK].now()
    today = day_of(now, zone)
    sends_sms = request.app[keys.SITE].sends_sms
    new = None
    if patient_form.is_new(form):
        new = patient_form.read(form, today=today, sends_sms=sends_sms)
    if choice is None or not form.ok:
        return await _page(request, form, status=422)
    try:
        encounter_id = await _book(request, form, choice=choice, new=new, overbook=overbook)
    except NoSuchPatient:
        form.problems["q"] = patient_form.NOBODY
        return await _page(request, form, status=422)
    except practice.NoSuchChoice:
        form.problems["chosen"] = NO_TIME
        return await _page(request, form, status=422)
    except SchedulingRefusal as problem:
        ahead = choice.starts_at > request.app[keys.CLOCK].now()
        too_soon = isinstance(problem, TooLate) and ahead
        form.problems["chosen"] = TOO_SOON if too_soon else WHY_NOT.get(type(problem), NO_TIME)
        overbooking.noted(form, choice, problem)
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/desk/visit/{encounter_id}")


async def _book(
    request: web.Request,
    form: Form,
    *,
    choice: Choice,
    new: NewPatient | None,
    overbook: appointments.Overbook | None,
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
        "appointment_id": _booking_key(form),
        "overbook": overbook,
    }
    async with request.app[keys.DATABASE].write() as tx:
        if new is not None:
            encounter = await appointments.book_for_new_patient(tx, patient=new, **shared)  # type: ignore[arg-type]
        else:
            patient_id = form.text("patient_id")
            await booking_wish.complete(tx, form, patient_id, by=shared["booked_by"], now=shared["now"])
            encounter = await appointments.book(tx, patient_id=patient_id, **shared)  # type: ignore[arg-type]
    return encounter.id


async def _fits(request: web.Request, form: Form) -> bool:
    """Whether the kind is one there is, and what the page proposed was proposed for this very patient."""
    async with request.app[keys.DATABASE].read() as tx:
        if form.text("visit_type") not in {kind.code for kind in await practice.visit_types(tx)}:
            form.problems["visit_type"] = NO_KIND
            return False
        habit = await _habit(tx, form, await practice.practitioners(tx))
    usual = (habit.visit_type, habit.practitioner_id) if habit else None
    if _untouched(form) and usual and usual != (form.text("visit_type"), form.text("practitioner")):
        form.problems["chosen"] = LOOK_AGAIN
        return False
    return True


def _untouched(form: Form) -> bool:
    """Whether everything is still as the page proposed it."""
    return "earliest" in form.typed or form.text("proposed") == _stands(
        form.text("visit_type"), form.text("practitioner"), form.text("chosen")
    )


def _stands(kind: str, practitioner_id: str, chosen: str) -> str:
    return f"{kind} {practitioner_id} {chosen}"


async def _habit(tx: Tx, form: Form, everybody: list[Practitioner]) -> appointments.Habit | None:
    """What is usual for the patient who is chosen; nothing with somebody who cannot be booked any more."""
    patient = await _patient(tx, form)
    habit = await appointments.habit_of(tx, patient.id) if patient else None
    bookable = {person.id for person in everybody}
    return habit if habit and habit.practitioner_id in bookable else None


def _booking_key(form: Form) -> str:
    """The form's own; a new one when it carries none of ours."""
    key = form.text("booking_key", longest=10_000)
    return key if KEY.fullmatch(key) else new_id()


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, zone = request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone
    booking_key = _booking_key(form)
    async with request.app[keys.DATABASE].read() as tx:
        everybody = await practice.practitioners(tx)
        wish = await _wish(tx, form, everybody, today=day_of(now, zone), zone=zone)
        patient = await _patient(tx, form)
        sought = await booking_wish.sought(tx, form, patient, people=wish.people, zone=zone, now=now)
        offer = await free_times.offer(
            tx,
            practitioner_ids=[person.id for person in wish.people],
            kind=wish.kind,
            since=wish.since,
            zone=zone,
            now=now,
            hold_id=booking_key,
            patient=sought,
        )
        if wish.proposes:
            wish = replace(wish, choice=offer.earliest)
        elif wish.choice and (unfit := WHY_UNFIT.get(offer.why_not(wish.choice.practitioner_id))):
            # Chosen before it was known for whom: said now, not after the last button.
            form.problems.setdefault("chosen", unfit)
            wish = replace(wish, choice=None)
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
        proposed=_proposed(wish, everybody),
        offer=offer,
        everybody=everybody,
        names={person.id: person for person in everybody},
        patient=patient,
        their_zone=_zone_to_show(form, patient),
        zones=patient_form.zones(zone),
        booking_key=booking_key,
        refused=overbooking.choice_of(form),
        sought=sought,
        interpreter=booking_wish.interpreter_of(form, patient),
        states=STATES,
        spoken={code: spoken_name(code, pages.language_of(request)) for code in SPOKEN},
        sends_sms=request.app[keys.SITE].sends_sms,
        **context,
    )


async def _wish(tx: Tx, form: Form, everybody: list[Practitioner], *, today: date, zone: str) -> Wish:
    kinds = {kind.code: kind for kind in await practice.visit_types(tx)}
    proposes = _untouched(form)
    habit = await _habit(tx, form, everybody) if proposes else None
    kind = kinds.get(habit.visit_type if habit else form.text("visit_type")) or next(iter(kinds.values()))
    wanted = habit.practitioner_id if habit else form.text("practitioner")
    people = [person for person in everybody if person.id == wanted] or everybody
    choice = free_times.chosen(form)
    opened_on = day_of(choice.starts_at, zone) if choice and "since" not in form.typed else today
    since = max(day_asked(form.text("later") or form.text("since"), otherwise=opened_on), today)
    return Wish(kind=kind, people=people, since=since, choice=choice, proposes=proposes)


def _proposed(wish: Wish, everybody: list[Practitioner]) -> str:
    """What the page's fields hold when nobody touches them; nothing once somebody did."""
    if not wish.proposes:
        return ""
    one = wish.people[0].id if len(wish.people) == 1 < len(everybody) else ""
    return _stands(wish.kind.code, one, wish.choice.value if wish.choice else "")


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
