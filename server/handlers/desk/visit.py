"""One visit beside the board: what is known, what was sent, and what the desk can do about it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from scheduling.bookings import NotPossibleNow, SlotTaken
from server.care.encounter import EncounterOver, IsHere
from server.care.messages import LONGEST
from server.care.people import REACHED_BY
from server.handlers.call_records import PATIENT
from server.handlers.desk import today
from server.services import (
    appointments,
    awaited,
    home,
    incidents,
    messages,
    moving,
    no_shows,
    outgoing,
    patients,
    practice,
    reminders,
    safety,
    series,
    tasks,
    transfers,
    twins,
    waiting,
)
from server.services import board as boards
from server.services.no_shows import OutcomeMissing
from server.services.outgoing import NoAddress
from server.store.database import Tx
from server.web import code_form, free_times, hand_over, keys, live, pages, run_late, twin_form
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

NO_REASON = N_("Say in a word why the visit is cancelled. The patient does not see it.")
NOT_NOW = N_("This visit has begun or is over by now, so it was not cancelled.")
NO_OUTCOME = N_("Choose what was done about it, or write it.")
HERE_NOW = N_("They are here or were seen by now, so nothing was changed.")
TIME_GIVEN = N_("Their time has been given to somebody else, so it stays a no-show. Book them another one.")
NO_ADDRESS = N_("There is no e-mail address for this patient. Copy the link below and pass it on.")
NOT_AGAIN = N_("This message needs no sending any more. Look at the list below.")


async def show(request: web.Request) -> web.Response:
    return await page(request, Form({}))


async def card(request: web.Request) -> web.Response:
    """The facts and what can be done now: a part of the page that changes by itself."""
    return await _part(request, "desk/_visit")


async def sent(request: web.Request) -> web.Response:
    """The link and what became of the mail: another such part."""
    return await _part(request, "desk/_sent")


async def _part(request: web.Request, name: str) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        context = await _known(tx, request)
    return pages.render(request, name, **context)


async def cancel(request: web.Request) -> web.Response:
    form = await read_form(request)
    reason = form.text("reason", required=NO_REASON, longest=300)
    if not form.ok:
        return await page(request, form, status=422)
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await appointments.cancel(
                tx,
                encounter_id,
                reason=reason,
                by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
            )
    except (EncounterOver, NotPossibleNow):
        form.problems["link"] = NOT_NOW
        return await page(request, form, status=409)
    if keys.ROOMS in request.app:
        await request.app[keys.ROOMS].close(encounter_id, reason="cancelled")
    raise _changed(request, encounter_id)


async def resend(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await appointments.resend_link(
                tx, encounter_id, by=staff(request).account_id, now=request.app[keys.CLOCK].now()
            )
    except NoAddress:
        return await page(request, Form({}, {"link": NO_ADDRESS}), status=409)
    raise _changed(request, encounter_id)


async def replace_link(request: web.Request) -> web.Response:
    """The link went to somebody else, or may have: it is dead from now on, for whoever waits by it, too."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        told = await incidents.replace_link(
            tx, encounter_id, by=staff(request).account_id, now=request.app[keys.CLOCK].now()
        )
    room = request.app[keys.ROOMS].find(encounter_id) if keys.ROOMS in request.app else None
    if room is not None:
        await room.turn_away(PATIENT)
    moved = _changed(request, encounter_id)
    if not told:
        return await page(request, Form({}, {"link": NO_ADDRESS}), status=409)
    raise moved


async def twin(request: web.Request) -> web.Response:
    """Whether another record is the same person's."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        encounter = await appointments.visit(tx, encounter_id)
        await twin_form.take(tx, request, form, encounter.patient_id)
    raise _changed(request, encounter_id)


async def send_home_link(request: web.Request) -> web.Response:
    """Sends the patient the link to their own pages, the way they hear from us."""
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            encounter = await appointments.visit(tx, encounter_id)
            await home.send_link(
                tx,
                encounter.patient_id,
                by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
            )
    except NoAddress:
        return await page(request, Form({}, {"link": NO_ADDRESS}), status=409)
    raise _changed(request, encounter_id)


async def send_again(request: web.Request) -> web.Response:
    """One message that could not be delivered; its task is done when none is left."""
    form = await read_form(request)
    encounter_id, now = request.match_info["encounter_id"], request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        encounter = await appointments.visit(tx, encounter_id)
        goes = await outgoing.send_again(tx, form.text("message"), encounter=encounter, now=now)
        if goes:
            me = staff(request)
            await appointments.record(tx, encounter, action="message-sent-again", by=me.account_id, now=now)
            if all(told.state != "failed" for told in await outgoing.history(tx, encounter_id)):
                await tasks.acknowledge_like(
                    tx, kind=outgoing.NOT_DELIVERED, encounter_id=encounter_id, by=me, now=now
                )
    if not goes:
        return await page(request, Form({}, {"link": NOT_AGAIN}), status=409)
    raise _changed(request, encounter_id)


async def reach(request: web.Request) -> web.Response:
    """By which way the patient wants our messages from now on."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    if (reached_by := form.text("reached_by")) not in REACHED_BY:
        raise web.HTTPBadRequest
    async with request.app[keys.DATABASE].write() as tx:
        encounter = await appointments.visit(tx, encounter_id)
        await patients.correct(
            tx,
            encounter.patient_id,
            reached_by=reached_by,
            by=staff(request).account_id,
            now=request.app[keys.CLOCK].now(),
        )
    raise _changed(request, encounter_id)


