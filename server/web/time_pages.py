"""A practitioner's time: the one page with it, for themselves under /clinic/time and for an administrator.

Both areas hand in whose time it is and where the page stands; what may be done there is the same but for licences and
languages, which the administrator answers for.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from scheduling.bookings import Appointment
from server.care.states import STATES
from server.services import accounts, feeds, licences, patients, practice, practice_time, week
from server.services.weekly_hours import write_day
from server.store.database import Tx
from server.web import free_times, keys, live, pages, time_forms
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.spoken import SPOKEN, spoken_name
from server.web.words import N_, words_in

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
# Why a calendar elsewhere was not read, by the word its fetch left (jobs/busy_feeds.py).
WHY_NOT_READ = {
    "unreachable": N_("Its server does not answer."),
    "refused": N_("Its server does not give it out. The address may have been changed or withdrawn."),
    "forbidden": N_("Its address leads into a private network, which is not followed."),
    "too-large": N_("It is larger than a calendar should be."),
    "no-calendar": N_("What the address gives is no calendar."),
}
HOURS, DAY, LEAVE, FEED, LICENCE, LANGUAGES = "hours", "day", "leave", "feed", "licence", "languages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Whose time, on which page, and where its forms go. `keeps`: licences and languages are edited there."""

    practitioner_id: str
    page: str
    base: str
    keeps: bool = False


@dataclass(slots=True)
class Refused:
    """The one form that was not taken, as typed; and the bookings that the absence in it lies over."""

    name: str = ""
    form: Form = field(default_factory=lambda: Form({}))
    hit: list[Appointment] = field(default_factory=list)


async def show(request: web.Request, place: Place) -> web.Response:
    return await _page(request, place, Refused())


