"""Who somebody says they are: the name that the others are shown. Never filled in for them."""

from aiohttp import web

from server.care.guests import LONGEST_NAME, InvitationRefused, NameSettled
from server.handlers.guest import steps
from server.services import guests
from server.web import keys, live, pages
from server.web.forms import Form, read_form
from server.web.words import N_

NO_NAME = N_("Write your name, as the others in the call should see it.")
SETTLED = N_("The patient was asked about you by another name. If it has to change, call us.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}))


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    name = form.text("name", required=NO_NAME, longest=LONGEST_NAME)
    if not form.ok:
        return await _page(request, form, status=422)
    who = steps.invited(request)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await guests.introduce(
                tx,
                invitation_id=who.invitation_id,
                session_id=who.session_id,
                name=name,
                now=request.app[keys.CLOCK].now(),
            )
            invitation, _ = await guests.standing_invitation(tx, who.invitation_id)
    except InvitationRefused:
        form.problems["name"] = NO_NAME
        return await _page(request, form, status=422)
    except NameSettled:
        form.problems["name"] = SETTLED
        return await _page(request, form, status=422)
    except steps.REFUSED as problem:
        return steps.closed(request, problem)
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(invitation.encounter_id))
    return steps.go_on(f"/guest/call/{who.invitation_id}")


async def _page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    try:
        async with request.app[keys.DATABASE].read() as tx:
            found = await guests.standing_invitation(tx, steps.invited(request).invitation_id)
            context = await steps.known(tx, *found)
    except steps.REFUSED as problem:
        return steps.closed(request, problem)
    return pages.render(request, "guest/name", status=status, form=form, **context)
