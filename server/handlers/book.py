"""The public page: somebody who was never here finds a time for a first visit and asks for it. No account.

Every button of the form posts here, and the page comes back with all that was typed, whatever was refused.
"""

import math
import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from aiohttp import web

from scheduling.bookings import NotOfAge, PractitionerId
from scheduling.diary import Patient as Sought
from scheduling.refusals import SchedulingRefusal
from server.care.people import NewPatient, of_age_on
from server.care.self_booking import OFF
from server.care.states import STATES
from server.care.visit_kinds import Kind
from server.services import licences, practice, self_bookings, slot_holds
from server.services.self_bookings import NOBODY, TooManyKept
from server.services.tries import TooManyTries
from server.store.database import Tx
from server.store.ids import new_id
from server.web import free_times, keys, live, pages, patient_form
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.numbers import NO_NUMBER
from server.web.public_times import public_times
from server.web.session import client_address
from server.web.spoken import SPOKEN, spoken_name
from server.web.words import N_

KEY = re.compile(r"[0-9a-f]{32}")
ANY = "any"
# What is typed on the second page and kept on the first.
DETAILS = ("name", "date_of_birth", "email", "phone", "agree")
CHOOSE = N_("Choose one of the times first.")
TAKEN = N_("That time was just taken. Nothing you typed is lost: these are the next ones.")
NO_STATE = N_("Choose the state you live in: a clinician needs a licence there.")
BUSY = N_("Many people are booking just now. Please try again in a few minutes, or call us.")
TOO_MANY = N_(
    "You have tried often by now. Please wait a few minutes, or call us. Nothing you typed is lost."
)
NO_EMAIL = N_("Type your e-mail address. The link that confirms your request goes there.")
NO_PHONE = N_("Type a phone number, so that we can reach you when the connection fails.")
AGREE = N_("Please tick “I agree”, or call us instead.")
# The same problems in the words of somebody who types about themself.
YOURS = {
    patient_form.NO_NAME: N_("Type your first and last name."),
    patient_form.NO_BIRTH: N_("Type your date of birth. You are asked for it when you open your link."),
    patient_form.NO_ADDRESS: N_("This e-mail address cannot be right. Please check it."),
    NO_NUMBER: N_("A phone number has at least seven digits. Please check it."),
    patient_form.NO_WAY_TO_REACH: NO_EMAIL,
}


