"""The desk's side of a visit's messages: the list, kept up to date, and a reply."""

from aiohttp import web

from server.care.encounter import EncounterOver
from server.care.messages import MessageTooLong, NothingWritten
from server.handlers.desk import visit
from server.services import messages, tasks
from server.web import keys, live, pages
from server.web.forms import read_form
from server.web.session import staff
from server.web.words import N_

EMPTY = N_("Write your reply first.")
TOO_LONG = N_("This is too long for one message. Please shorten it.")
OVER = N_("This visit is over by now, so nothing was sent. What you wrote is still here, to be copied.")
WHY_NOT: dict[type[Exception], tuple[int, str]] = {
    NothingWritten: (422, EMPTY),
    MessageTooLong: (422, TOO_LONG),
    EncounterOver: (409, OVER),
}


async def show(request: web.Request) -> web.Response:
    """The list as it is now; reading it goes on the record."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        said = await messages.of_visit(
            tx, encounter_id, reader=staff(request).account_id, now=request.app[keys.CLOCK].now()
        )
    return pages.render(request, "desk/_messages", said=said)


async def changes(request: web.Request) -> web.StreamResponse:
    topic = live.encounter_topic(request.match_info["encounter_id"])
    return await live.stream(request, request.app[keys.CHANGES], topic)


async def submit(request: web.Request) -> web.Response:
    """Sends the reply; whoever answers has also taken the alarm that asked for it."""
    form = await read_form(request)
    encounter_id, now = request.match_info["encounter_id"], request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            text = form.typed.get("reply", "")
            await messages.send(tx, encounter_id=encounter_id, text=text, by=staff(request), now=now)
            await tasks.acknowledge_like(
                tx, kind=messages.WAITING, encounter_id=encounter_id, by=staff(request), now=now
            )
    except tuple(WHY_NOT) as problem:
        status, form.problems["reply"] = WHY_NOT[type(problem)]
        return await visit.page(request, form, status=status)
    await _tell(request, encounter_id)
    raise web.HTTPSeeOther(f"/desk/visit/{encounter_id}#conversation")


async def _tell(request: web.Request, encounter_id: str) -> None:
    """After the commit: the board, the consult page, and the patient's own page."""
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    room = request.app[keys.ROOMS].find(encounter_id) if keys.ROOMS in request.app else None
    if room is not None:
        await room.changed("messages")
