"""Third parties in a visit, by a link of their own: invited, introduced, let in after the patient's yes, put out."""

from dataclasses import dataclass, replace
from datetime import datetime

from server.care import encounter as visit_care
from server.care import guests as care
from server.care.access import Staff
from server.care.encounter import Encounter, EncounterOver, PresenceEvent
from server.care.guests import Invitation, Standing
from server.care.refusals import CareRefusal
from server.services import appointments, outgoing, visits
from server.services.outgoing import Delivery
from server.services.visits import LinkUnknown
from server.store import guests as store
from server.store import presence
from server.store.database import Tx
from server.store.ids import new_id

GUEST = "guest"


class InvitationWithdrawn(CareRefusal):
    """The clinic took this invitation back, or put its guest out of the call."""


class VisitCancelled(EncounterOver):
    """There will be no visit: whoever was invited to it is told so, and not that it is over."""


class NoSuchInvitation(Exception):
    """There is no such invitation to this visit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """An invitation as staff see it; `token` while its link works."""

    invitation: Invitation
    standing: Standing
    token: str | None
    told: Delivery | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a guest's browser sits, and what the record says about the seat."""

    encounter: Encounter
    invitation: Invitation
    standing: Standing
    admitted: bool


async def invite(
    tx: Tx,
    *,
    encounter_id: str,
    role: str,
    name: str,
    email: str | None,
    by: Staff,
    now: datetime,
    seats: int = care.USUAL_SEATS,
) -> Invitation:
    """A seat and a link for somebody, mailed when there is an address. The same wish again is the same invitation.

    `seats`: how many guests the visit's room has places for.

    Raises NoSuchVisit, EncounterOver, InvitationRefused, TooManyInvited.
    """
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.over:
        raise EncounterOver
    plain = care.checked_name(name)
    if role not in care.ROLES:
        raise care.InvitationRefused
    before = await store.of_encounter(tx, encounter_id)
    still_open = [each for each in before if each.revoked_at is None]
    for each in still_open:
        if (each.role, each.name, each.email) == (role, plain, email):
            return each
    if len(still_open) >= seats:
        raise care.TooManyInvited
    invitation = Invitation(
        id=new_id(),
        encounter_id=encounter.id,
        patient_id=encounter.patient_id,
        seat=care.next_seat(role, invited_before=len(before)),
        role=role,
        name=plain,
        email=email,
        said_name=None,
        invited_by=by.account_id,
        created_at=now,
    )
    await store.insert(tx, invitation)
    if email is not None:
        await outgoing.queue_guest(tx, invitation=invitation, now=now)
    await appointments.record(tx, encounter, action="guest-invited", by=by.account_id, now=now)
    return invitation


async def withdraw(tx: Tx, *, encounter_id: str, invitation_id: str, by: str, now: datetime) -> str:
    """The link is refused from now on; the seat's name, for whoever closes it in the room. Raises NoSuchInvitation."""
    invitation = await store.by_id(tx, invitation_id)
    if invitation is None or invitation.encounter_id != encounter_id:
        raise NoSuchInvitation
    if invitation.revoked_at is None:
        await store.revoke(tx, invitation_id, now=now)
        encounter = await appointments.visit(tx, encounter_id)
        await appointments.record(tx, encounter, action="guest-withdrawn", by=by, now=now)
    return invitation.seat


async def of_visit(tx: Tx, encounter: Encounter) -> list[Invited]:
    """Everybody whose invitation stands, the first one first."""
    events = await presence.of_encounter(tx, encounter.id)
    return [
        Invited(
            invitation=each,
            standing=care.standing(events, each.seat),
            token=None if encounter.over else store.token_for(tx, each.id),
            told=await outgoing.told_guest(tx, each.id),
        )
        for each in await store.of_encounter(tx, encounter.id)
        if each.revoked_at is None
    ]


async def find_link(tx: Tx, token: str) -> Invitation:
    """Raises LinkUnknown, InvitationWithdrawn."""
    invitation = await store.by_token(tx, token)
    if invitation is None:
        raise LinkUnknown
    if invitation.revoked_at is not None:
        raise InvitationWithdrawn
    return invitation