async def show(request: web.Request) -> web.Response:
    if "asked" in request.query:
        return pages.render(request, "book", stage="asked", rules=request.app[keys.SELF_BOOKING])
    return await _page(request, Form({}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    if request.app[keys.SELF_BOOKING].mode == OFF:
        return await _page(request, form, status=409)
    if "slot" in form.typed:
        return await _choose(request, form)
    if form.text("step") == "ask":
        return await _ask(request, form)
    if form.text("step") == "back":
        await _give_back(request, form)
    await _sought(request, form)
    return await _page(request, form, status=200 if form.ok else 422)


async def _choose(request: web.Request, form: Form) -> web.Response:
    """Keeps the time for a while. Only a form that keeps none yet counts as a try: moving on takes no more time."""
    choice = form.parsed("slot", Choice.read, CHOOSE)
    who = await _sought(request, form)
    if choice is None or not form.ok:
        return await _page(request, form, status=422)
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        key = await _own_key(tx, form)
        keeps = await slot_holds.kept(tx, key, now=now) is not None
    form = Form({**form.typed, "booking_key": key})
    if not keeps and (refused := _tried(request, form, f"time of {key}", "chosen")) is not None:
        return await _page(request, form, status=429, wait=refused)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await self_bookings.choose(
                tx,
                key=key,
                practitioner_id=choice.practitioner_id,
                starts_at=choice.starts_at,
                who=who,
                rules=request.app[keys.SELF_BOOKING],
                now=now,
            )
    except (SchedulingRefusal, practice.NoSuchChoice) as problem:
        form.problems["chosen"] = BUSY if isinstance(problem, TooManyKept) else TAKEN
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    return await _page(request, form)


async def _ask(request: web.Request, form: Form) -> web.Response:
    choice = form.parsed("chosen", Choice.read, CHOOSE)
    await _sought(request, form)
    person = _person(request, form)
    if choice is None or person is None:
        return await _page(request, form, status=422)
    if form.text("website"):
        # A field nobody sees: only a program fills it in, and it is told what everybody is told.
        raise web.HTTPSeeOther("/book?asked")
    if (refused := _tried(request, form, f"request of {person.email}", "email")) is not None:
        return await _page(request, form, status=429, wait=refused)
    now = request.app[keys.CLOCK].now()
    key = form.text("booking_key", longest=10_000)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await self_bookings.ask(
                tx,
                key=key if KEY.fullmatch(key) else new_id(),
                person=person,
                practitioner_id=choice.practitioner_id,
                starts_at=choice.starts_at,
                rules=request.app[keys.SELF_BOOKING],
                now=now,
            )
    except NotOfAge:
        await _give_back(request, form)
        return _too_young(request, form, person)
    except (SchedulingRefusal, practice.NoSuchChoice) as problem:
        form.problems["chosen"] = BUSY if isinstance(problem, TooManyKept) else TAKEN
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/book?asked")


def _too_young(request: web.Request, form: Form, person: NewPatient) -> web.Response:
    """Nothing of them is kept, and nobody writes to them: what was typed stays on their own page alone."""
    return pages.render(
        request,
        "book",
        status=422,
        stage="young",
        form=form,
        kept=(*DETAILS, "state", "speaks", "interpreter", "time_zone"),
        booking_key=new_id(),
        born=person.date_of_birth,
        first_on=of_age_on(person.date_of_birth),
    )


def _tried(request: web.Request, form: Form, what: str, field: str) -> float | None:
    """Counts a try; the seconds to wait, with the problem noted, when there were too many."""
    now, tries, client = request.app[keys.CLOCK].now(), request.app[keys.TRIES], client_address(request)
    who = {"address": f"self-booking: {what}", "client": f"self-booking at {client}"}
    try:
        tries.check(**who, now=now)
    except TooManyTries as refused:
        form.problems[field] = TOO_MANY
        return refused.wait.total_seconds()
    tries.wrong(**who, now=now)
    return None


async def _give_back(request: web.Request, form: Form) -> None:
    """The time a form kept, which no request has taken over."""
    key = form.text("booking_key", longest=10_000)
    async with request.app[keys.DATABASE].write() as tx:
        if not await self_bookings.is_used(tx, key):
            await slot_holds.release(tx, key, held_by=NOBODY)
    request.app[keys.CHANGES].publish(live.BOARD)


async def _own_key(tx: Tx, form: Form) -> str:
    """The form's; a new one when it carries none of ours, or was sent already and gone back to."""
    key = form.text("booking_key", longest=10_000)
    return key if KEY.fullmatch(key) and not await self_bookings.is_used(tx, key) else new_id()


async def _sought(request: web.Request, form: Form) -> Sought:
    """Who looks for a time, as far as it depends on them. Notes a missing state where licences ask for it."""
    async with request.app[keys.DATABASE].read() as tx:
        if form.text("state") not in STATES and await licences.any_kept(tx):
            form.problems["state"] = NO_STATE
    return _looking(request, form)


def _looking(request: web.Request, form: Form) -> Sought:
    zone, speaks = form.text("time_zone"), form.text("speaks")
    return Sought(
        time_zone=zone if patient_form.is_zone(zone) else request.app[keys.CLINIC].time_zone,
        state=form.text("state") if form.text("state") in STATES else None,
        language=speaks if speaks in SPOKEN else None,
        interpreter=_interpreter(form) is not None,
    )


def _interpreter(form: Form) -> str | None:
    return form.text("speaks") if form.text("interpreter") and form.text("speaks") in SPOKEN else None


def _person(request: web.Request, form: Form) -> NewPatient | None:
    """Who they say they are, or None with every problem in their own words."""
    form.text("email", required=NO_EMAIL)
    form.text("phone", required=NO_PHONE)
    form.text("agree", required=AGREE)
    today = day_of(request.app[keys.CLOCK].now(), _looking(request, form).time_zone)
    read = patient_form.read(form, today=today, sends_sms=False)
    for name, sentence in form.problems.items():
        form.problems[name] = YOURS.get(sentence, sentence)
    if read is None or not form.ok:
        return None
    return replace(read, language=pages.language_of(request), interpreter_language=_interpreter(form))


async def _page(
    request: web.Request, form: Form, *, status: int = 200, wait: float | None = None
) -> web.Response:
    """The step that comes next; beside it everything typed so far."""
    now, rules = request.app[keys.CLOCK].now(), request.app[keys.SELF_BOOKING]
    chosen = None if form.text("step") == "back" else free_times.chosen(form)
    async with request.app[keys.DATABASE].read() as tx:
        kind = await self_bookings.kind_offered(tx, rules)
        if rules.mode == OFF or kind is None:
            return pages.render(request, "book", status=status, stage="off")
        context = await _step(tx, request, form, kind=kind, chosen=chosen, now=now)
        context |= {"needs_state": await licences.any_kept(tx), "kind": kind}
    language = pages.language_of(request)
    response = pages.render(
        request,
        "book",
        status=status,
        form=form,
        rules=rules,
        who=_looking(request, form),
        states=STATES,
        zones=patient_form.zones(request.app[keys.CLINIC].time_zone),
        spoken={code: spoken_name(code, language) for code in SPOKEN},
        guesses=not form.typed,
        details=DETAILS,
        **context,
    )
    if wait is not None:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response


async def _step(
    tx: Tx, request: web.Request, form: Form, *, kind: Kind, chosen: Choice | None, now: datetime
) -> dict[str, Any]:
    who = _looking(request, form)
    key = form.text("booking_key", longest=10_000)
    key = key if KEY.fullmatch(key) else new_id()
    if chosen is not None and "state" not in form.problems:
        names = {person.id: person.name for person in await practice.practitioners(tx)}
        if PractitionerId(chosen.practitioner_id) in names:
            kept = await slot_holds.kept(tx, key, now=now)
            return {
                "stage": "details",
                "booking_key": key,
                "chosen": chosen,
                "with_whom": names[PractitionerId(chosen.practitioner_id)],
                "until": kept.expires_at if kept and kept.starts_at == chosen.starts_at else None,
            }
    if not form.typed or "state" in form.problems:
        return {"stage": "wish", "booking_key": key}
    since = day_asked(form.text("later"), otherwise=_day_before(form, who.time_zone, now=now))
    times = await public_times(tx, kind=kind, who=who, since=since, now=now, key=key)
    return {"stage": "times", "booking_key": key, "times": times}


def _day_before(form: Form, zone: str, *, now: datetime) -> date:
    """The day somebody had chosen a time on, so that the nearest others stand first; else today."""
    for name in ("slot", "chosen"):
        try:
            return max(day_of(Choice.read(form.text(name)).starts_at, zone), day_of(now, zone))
        except ValueError:
            continue
    return day_of(now, zone)