async def set_hours(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    hours = time_forms.read_hours(form)
    if hours is None:
        return await _page(request, place, Refused(HOURS, form), status=422)
    async with request.app[keys.DATABASE].write() as tx:
        now = request.app[keys.CLOCK].now()
        hit = await practice_time.shut_out(tx, place.practitioner_id, hours, now=now)
        confirmed = not hit or form.typed.get("seen") == time_forms.mark_of(hit)
        if confirmed:
            await practice_time.set_hours(tx, place.practitioner_id, hours, **who(request))
    if not confirmed:
        return await _page(request, place, Refused(HOURS, form, hit), status=409)
    return _done(request, place)


async def add_day(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    day = time_forms.read_exception(form)
    if day is None:
        return await _page(request, place, Refused(DAY, form), status=422)
    async with request.app[keys.DATABASE].write() as tx:
        person = await practice.practitioner(tx, place.practitioner_id)
        hit = []
        if day.closed:
            part = practice_time.closed_part(day, person.time_zone)
            now = request.app[keys.CLOCK].now()
            hit = await practice_time.hit(tx, part, practitioner_id=person.id, now=now)
        confirmed = not hit or form.typed.get("seen") == time_forms.mark_of(hit)
        if confirmed:
            await practice_time.add_day(tx, person.id, day, **who(request))
    if not confirmed:
        return await _page(request, place, Refused(DAY, form, hit), status=409)
    return _done(request, place)


async def remove_day(request: web.Request, place: Place) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        day_id = request.match_info["day_id"]
        await practice_time.remove_day(tx, place.practitioner_id, day_id, **who(request))
    return _done(request, place)


async def add_leave(request: web.Request, place: Place) -> web.Response:
    """Saved at once when it lies over no booking; else the bookings are shown first, and saving opens their tasks."""
    form = await read_form(request)
    async with request.app[keys.DATABASE].write() as tx:
        person = await practice.practitioner(tx, place.practitioner_id)
        hit = await save_absence(tx, request, form, zone=person.time_zone, practitioner_id=person.id)
    if hit is None or hit:
        status = 422 if hit is None else 409
        return await _page(request, place, Refused(LEAVE, form, hit or []), status=status)
    return _done(request, place)


async def save_absence(
    tx: Tx, request: web.Request, form: Form, *, zone: str, practitioner_id: str | None
) -> list[Appointment] | None:
    """Nothing left to say when it was saved; the bookings to show first; or None for a form with problems."""
    absence = time_forms.read_absence(form, zone)
    if absence is None:
        return None
    now = request.app[keys.CLOCK].now()
    hit = await practice_time.hit(tx, absence, practitioner_id=practitioner_id, now=now)
    if hit and form.typed.get("seen") != time_forms.mark_of(hit):
        return hit
    await practice_time.add_absence(tx, absence, practitioner_id=practitioner_id, **who(request))
    return []


async def remove_leave(request: web.Request, place: Place) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        absence_id = request.match_info["absence_id"]
        whose = place.practitioner_id
        await practice_time.remove_absence(tx, absence_id, practitioner_id=whose, **who(request))
    return _done(request, place)


async def set_feed(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    url = time_forms.read_feed(form)
    if url is None:
        return await _page(request, place, Refused(FEED, form), status=422)
    async with request.app[keys.DATABASE].write() as tx:
        await practice.practitioner(tx, place.practitioner_id)
        await feeds.set_address(tx, place.practitioner_id, url, **who(request))
    return _done(request, place)


async def add_licence(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    written = time_forms.read_licence(form)
    if written is None:
        return await _page(request, place, Refused(LICENCE, form), status=422)
    async with request.app[keys.DATABASE].write() as tx:
        await practice.practitioner(tx, place.practitioner_id)
        number = written.number
        await licences.add(tx, place.practitioner_id, written.licence, number=number, **who(request))
    return _done(request, place)


async def remove_licence(request: web.Request, place: Place) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        licence_id = request.match_info["licence_id"]
        await licences.remove(tx, place.practitioner_id, licence_id, **who(request))
    return _done(request, place)


async def set_languages(request: web.Request, place: Place) -> web.Response:
    form = await read_form(request)
    async with request.app[keys.DATABASE].write() as tx:
        await practice.practitioner(tx, place.practitioner_id)
        spoken = [code for code in SPOKEN if f"language-{code}" in form.typed]
        await practice_time.set_languages(tx, place.practitioner_id, spoken, **who(request))
    return _done(request, place)


def words_of_feeds(language: str) -> dict[str, str]:
    return {word: words_in(language).gettext(sentence) for word, sentence in WHY_NOT_READ.items()}


def who(request: web.Request) -> dict[str, Any]:
    return {"by": staff(request).account_id, "now": request.app[keys.CLOCK].now()}


def _done(request: web.Request, place: Place) -> web.Response:
    # The board shows gaps and tasks.
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(place.base)


async def hits_shown(tx: Tx, hit: list[Appointment]) -> list[dict[str, Any]]:
    """Each booking with who it is, for the list before saving."""
    kinds = {kind.code: kind for kind in await practice.every_visit_type(tx)}
    names = {person.id: person for person in await practice.practitioners(tx)}
    return [
        {
            "appointment": each,
            "patient": await patients.by_id(tx, each.patient_id),
            "kind": kinds[each.visit_type],
            "practitioner": names[each.practitioner_id],
        }
        for each in hit
    ]


async def _page(request: web.Request, place: Place, refused: Refused, *, status: int = 200) -> web.Response:
    now = request.app[keys.CLOCK].now()
    language = pages.language_of(request)
    async with request.app[keys.DATABASE].read() as tx:
        person = await practice.practitioner(tx, place.practitioner_id)
        today = now.astimezone(ZoneInfo(person.time_zone)).date()
        asked = free_times.day_asked(request.query.get("week", ""), otherwise=today)
        monday = week.monday_of(asked)
        account = await accounts.get(tx, person.account_id)
        hours = account.practice.hours if account.practice else ()
        context: dict[str, Any] = {
            "days": await week.week_of(tx, person.id, monday=monday, now=now),
            "leave": await practice_time.absences_of(tx, person.id, now=now),
            "exceptions": await practice_time.days_of(tx, person.id, since=today),
            "feed": await feeds.of_practitioner(tx, person.id),
            "licences": await licences.of(tx, [person.id]),
            "hit": await hits_shown(tx, refused.hit),
        }
    return pages.render(
        request,
        place.page,
        status=status,
        page_zone=person.time_zone,
        person=person,
        place=place,
        today=today,
        monday=monday,
        weeks=(monday - timedelta(days=7), monday + timedelta(days=7)),
        soon=today + timedelta(days=max(licences.WARNED_DAYS)),
        hours_form=refused.form if refused.name == HOURS else _hours_form(hours),
        refused=refused,
        blank=Form({}),
        seen=time_forms.mark_of(refused.hit),
        feed_words=words_of_feeds(language),
        weekdays=WEEKDAYS,
        states=STATES,
        spoken={code: spoken_name(code, language) for code in SPOKEN},
        **context,
    )


def _hours_form(hours: Any) -> Form:
    return Form({f"day-{n}": write_day(hours, n) for n in range(7)})
