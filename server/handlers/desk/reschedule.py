"""Another time for a visit: with the same person, unless somebody else is asked for and it is said why."""

from datetime import UTC, datetime

from aiohttp import web

from scheduling.bookings import NotPossibleNow
from scheduling.refusals import SchedulingRefusal
from server.handlers.desk.hold import KEY, NO_TIME, WHY_NOT, refuses
from server.services import appointments, moving, patients, practice
from server.services.moving import Another
from server.store.ids import new_id
from server.web import free_times, keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.session import staff
from server.web.words import N_

MOVED = N_(
    "Somebody else moved this visit meanwhile; it now stands as shown here. Choose again if it should move."
)
WHY = N_("Write why somebody else sees this patient. The reason stays in the record.")


def _instant(text: str) -> datetime:
    """Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    if await refuses(request, form):
        return await _page(request, form, status=409)
    if {"slot", "later"} & form.typed.keys() or form.typed.get("step", "move") != "move":
        return await _page(request, form)
    choice = form.parsed("chosen", Choice.read, NO_TIME)
    if choice is None:
        return await _page(request, form, status=422)
    encounter_id = request.match_info["encounter_id"]
    now = request.app[keys.CLOCK].now()
    was_at = form.parsed("was", _instant, MOVED)
    if was_at is None:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await moving.reschedule(
                tx,
                encounter_id,
                starts_at=choice.starts_at,
                was_at=was_at,
                by=staff(request).account_id,
                now=now,
                hold_id=_key(form),
                another=Another(practitioner_id=choice.practitioner_id, reason=form.text("why")),
            )
    except NotPossibleNow:
        raise
    except moving.ReasonMissing:
        form.problems["why"] = WHY
        return await _page(request, form, status=422)
    except moving.MovedMeanwhile:
        form.problems["chosen"] = MOVED
        return await _page(request, form, status=409)
    except SchedulingRefusal as problem:
        form.problems["chosen"] = WHY_NOT.get(type(problem), NO_TIME)
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    raise web.HTTPSeeOther(f"/desk/visit/{encounter_id}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, zone = request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone
    async with request.app[keys.DATABASE].read() as tx:
        encounter, appointment = await appointments.booked(tx, request.match_info["encounter_id"])
        if encounter.status != "planned":
            raise NotPossibleNow(encounter.status)
        kind = await practice.visit_type(tx, appointment.visit_type)
        person = await practice.practitioner(tx, appointment.practitioner_id)
        everybody = await practice.practitioners(tx)
        wanted = form.text("with")
        shown = next((each for each in everybody if each.id == wanted), person)
        today = day_of(now, zone)
        since = max(day_asked(form.text("later") or form.text("since"), otherwise=today), today)
        patient = await patients.by_id(tx, appointment.patient_id)
        offer = await free_times.offer(
            tx,
            practitioner_ids=[shown.id],
            kind=kind,
            since=since,
            zone=zone,
            now=now,
            moving=appointment,
            hold_id=_key(form),
            patient=await practice.as_known(tx, patient, now=now, leave_out=appointment.id),
        )
    return pages.render(
        request,
        "desk/reschedule",
        status=status,
        form=form,
        encounter=encounter,
        patient=patient,
        kind=kind,
        names={shown.id: shown},
        shown=shown,
        everybody=everybody,
        person=person,
        offer=offer,
        since=since,
        choice=free_times.chosen(form),
        their_zone=patient.time_zone,
        booking_key=_key(form) or new_id(),
    )


def _key(form: Form) -> str:
    """The form's own, under which it keeps a time; empty when it carries none of ours."""
    key = form.text("booking_key", longest=10_000)
    return key if KEY.fullmatch(key) else ""
