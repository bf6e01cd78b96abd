"""A clinician's visits in their own calendar: the secret address, how much it tells, and its end."""

from aiohttp import web

from server.services import calendar_feeds, calendar_mail
from server.services.calendar_feeds import KIND, SHOWS, NoFeed
from server.services.calendar_mail import CHOICES, NOT_MAILED
from server.web import keys, pages
from server.web.forms import read_form
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import N_

SAYS = {
    "busy": (N_("Only that the time is taken"), N_("Everybody you share your calendar with may see it.")),
    "kind": (
        N_("What kind of visit it is"),
        N_("No name, and a link that opens only when you are signed in."),
    ),
    "name": (
        N_("The patient's name as well"),
        N_("Whoever runs your calendar, and whoever you share it with, then knows who your patients are."),
    ),
}


NO_MAIL = (N_("Nothing by mail"), N_("The address above is enough for most calendars."))


async def show(request: web.Request) -> web.Response:
    me = staff(request).practitioner_id
    async with request.app[keys.DATABASE].read() as tx:
        feed = await calendar_feeds.feed_of(tx, me) if me else None
        mailed = await calendar_mail.choice(tx, me) if me else NOT_MAILED
    site = request.app[keys.SITE]
    return pages.render(
        request,
        "clinic/calendar",
        me=me,
        feed=feed,
        address=f"{site.base_url}/calendar/{feed.token}.ics" if feed else "",
        says=SAYS,
        mail_says={NOT_MAILED: NO_MAIL, **SAYS},
        mailed=mailed,
        shows=feed.shows if feed else KIND,
        done=request.query.get("done", ""),
    )


async def submit(request: web.Request) -> web.Response:
    """Every button of the page: `act` is open, renew, show or close."""
    form = await read_form(request)
    who, now = staff(request), request.app[keys.CLOCK].now()
    shows, act = form.text("shows"), form.text("act")
    if who.practitioner_id is None:
        raise NotYours
    if shows not in SHOWS or act not in ("open", "renew", "show", "close"):
        raise web.HTTPBadRequest(text="no such choice")
    me, by = who.practitioner_id, who.account_id
    async with request.app[keys.DATABASE].write() as tx:
        if act == "close":
            await calendar_feeds.close(tx, me, by=by, now=now)
        elif act == "show":
            try:
                await calendar_feeds.show(tx, me, shows=shows, by=by, now=now)
            except NoFeed:
                # Closed on another page meanwhile: this page then says so.
                act = "closed"
        # Pressed twice, "open" is one address; "renew" means another one.
        elif act == "renew" or await calendar_feeds.feed_of(tx, me) is None:
            await calendar_feeds.open_new(tx, me, shows=shows, by=by, now=now)
    raise web.HTTPSeeOther(f"/clinic/calendar?done={act}")


async def mail(request: web.Request) -> web.Response:
    """Whether, and with how much of a visit, invitations come by mail."""
    form, who = await read_form(request), staff(request)
    if who.practitioner_id is None:
        raise NotYours
    if (mailed := form.text("mailed")) not in CHOICES:
        raise web.HTTPBadRequest(text="no such choice")
    async with request.app[keys.DATABASE].write() as tx:
        now = request.app[keys.CLOCK].now()
        await calendar_mail.choose(tx, who.practitioner_id, mailed, by=who.account_id, now=now)
    raise web.HTTPSeeOther("/clinic/calendar?done=mail")
