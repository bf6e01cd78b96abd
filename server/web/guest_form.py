"""Inviting somebody into a visit, from the consult page or from the front desk: one form, one way to read it."""

from typing import Any

from aiohttp import web
from email_validator import EmailNotValidError, validate_email

from server.care.encounter import Encounter, EncounterOver
from server.care.guests import LONGEST_NAME, ROLES, InvitationRefused, TooManyInvited
from server.services import appointments, guests
from server.store.database import Tx
from server.web import keys, live
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

NO_NAME = N_("Write the name of the person you invite.")
NO_ROLE = N_("Choose what this person is in the visit.")
ODD_ADDRESS = N_("This is no e-mail address. Leave it empty to copy the link instead.")
TOO_MANY = N_("As many people are invited as this visit has places for. Remove one first.")
OVER = N_("This visit is over, so nobody can be invited to it.")


async def invite(request: web.Request) -> Form:
    """Read, and done when there is nothing wrong with it; else with the problems in it."""
    form = await read_form(request)
    role, name, email = _read(form)
    if not form.ok:
        return form
    encounter_id = request.match_info["encounter_id"]
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await guests.invite(
                tx,
                encounter_id=encounter_id,
                role=role,
                name=name,
                email=email,
                by=staff(request),
                now=request.app[keys.CLOCK].now(),
                seats=request.app[keys.GUEST_SEATS],
            )
    except InvitationRefused:
        form.problems["guest_name"] = NO_NAME
    except TooManyInvited:
        form.problems["guest_name"] = TOO_MANY
    except EncounterOver:
        form.problems["guest_name"] = OVER
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    return form


async def withdraw(request: web.Request) -> None:
    """The link first, so that nobody comes back by it, then the seat. Raises NoSuchInvitation."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].write() as tx:
        seat = await guests.withdraw(
            tx,
            encounter_id=encounter_id,
            invitation_id=request.match_info["invitation_id"],
            by=staff(request).account_id,
            now=request.app[keys.CLOCK].now(),
        )
    room = request.app[keys.ROOMS].find(encounter_id) if keys.ROOMS in request.app else None
    if room is not None:
        await room.remove(seat)
    request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))


async def shown(tx: Tx, request: web.Request, encounter: Encounter) -> dict[str, Any]:
    """What the list of invited people needs. Raises NoSuchVisit."""
    return {
        "encounter": encounter,
        "invited": await guests.of_visit(tx, encounter),
        "guest_link": f"{request.app[keys.SITE].patients_url}/guest/join/",
        "guest_roles": ROLES,
    }


async def visit_of(tx: Tx, request: web.Request) -> Encounter:
    """Raises NoSuchVisit."""
    return await appointments.visit(tx, request.match_info["encounter_id"])


def _read(form: Form) -> tuple[str, str, str | None]:
    """(role, name, address or None); problems stand in the form."""
    name = form.text("guest_name", required=NO_NAME, longest=LONGEST_NAME)
    role = form.text("guest_role")
    if role not in ROLES:
        form.problems["guest_role"] = NO_ROLE
    return role, name, form.parsed("guest_email", _address, ODD_ADDRESS)


def _address(typed: str) -> str | None:
    """None for an empty field. Raises ValueError."""
    if not typed:
        return None
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError as odd:
        raise ValueError(typed) from odd
