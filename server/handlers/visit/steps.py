"""The patient's way through a visit: which page comes next, and what is shown instead when there is no way on."""

from datetime import datetime

from aiohttp import web

from server.care.access import Visitor
from server.care.encounter import Encounter
from server.services import incidents, visits
from server.services.incidents import Browser
from server.services.visits import VisitView
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.refusals import NotYours
from server.web.session import caller, names_for

# Why there is no way on → the page's status.
CLOSED = {
    "unknown": 404,
    "replaced": 410,
    "cancelled": 200,
    "finished": 200,
    "past": 200,
    "locked": 403,
    "another": 403,
}


async def visit_of(tx: Tx, request: web.Request) -> VisitView:
    """The visit in the address; the route's policy has let only its own visitor through. Raises NotYours."""
    found = await visits.view(tx, request.match_info["encounter_id"])
    if found is None:
        raise NotYours
    return found


def visitor(request: web.Request) -> Visitor:
    who = caller(request).visitor
    if who is None:
        raise NotYours
    return who


async def is_of_another(tx: Tx, request: web.Request, encounter_id: str) -> bool:
    """Whether this browser is another patient's (clinical.md, S15); to be committed, because it drafts an incident."""
    names = names_for(request)
    held = Browser(visitor=request.cookies.get(names.visitor, ""), home=request.cookies.get(names.home, ""))
    now = request.app[keys.CLOCK].now()
    return await incidents.is_of_another(tx, encounter_id, browser=held, now=now)


def next_step(encounter: Encounter, *, now: datetime) -> str:
    """Where somebody goes who has proven who they are; what was answered is not asked again."""
    if encounter.status == "finished":
        return f"/visit/after/{encounter.id}"
    if not encounter.over and visits.must_answer(encounter, now):
        return f"/visit/entry/{encounter.id}"
    return f"/visit/waiting/{encounter.id}"


def go_on(address: str) -> web.Response:
    """A redirect that can be returned inside a transaction: raising it there would undo what was done."""
    return web.Response(status=303, headers={"Location": address})


def closed(request: web.Request, why: str, *, status: int | None = None) -> web.Response:
    """The page that says why, what is safe, and whom to call."""
    return pages.render(request, "visit/closed", status=status or CLOSED[why], why=why)


async def tell(request: web.Request, encounter_id: str, *, topic: str | None = None) -> None:
    """After a commit: the board, the consult page, and with `topic` everybody in the visit's room."""
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    room = request.app[keys.ROOMS].find(encounter_id) if topic and keys.ROOMS in request.app else None
    if room is not None and topic:
        await room.changed(topic)
