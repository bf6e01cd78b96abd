"""The programme as one series: looked at with every conflict, saved with one press, moved or cancelled as one.

The one page with it, for the clinician whose patient it is and for the front desk, which also says with whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import web

from scheduling import series as rules
from scheduling.bookings import NotLicensed, NotOfAge, OutsideHours, PatientBusy, PractitionerId, SlotTaken
from scheduling.find import Slot
from scheduling.protocol import Protocol, ProtocolUnfit, Step, standard
from scheduling.refusals import SchedulingRefusal
from scheduling.series import Proposal
from scheduling.visit_types import NotTheirKind, TooFarAhead, TooLate
from server.care.people import Patient
from server.care.plan import DatesTooClose, DatesUnfit, EndReasonMissing, SessionAlreadyDone
from server.services import appointments, moving, outgoing, patients, practice, series, trail
from server.services.series import Running
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import N_

NO_TIME = N_("Type a time of day.")
NO_NUMBER = N_("Type a whole number of days.")
UNFIT = N_(
    "Each step has to come on a later day than the one before, and sessions as far apart as the protocol says."
)
OPEN = N_("Some steps have no time yet. Choose one for each, or change the days.")
CHANGED = N_("Something changed meanwhile, so nothing was saved. This is what is free now.")
NO_REASON = N_("Write why the programme is cancelled.")
WHY: dict[type[SchedulingRefusal], str] = {
    rules.TimeTaken: N_("That time is taken. Choose another one:"),
    rules.NothingFree: N_("Nothing is free around that day. The next free times:"),
    rules.NoSuchTime: N_("The clocks change on that day and leave this time out. Choose another one:"),
    rules.OutOfOrder: N_("It would not come after the step before. Change its day."),
    rules.SessionsTooClose: N_("It is too close to another session. Change its day."),
    TooLate: N_("That day has passed. Change its day."),
}
NOTHING_NEAR = N_("Nothing is free around that day, nor soon after it. Change its day.")
# What the services may say no with; whichever it is, nothing was saved.
REFUSED: dict[type[Exception], str] = {
    rules.StepsOpen: OPEN,
    **dict.fromkeys((rules.OutOfOrder, rules.SessionsTooClose), UNFIT),
    **dict.fromkeys((DatesUnfit, DatesTooClose, SessionAlreadyDone), UNFIT),
    **dict.fromkeys((SlotTaken, PatientBusy, OutsideHours, NotLicensed, NotOfAge, NotTheirKind), CHANGED),
    **dict.fromkeys((TooLate, TooFarAhead, moving.MovedMeanwhile), CHANGED),
    **dict.fromkeys((series.SeriesAlreadyThere, series.NoSeries, rules.NothingToMove), CHANGED),
}
FAR = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """On which page, and under which address. `practitioner_id`: whose programmes they are; None: the form says."""

    page: str
    base: str
    practitioner_id: str | None = None


async def show(request: web.Request, place: Place) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        now, by = request.app[keys.CLOCK].now(), staff(request).account_id
        patient = await _patient(tx, request)
        await trail.read(tx, action="series-read", patient_ids=[patient.id], by=by, now=now)
    return await _page(request, place, Form({**request.query}))


async def submit(request: web.Request, place: Place) -> web.Response:
    """Looks again, or books all of it."""
    form = await read_form(request)
    if form.typed.get("step") != "save":
        return await _page(request, place, form)
    async with request.app[keys.DATABASE].read() as tx:
        patient = await _patient(tx, request)
        proposal = await _proposal(tx, request, place, form, patient)
        whose = await _whose(tx, place, form, patient)
    if proposal is None or whose is None:
        return await _page(request, place, form, status=422)
    choices = _choices(form)
    if any(slot.practitioner_id != whose for slot in choices.values()):
        # Somebody else was chosen after the dates were shown: nobody has seen theirs.
        return await _refused(request, place, form, SlotTaken())
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await series.save(
                tx,
                patient.id,
                proposal,
                choices,
                practitioner_id=whose,
                by=staff(request),
                now=request.app[keys.CLOCK].now(),
                course_rules=request.app[keys.COURSE],
            )
    except tuple(REFUSED) as problem:
        return await _refused(request, place, form, problem)
    raise _changed(request, place)


async def move(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    by_days = form.parsed("by", _days, NO_NUMBER)
    if by_days is None or form.typed.get("step") != "save":
        return await _page(request, place, form, status=200 if form.ok else 422)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            patient = await _patient(tx, request)
            there = await _running(tx, request, patient)
            if there.series.next is None or form.text("was") != there.series.next.on.isoformat():
                # Pressed twice, or by two: sessions would move twice, the visits once.
                raise moving.MovedMeanwhile
            proposal = await series.propose_move(tx, patient, there, by_days=by_days, now=now)
            await series.move(
                tx,
                patient.id,
                there,
                proposal,
                _choices(form),
                by=staff(request),
                now=now,
                course_rules=request.app[keys.COURSE],
            )
    except tuple(REFUSED) as problem:
        return await _refused(request, place, form, problem)
    raise _changed(request, place)


async def cancel(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    reason = form.text("reason", required=NO_REASON, longest=300)
    if not form.ok:
        return await _page(request, place, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            patient = await _patient(tx, request)
            there = await _running(tx, request, patient)
            now = request.app[keys.CLOCK].now()
            await series.cancel(tx, patient.id, there, reason=reason, by=staff(request), now=now)
    except (series.NoSeries, EndReasonMissing):
        return await _page(request, place, form, status=409)
    raise _changed(request, place)


async def _refused(request: web.Request, place: Place, form: Form, problem: Exception) -> web.Response:
    """The page again, with why; times that were shown are not what is free any more."""
    form.problems["series"] = REFUSED[type(problem)]
    kept = {name: value for name, value in form.typed.items() if not name.startswith("slot-")}
    return await _page(request, place, Form(kept, form.problems), status=409)


def _changed(request: web.Request, place: Place) -> web.HTTPSeeOther:
    patient_id = request.match_info["patient_id"]
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(patient_id))
    return web.HTTPSeeOther(f"{place.base}/{patient_id}")


async def _page(request: web.Request, place: Place, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        patient = await _patient(tx, request)
        there = await series.running(tx, patient.id, now=now, course_rules=request.app[keys.COURSE])
        context: dict[str, Any] = {
            "protocol": _protocol(form),
            "anchor": _anchor(request, form, patient),
            "at": form.text("at") or "10:00",
        }
        proposal = None
        if there is None:
            proposal = await _proposal(tx, request, place, form, patient)
        elif form.text("by") and "by" not in form.problems:
            proposal = await _moved(tx, form, patient, there, now)
        people = await practice.practitioners(tx)
        context["kinds"] = {kind.code: kind for kind in await practice.every_visit_type(tx)}
        context["whose"] = there.practitioner_id if there else await _whose(tx, place, form, patient)
        context["told"] = await outgoing.told_programme(tx, patient.id) if there else []
    return pages.render(
        request,
        place.page,
        status=status,
        form=form,
        patient=patient,
        there=there,
        proposal=proposal,
        standard=standard(),
        place=place,
        people={each.id: each for each in people},
        why=why_of,
        choice=_value,
        **context,
    )


async def _moved(tx: Tx, form: Form, patient: Patient, there: Running, now: datetime) -> Proposal | None:
    by_days = form.parsed("by", _days, NO_NUMBER)
    if by_days is None or there.series.next is None:
        return None
    return await series.propose_move(tx, patient, there, by_days=by_days, now=now)


async def _proposal(
    tx: Tx, request: web.Request, place: Place, form: Form, patient: Patient
) -> Proposal | None:
    """What the form asks for; None with the problem noted."""
    protocol = _protocol(form)
    at = form.parsed("at", time.fromisoformat, NO_TIME) if form.text("at") else time(10)
    who = await _whose(tx, place, form, patient)
    if protocol is None or at is None or who is None:
        return None
    protocol = replace(protocol, min_between=request.app[keys.COURSE].min_between)
    return await series.propose(
        tx,
        patient,
        protocol,
        practitioner_id=who,
        anchor=_anchor(request, form, patient),
        at=at.replace(tzinfo=None),
        zone=patient.time_zone,
        now=request.app[keys.CLOCK].now(),
    )


async def _whose(tx: Tx, place: Place, form: Form, patient: Patient) -> str | None:
    """With whom it is booked: as the form says, else whoever sees them already, else the first by name."""
    if place.practitioner_id is not None:
        return place.practitioner_id
    bookable = [each.id for each in await practice.practitioners(tx)]
    habit = await appointments.habit_of(tx, patient.id)
    wishes = (form.text("practitioner"), habit.practitioner_id if habit else "", *bookable)
    return next((each for each in wishes if each in bookable), None)


def _protocol(form: Form) -> Protocol | None:
    """The standard one with the days as typed; a visit without a day is left out, a session never is."""
    steps: list[Step] = []
    for step in standard().steps:
        typed = form.typed.get(f"day-{step.key}")
        if typed is None:
            steps.append(step)
        elif typed.strip() or step.session:
            day = form.parsed(f"day-{step.key}", _days, NO_NUMBER)
            if day is not None:
                steps.append(replace(step, day=day))
    if not form.ok and any(name.startswith("day-") for name in form.problems):
        return None
    try:
        return Protocol(steps=tuple(steps))
    except ProtocolUnfit:
        form.problems.setdefault("series", UNFIT)
        return None


def _anchor(request: web.Request, form: Form, patient: Patient) -> date:
    """The first day: as typed, else the next working day, on the patient's own calendar."""
    today = day_of(request.app[keys.CLOCK].now(), patient.time_zone)
    following = today + timedelta(days=1 if today.weekday() < 4 else 7 - today.weekday())
    return day_asked(form.text("anchor"), otherwise=following)


