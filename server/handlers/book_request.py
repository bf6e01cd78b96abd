"""A request by its link: proving the address, choosing another time, taking it back, and how it stands.

Looking at it changes nothing: mail scanners open every link; a person presses a button.
"""

from datetime import date, datetime

from aiohttp import web

from scheduling.bookings import NotOfAge
from scheduling.refusals import SchedulingRefusal
from server.care.asking import due_at
from server.care.self_booking import AlreadyAsked, RequestOver, SelfBooking
from server.services import practice, self_bookings
from server.services.self_bookings import NoSuchRequest
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.free_times import Choice, day_asked, day_of
from server.web.public_times import public_times
from server.web.words import N_

CHOOSE = N_("Choose one of the times first.")
TAKEN = N_(
    "That time is somebody else's by now. These are the next ones: choose one, and your request goes on."
)
YOUNG = N_("You are not 18 yet on that day. Choose a day from your birthday on.")
ALREADY = N_("You have another request with us that is still open. The newest message from us leads to it.")
OVER = N_("This request was answered or taken back meanwhile. Now it stands as shown here.")
# To choose another time although the one asked for may still be free.
ANOTHER = "another"


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({**request.query}))


async def submit(request: web.Request) -> web.Response:
    """The address is proved, with the time that was asked for or with another one."""
    form = await read_form(request)
    another = form.parsed("slot", Choice.read, CHOOSE) if "slot" in form.typed else None
    if not form.ok:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            found = await self_bookings.by_token(tx, request.match_info["token"])
            await self_bookings.prove(
                tx,
                found,
                rules=request.app[keys.SELF_BOOKING],
                now=request.app[keys.CLOCK].now(),
                another=(another.practitioner_id, another.starts_at) if another else None,
            )
    except NoSuchRequest:
        return await _page(request, form)
    except AlreadyAsked:
        form.problems["request"] = ALREADY
    except RequestOver:
        form.problems["request"] = OVER
    except NotOfAge:
        form.problems["chosen"] = YOUNG
    except (SchedulingRefusal, practice.NoSuchChoice):
        form.problems["chosen"] = TAKEN
    if not form.ok:
        return await _page(request, form, status=409)
    return _changed(request)


async def withdraw(request: web.Request) -> web.Response:
    """They want it no more: the time is somebody else's at once."""
    try:
        async with request.app[keys.DATABASE].write() as tx:
            found = await self_bookings.by_token(tx, request.match_info["token"])
            await self_bookings.withdraw(tx, found, now=request.app[keys.CLOCK].now())
    except NoSuchRequest:
        return await _page(request, Form({}))
    except RequestOver:
        return await _page(request, Form({}, {"request": OVER}), status=409)
    return _changed(request)


def _changed(request: web.Request) -> web.Response:
    request.app[keys.CHANGES].publish(live.BOARD)
    return web.Response(status=303, headers={"Location": request.path.removesuffix("/withdrawal")})


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    now, rules = request.app[keys.CLOCK].now(), request.app[keys.SELF_BOOKING]
    async with request.app[keys.DATABASE].read() as tx:
        try:
            found = await self_bookings.by_token(tx, request.match_info["token"])
        except NoSuchRequest:
            return pages.render(request, "book_request", status=404, asked=None, token="")
        times = None
        if found.may_be_proved and (found.status == "offered" or {"chosen", ANOTHER} & _asks(form)):
            times = await public_times(
                tx,
                kind=await self_bookings.kind_for(tx, found, rules),
                who=self_bookings.sought(found.person),
                since=day_asked(form.text("later"), otherwise=_first_day(found, now)),
                now=now,
                key=found.id,
            )
        response = pages.render(
            request,
            "book_request",
            status=status,
            form=form,
            token=request.match_info["token"],
            asked=found,
            zone=found.person.time_zone,
            with_whom=(await practice.practitioner(tx, found.practitioner_id)).name,
            until=await self_bookings.kept_until(tx, found, now=now),
            answer_by=due_at(found.proved_at or now, days=rules.answer_days, zone=rules.zone),
            times=times,
        )
    pages.prefer_language(request, response, found.person.language)
    return response


def _asks(form: Form) -> set[str]:
    return {*form.problems, *form.typed}


def _first_day(found: SelfBooking, now: datetime) -> date:
    """The nearest times are those around the one that was asked for."""
    zone = found.person.time_zone
    return max(day_of(found.starts_at, zone), day_of(now, zone))
