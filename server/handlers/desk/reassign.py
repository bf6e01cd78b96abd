"""Somebody else sees the patients: one visit, or the whole list of a clinician who is away, saved with one press."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from scheduling.bookings import NotLicensed, OutsideHours, SlotTaken
from scheduling.diary import NotTheirLanguage
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind
from server.care.encounter import Encounter, EncounterOver
from server.services import appointments, covering, moving, practice
from server.services.board import bounds_of
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import day_asked, day_of
from server.web.session import staff
from server.web.words import N_

WHY = N_("Write in a few words why. The reason stays in the record; patients do not see it.")
NOBODY = N_("Nobody is chosen. Choose somebody for at least one of the visits.")
MEANWHILE = N_(
    "Somebody else changed one of these visits meanwhile. Nothing was saved: this is how they stand now."
)
NOT_ALL = N_("One of these does not fit any more, so nothing was saved. It is marked below.")
# Why somebody cannot, in a word or two.
REASONS: dict[type[SchedulingRefusal], str] = {
    NotTheirKind: N_("not this kind of visit"),
    NotTheirLanguage: N_("does not speak the patient's language"),
    NotLicensed: N_("no licence for the patient's state"),
    OutsideHours: N_("does not work then"),
    SlotTaken: N_("has something else"),
}
# The part of a field's name before the visit's id.
TO = "to-"


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    """All that was chosen is saved, or nothing; what was left with its clinician stays on the page."""
    form = await read_form(request)
    if form.typed.get("step") != "save":
        return await _page(request, form)
    reason = form.text("reason", required=WHY, longest=300)
    plan = {name.removeprefix(TO): to for name, to in form.typed.items() if name.startswith(TO) and to}
    if not plan:
        form.problems["plan"] = NOBODY
    if not form.ok:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            given = await covering.give_all(
                tx,
                plan,
                was_with=form.text("practitioner"),
                reason=reason,
                by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
            )
    except (moving.MovedMeanwhile, EncounterOver, appointments.NoSuchVisit):
        form.problems["plan"] = MEANWHILE
        return await _page(request, form, status=409)
    except covering.NotAllFit as problem:
        form.problems["plan"] = NOT_ALL
        form.problems[TO + problem.encounter_id] = REASONS.get(type(problem.problem), NOT_ALL)
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD, *(live.encounter_topic(each.id) for each in given))
    if len(given) == 1 and form.text("visit"):
        raise web.HTTPSeeOther(f"/desk/visit/{given[0].id}")
    raise web.HTTPSeeOther(
        f"/desk/reassign?practitioner={form.text('practitioner')}&day={form.text('day')}&given={len(given)}"
    )


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, zone = request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].read() as tx:
        context = await _whose(tx, form)
        day = day_asked(form.text("day"), otherwise=day_of(context["at"] or now, zone))
        visits = context["visits"]
        if visits is None:
            start, end = bounds_of(day, zone)
            person = context["person"]
            visits = (
                await covering.of_day(tx, person.id, start=max(start, now - LATE), end=end) if person else []
            )
        chosen = {name.removeprefix(TO): to for name, to in form.typed.items() if name.startswith(TO)}
        lines = await covering.lines(tx, visits, chosen=chosen, now=now)
    return pages.render(
        request,
        "desk/reassign",
        status=status,
        form=form,
        day=day,
        lines=lines,
        chosen=chosen,
        reasons=REASONS,
        given=form.text("given"),
        **context,
    )


# Whoever is late is still waited for.
LATE = timedelta(hours=1)


async def _whose(tx: Tx, form: Form) -> dict[str, Any]:
    """The clinician who is away, and the one visit if it is about one. Raises NoSuchVisit."""
    everybody = await practice.practitioners(tx)
    one: Encounter | None = None
    if form.text("visit"):
        one = await appointments.visit(tx, form.text("visit"))
    wanted = one.practitioner_id if one else form.text("practitioner")
    person = next((each for each in everybody if each.id == wanted), None)
    return {
        "everybody": everybody,
        "person": person,
        "visit": one,
        "at": one.planned_starts_at if one else None,
        "visits": ([one] if covering.may_be_given(one) else []) if one else None,
    }
