"""The wait-list: who would come earlier, what is free for them now, and what they were offered."""

from datetime import date
from typing import Any

from aiohttp import web

from scheduling.bookings import NotPossibleNow
from server.care.people import Patient
from server.care.wait_list import PARTS, DaysUnfit, NoSuchPlace, NothingToOffer, OfferOver
from server.services import appointments, patients, practice, wait_list, wait_offers
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_of
from server.web.session import staff
from server.web.words import N_

NO_DAY = N_("Type a day.")
UNFIT = N_("The last day has to come after the first, and not more than half a year from now.")
NOTHING = N_("That time is not free any more, or it is too soon for anybody to read a message. Ring them.")
GONE = N_("They are on the list already, or their place is gone.")
NO_OFFER = N_("There is no such offer. Nothing was changed.")
NO_CHOICE = N_("Choose a kind of visit and with whom.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def add(request: web.Request) -> web.Response:
    """A patient with a visit, or with a wish."""
    form = await read_form(request)
    first = form.parsed("first_on", date.fromisoformat, NO_DAY)
    last = form.parsed("last_on", date.fromisoformat, NO_DAY)
    part = form.text("part") if form.text("part") in PARTS else PARTS[0]
    if first is None or last is None:
        return await _page(request, form, status=422)
    by, now = staff(request).account_id, request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            wish = await _wish(tx, form)
            if wish is None:
                raise web.HTTPNotFound
            await wait_list.join(
                tx,
                patient_id=wish["patient"].id,
                visit_type=wish["visit"].visit_type if wish["visit"] else form.text("visit_type"),
                encounter_id=wish["visit"].id if wish["visit"] else None,
                practitioner_id=form.text("practitioner") or None,
                first_on=first,
                last_on=last,
                part=part,
                by=by,
                now=now,
            )
    except DaysUnfit:
        form.problems["last_on"] = UNFIT
        return await _page(request, form, status=422)
    except practice.NoSuchChoice:
        form.problems["list"] = NO_CHOICE
        return await _page(request, form, status=422)
    raise _changed(request, "")


async def end(request: web.Request) -> web.Response:
    """Off the list; with `undo` back on it, with the turn they had."""
    form = await read_form(request)
    place_id, how = request.match_info["place_id"], {"by": staff(request).account_id}
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            if "undo" in form.typed:
                await wait_list.come_back(tx, place_id, now=now, **how)
            else:
                await wait_list.leave(tx, place_id, why="desk", now=now, **how)
    except NoSuchPlace:
        return await _page(request, Form({}, {"list": GONE}), status=404)
    raise _changed(request, "" if "undo" in form.typed else f"?gone={place_id}")


async def offer(request: web.Request) -> web.Response:
    """One message to whoever it suits; or, with `back`, the time is taken back and free again."""
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    if round_id := form.text("back"):
        try:
            async with request.app[keys.DATABASE].write() as tx:
                await wait_offers.withdraw(tx, round_id, by=staff(request).account_id, now=now)
        except OfferOver:
            return await _page(request, Form({}, {"list": NO_OFFER}), status=404)
        raise _changed(request, "")
    choice = form.parsed("slot", Choice.read, NOTHING)
    if choice is None:
        return await _page(request, Form({}, {"list": NOTHING}), status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await wait_offers.offer(
                tx,
                practitioner_id=choice.practitioner_id,
                starts_at=choice.starts_at,
                by=staff(request).account_id,
                quiet=request.app[keys.REMINDERS].quiet,
                now=now,
            )
    except NothingToOffer:
        return await _page(request, Form({}, {"list": NOTHING}), status=409)
    raise _changed(request, "")


def _changed(request: web.Request, rest: str) -> web.HTTPSeeOther:
    request.app[keys.CHANGES].publish(live.BOARD)
    return web.HTTPSeeOther(f"/desk/wait-list{rest}")


async def _wish(tx: Tx, form: Form) -> dict[str, Any] | None:
    """Whom the form is about, by a visit of theirs or by themselves. None: nobody is chosen."""
    try:
        if encounter_id := form.text("visit"):
            visit, _ = await appointments.booked(tx, encounter_id)
            if visit.status != "planned":
                raise NotPossibleNow(visit.status)
            return {"visit": visit, "patient": await patients.by_id(tx, visit.patient_id)}
        if patient_id := form.text("patient"):
            return {"visit": None, "patient": await patients.by_id(tx, patient_id)}
    except (appointments.NoSuchVisit, patients.NoSuchPatient):
        pass
    return None


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].read() as tx:
        wish = await _wish(tx, form)
        people = await practice.practitioners(tx)
        context = {
            "waiting": await wait_list.everybody(tx, now=now),
            "openings": await request.app[keys.OPENINGS].newest(tx, now=now),
            "kinds": await practice.visit_types(tx),
            "gone": await _gone(tx, form.text("gone")),
        }
    if wish is not None:
        zone, visit = wish["patient"].time_zone, wish["visit"]
        until = day_of(visit.planned_starts_at, zone).isoformat() if visit else ""
        context |= {"today": day_of(now, zone), "until": until}
    return pages.render(
        request,
        "desk/wait_list",
        status=status,
        form=form,
        wish=wish,
        people={each.id: each for each in people},
        choice=lambda one: Choice(practitioner_id=one.practitioner_id, starts_at=one.starts_at).value,
        asked=lambda one: wait_offers.askable(
            one.people, one.starts_at, quiet=request.app[keys.REMINDERS].quiet, now=now
        ),
        **context,
    )


async def _gone(tx: Tx, place_id: str) -> tuple[str, Patient] | None:
    """Whoever was just taken off, so that a slip can be undone."""
    place = await wait_list.place_of(tx, place_id) if place_id else None
    if place is None or place.ended_at is None:
        return None
    return place.id, await patients.by_id(tx, place.patient_id)