async def visit_of(tx: Tx, invitation: Invitation) -> Encounter:
    """The visit as long as it is to come or goes on. Raises VisitCancelled, EncounterOver."""
    encounter = await appointments.visit(tx, invitation.encounter_id)
    if encounter.status == "cancelled":
        raise VisitCancelled
    if encounter.over:
        raise EncounterOver
    return encounter


async def enter(tx: Tx, *, token: str, cookie: str, now: datetime) -> Invitation:
    """ "Continue" was pressed. Raises LinkUnknown, InvitationWithdrawn, VisitCancelled, EncounterOver."""
    invitation = await find_link(tx, token)
    encounter = await visit_of(tx, invitation)
    await store.open_session(
        tx,
        cookie=cookie,
        invitation_id=invitation.id,
        ends_at=max(now, encounter.planned_ends_at) + visit_care.LINK_STAYS,
        now=now,
    )
    return invitation


async def introduce(tx: Tx, *, invitation_id: str, session_id: str, name: str, now: datetime) -> None:
    """Who they say they are.

    Raises InvitationRefused, NameSettled, InvitationWithdrawn, VisitCancelled, EncounterOver.
    """
    invitation, encounter = await standing_invitation(tx, invitation_id)
    name = care.checked_name(name)
    found = care.standing(await presence.of_encounter(tx, encounter.id), invitation.seat)
    if found.agreed in ("asked", "yes") and name != invitation.said_name:
        raise care.NameSettled
    await store.name_themselves(tx, invitation, session_id=session_id, name=name, now=now)
    await appointments.record(tx, encounter, action="guest-introduced", by=GUEST, now=now)


async def standing_invitation(tx: Tx, invitation_id: str) -> tuple[Invitation, Encounter]:
    """Raises InvitationWithdrawn, VisitCancelled, EncounterOver."""
    invitation = await store.by_id(tx, invitation_id)
    if invitation is None or invitation.revoked_at is not None:
        raise InvitationWithdrawn
    return invitation, await visit_of(tx, invitation)


def has_seat(encounter: Encounter, now: datetime) -> bool:
    """Whether guests may sit in the visit's room: while its patient's door is open, and it is by video."""
    return visit_care.door(encounter, now) == "open" and encounter.mode == "video"


async def place(tx: Tx, *, invitation_id: str, admitted_at: datetime | None) -> Place:
    """Raises InvitationWithdrawn, VisitCancelled, EncounterOver."""
    invitation, encounter = await standing_invitation(tx, invitation_id)
    found = care.standing(await presence.of_encounter(tx, encounter.id), invitation.seat)
    admitted = admitted_at is not None and found.agreed == "yes" and encounter.status == "in-progress"
    if found.agreed == "yes" and admitted_at is None:
        # Said of whoever was let in from another browser, which this one is not known to be.
        found = replace(found, agreed=None)
    return Place(encounter=encounter, invitation=invitation, standing=found, admitted=admitted)


async def on_hold(tx: Tx, *, encounter_id: str, seat: str) -> bool:
    return care.standing(await presence.of_encounter(tx, encounter_id), seat).held


# What the room tells, and from which seat it was done.
ACTS = {
    "asked": ("guest-asked", "clinician"),
    "agreed": ("guest-agreed", "patient"),
    "declined": ("guest-declined", "patient"),
    "admitted": ("guest-admitted", "clinician"),
    "held": ("held", "clinician"),
    "taken-back": ("taken-back", "clinician"),
}


async def happened(
    tx: Tx, *, encounter_id: str, event: PresenceEvent, session_id: str | None, by: str | None
) -> None:
    """A guest's seat, or somebody's hold, as the trail and the browser's own admission keep it.

    `by`: the account in the clinician's seat, which may have handed the visit over and still be there.
    """
    if event.kind == "admitted" and session_id is not None:
        await store.let_in(tx, session_id, at=event.at)
    elif event.kind in ("declined", "left"):
        await store.let_nobody_in(tx, encounter_id=encounter_id, seat=event.seat)
    if event.kind in ACTS:
        action, seat = ACTS[event.kind]
        encounter = await appointments.visit(tx, encounter_id)
        who = seat if seat == visits.PATIENT else by or await visits.clinician_of(tx, encounter)
        await appointments.record(tx, encounter, action=action, by=who, now=event.at)
