"""What an invited person's pages have in common: what they may know, and what is shown when there is no way on.

They are told the clinic's name, the clinician's, the time and their own role: nothing of whose visit it is.
"""

from typing import Any

from aiohttp import web

from server.care.access import Invited
from server.care.encounter import OPENS_BEFORE, Encounter, EncounterOver
from server.care.guests import Invitation
from server.services import practice
from server.services.guests import InvitationWithdrawn, VisitCancelled
from server.services.visits import LinkUnknown
from server.store.database import Tx
from server.web import pages
from server.web.refusals import NotYours
from server.web.session import caller

NO_WAY: dict[type[Exception], tuple[int, str]] = {
    LinkUnknown: (404, "unknown"),
    InvitationWithdrawn: (410, "withdrawn"),
    VisitCancelled: (200, "cancelled"),
    EncounterOver: (200, "over"),
}
REFUSED = tuple(NO_WAY)


def invited(request: web.Request) -> Invited:
    who = caller(request).invited
    if who is None:
        raise NotYours
    return who


async def known(tx: Tx, invitation: Invitation, encounter: Encounter) -> dict[str, Any]:
    """All that a page may show."""
    clinician = await practice.practitioner(tx, encounter.practitioner_id)
    return {
        "invitation_id": invitation.id,
        "encounter_id": encounter.id,
        "role": invitation.role,
        "clinician": clinician.name,
        "starts_at": encounter.planned_starts_at,
        "opens_at": encounter.planned_starts_at - OPENS_BEFORE,
        "by_phone": encounter.mode != "video",
    }


def closed(request: web.Request, problem: Exception) -> web.Response:
    status, why = NO_WAY[type(problem)]
    return pages.render(request, "guest/closed", status=status, why=why)


def go_on(address: str) -> web.Response:
    """A redirect that can be returned inside a transaction: raising it there would undo what was done."""
    return web.Response(status=303, headers={"Location": address})
