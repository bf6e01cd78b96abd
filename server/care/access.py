"""Who may do what: one table of predicates over the caller. Routes name one each; services add the relation.

A browser may hold a staff session, a visit's link, a patient's own pages and a half-done sign-in at once, so a
caller has independent sides.
"""

from dataclasses import dataclass
from datetime import datetime

FRONT_DESK = "front-desk"
CLINICIAN = "clinician"
ADMINISTRATOR = "administrator"
ROLES = (FRONT_DESK, CLINICIAN, ADMINISTRATOR)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """Somebody signed in. `practitioner_id` when patients can be booked with them."""

    account_id: str
    name: str
    roles: frozenset[str]
    practitioner_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Somebody who came through a visit's link. `verified` once the date of birth was right."""

    encounter_id: str
    session_id: str
    verified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """A patient's device on their own pages: `proven` by the date of birth, `remembered` since the code was right."""

    patient_id: str
    device_id: str
    proven: bool
    remembered: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """Somebody who came through an invitation to a visit. `introduced` once they said who they are."""

    invitation_id: str
    session_id: str
    introduced: bool
    admitted_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfSignedIn:
    """Somebody whose password was right and who has not proven a second factor: nobody yet, except where it is asked.

    `stage` is what is asked for next.
    """

    account_id: str
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """`visitor` and `invited` are only ever those for what the address names, `half` only known under /sign-in/."""

    staff: Staff | None = None
    visitor: Visitor | None = None
    invited: Invited | None = None
    guest: Guest | None = None
    half: HalfSignedIn | None = None

    def has(self, role: str) -> bool:
        return self.staff is not None and role in self.staff.roles


def nobody(caller: Caller) -> bool:
    """The default for whatever names no policy."""
    return False


def anyone(caller: Caller) -> bool:
    return True


def signed_in(caller: Caller) -> bool:
    return caller.staff is not None


def half_signed_in(caller: Caller) -> bool:
    """The password was right; for the pages that ask for the second factor."""
    return caller.half is not None


def front_desk(caller: Caller) -> bool:
    return caller.has(FRONT_DESK)


def clinician(caller: Caller) -> bool:
    return caller.has(CLINICIAN)


def administrator(caller: Caller) -> bool:
    return caller.has(ADMINISTRATOR)


def link_holder(caller: Caller) -> bool:
    """Pressed Continue on this visit's link; nothing proven yet."""
    return caller.visitor is not None


def visitor(caller: Caller) -> bool:
    """Pressed Continue and gave the right date of birth."""
    return caller.visitor is not None and caller.visitor.verified


def invited(caller: Caller) -> bool:
    """Pressed Continue on this invitation; a name is still to come."""
    return caller.invited is not None


def introduced(caller: Caller) -> bool:
    """Pressed Continue on this invitation and said who they are."""
    return caller.invited is not None and caller.invited.introduced


def in_the_call(caller: Caller) -> bool:
    """Has a seat in the visit's room: its patient, or a clinician."""
    return visitor(caller) or clinician(caller)


def at_the_door(caller: Caller) -> bool:
    """Pressed Continue on the link to a patient's own pages; nothing proven yet."""
    return caller.guest is not None


def past_the_door(caller: Caller) -> bool:
    """Gave the right date of birth there; the code is next."""
    return caller.guest is not None and (caller.guest.proven or caller.guest.remembered)


def at_home(caller: Caller) -> bool:
    """On a device that is remembered as this patient's."""
    return caller.guest is not None and caller.guest.remembered