def _days(text: str) -> int:
    """Raises ValueError."""
    number = int(text)
    if abs(number) > FAR:
        raise ValueError("too far")
    return number


def _choices(form: Form) -> Mapping[str, Slot]:
    """The times the page showed or offered, by their step: these are booked, or nothing."""
    found = {}
    for name, value in form.typed.items():
        if name.startswith("slot-") and value:
            try:
                choice = Choice.read(value)
            except ValueError:
                continue
            # Only where it starts and with whom is looked at; how long it is follows from its kind.
            found[name.removeprefix("slot-")] = Slot(
                starts_at=choice.starts_at,
                ends_at=choice.starts_at + timedelta(minutes=1),
                practitioner_id=PractitionerId(choice.practitioner_id),
            )
    return found


def _value(slot: Slot) -> str:
    return Choice(practitioner_id=slot.practitioner_id, starts_at=slot.starts_at).value


async def _patient(tx: Tx, request: web.Request) -> Patient:
    try:
        return await patients.by_id(tx, request.match_info["patient_id"])
    except patients.NoSuchPatient as problem:
        raise NotYours from problem


async def _running(tx: Tx, request: web.Request, patient: Patient) -> Running:
    now = request.app[keys.CLOCK].now()
    there = await series.running(tx, patient.id, now=now, course_rules=request.app[keys.COURSE])
    if there is None:
        raise series.NoSeries
    return there


def why_of(conflict: rules.Conflict) -> str:
    """The sentence before the times that are offered instead; where there are none it promises none."""
    if conflict.reason in (rules.NothingFree, rules.NoSuchTime) and not conflict.alternatives:
        return NOTHING_NEAR
    return WHY[conflict.reason]