async def check_in(request: web.Request) -> web.Response:
    """Whoever checks somebody in has seen them."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        await appointments.check_in(tx, encounter_id, by=staff(request).account_id, now=_now(request))
        await waiting.see(tx, encounter_id, by=staff(request), now=_now(request))
    raise _changed(request, encounter_id)


async def transfer(request: web.Request) -> web.Response:
    """Hands a visit whose patient is there to another clinician."""
    await hand_over.done(request)
    raise _changed(request, request.match_info["encounter_id"])


async def see(request: web.Request) -> web.Response:
    """ "I have seen that they wait": the alert is silent on every desk."""
    async with request.app[keys.DATABASE].write() as tx:
        await waiting.see(tx, request.match_info["encounter_id"], by=staff(request), now=_now(request))
    raise _changed(request, request.match_info["encounter_id"])


async def contact(request: web.Request) -> web.Response:
    """ "I rang": the row says who did, and when."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        await waiting.contacted(
            tx, encounter_id, kind=form.text("kind"), by=staff(request), now=_now(request)
        )
    raise _changed(request, encounter_id)


async def await_them(request: web.Request) -> web.Response:
    """Writes to somebody who is late that they are awaited, with words of the desk's own or without."""
    form = await read_form(request)
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            words = form.text("words", longest=LONGEST)
            await awaited.write(tx, encounter_id, words=words, by=staff(request), now=_now(request))
    except NoAddress:
        return await page(request, Form({}, {"link": NO_ADDRESS}), status=409)
    except (EncounterOver, IsHere):
        return await page(request, Form({}, {"link": HERE_NOW}), status=409)
    raise _changed(request, encounter_id)


async def no_show(request: web.Request) -> web.Response:
    form = await read_form(request)
    outcome, words = form.text("outcome"), form.text("words", longest=500)
    encounter_id, now = request.match_info["encounter_id"], _now(request)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await no_shows.decide(
                tx,
                await appointments.visit(tx, encounter_id),
                outcome=outcome,
                words=words,
                by=staff(request),
                day_ends=_day_ends(request),
                now=now,
            )
    except OutcomeMissing:
        form.problems["outcome"] = NO_OUTCOME
        return await page(request, form, status=422)
    except (EncounterOver, IsHere, NotPossibleNow):
        form.problems["link"] = HERE_NOW
        return await page(request, form, status=409)
    raise _changed(request, encounter_id)


async def undo_no_show(request: web.Request) -> web.Response:
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            visit = await appointments.visit(tx, encounter_id)
            await no_shows.take_back(tx, visit, by=staff(request), now=_now(request))
    except SlotTaken:
        return await page(request, Form({}, {"link": TIME_GIVEN}), status=409)
    raise _changed(request, encounter_id)


def _now(request: web.Request) -> datetime:
    return request.app[keys.CLOCK].now()


def _day_ends(request: web.Request) -> datetime:
    """The clinic's next midnight."""
    zone = request.app[keys.CLINIC].time_zone
    return boards.bounds_of(_now(request).astimezone(ZoneInfo(zone)).date(), zone)[1]


async def delay(request: web.Request) -> web.Response:
    """Tells the patient that the visit begins late."""
    await run_late.said(request)
    raise _changed(request, request.match_info["encounter_id"])


def _changed(request: web.Request, encounter_id: str) -> web.HTTPSeeOther:
    """Back to the visit; to the board for whoever acted on its row."""
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    day = request.query.get("day", "")
    return web.HTTPSeeOther(f"/desk/today?day={quote(day)}" if day else f"/desk/visit/{encounter_id}")


async def page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    """The board with the visit beside it. Reading its messages goes on the record, hence a write."""
    async with request.app[keys.DATABASE].write() as tx:
        said = await messages.of_visit(
            tx,
            request.match_info["encounter_id"],
            reader=staff(request).account_id,
            now=request.app[keys.CLOCK].now(),
        )
    async with request.app[keys.DATABASE].read() as tx:
        context = await _known(tx, request)
        patient_id = context["card"].patient.id
        context["twins"] = await twins.flagged(tx, patient_id) + await twins.likely(tx, patient_id)
    day = free_times.day_of(context["card"].starts_at, request.app[keys.CLINIC].time_zone)
    around = await today.beside(request, on=day)
    return pages.render(request, "desk/visit", status=status, form=form, said=said, **around, **context)


async def _known(tx: Tx, request: web.Request) -> dict[str, Any]:
    encounter = await appointments.visit(tx, request.match_info["encounter_id"])
    now = request.app[keys.CLOCK].now()
    link = f"{request.app[keys.SITE].patients_url}/visit/join/{appointments.token_of(tx, encounter)}"
    card = await boards.card(tx, encounter, now=now)
    return {
        "card": replace(card, route=today.route_now(request.app, encounter.id)),
        "practitioner": await practice.practitioner(tx, encounter.practitioner_id),
        "programme": await series.standing_of(tx, encounter),
        "stands_in_for": await moving.stands_in_for(tx, encounter),
        "link": link,
        # Without `--phone` the link is mailed or read out; a picture of it would only be in the way.
        "picture": code_form.picture_of(link) if keys.PHONE in request.app else None,
        "told": await outgoing.history(tx, encounter.id),
        "coming": await reminders.coming(tx, encounter, rules=request.app[keys.REMINDERS], now=now),
        "sends_sms": request.app[keys.SITE].sends_sms,
        "locked": await appointments.is_locked(tx, encounter.id),
        "held": await safety.is_on_hold(tx, encounter.patient_id),
        "hand_over_to": await transfers.others(tx, encounter),
        "moves": encounter.status == "planned"
        and encounter.appointment_id is not None
        and encounter.no_show_at is None,
        "done_tasks": await tasks.done_about(tx, encounter.id),
    }
