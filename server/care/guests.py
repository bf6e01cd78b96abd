"""Third parties in a visit: sitter, interpreter, family, colleague. Who may be what, and who was there from when to
when; all of it worked out from the visit's presence events.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.care.call_losses import STOPS
from server.care.encounter import PresenceEvent
from server.care.refusals import CareRefusal

Agreed = Literal["asked", "yes", "no"]
ROLES = ("interpreter", "sitter", "family", "colleague")
# The longest name somebody is shown by.
LONGEST_NAME = 80
# What a visit of four seats leaves to guests. Whoever is invited beyond that finds no place in it, and nobody knows.
USUAL_SEATS = 2

# What may stand before a name and what behind it, without its full stops.
TITLES = frozenset({"dr", "miss", "mr", "mrs", "ms", "mx", "prof"})
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd"})


class InvitationRefused(CareRefusal):
    """An invitation needs a role that there is, and a name."""


class NameSettled(CareRefusal):
    """The patient was asked about somebody of another name: what they said does not hold for this one."""


class TooManyInvited(CareRefusal):
    """As many are invited as the visit has places for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A seat in one visit for somebody with a name and a role; its link works until the visit is finished."""

    id: str
    encounter_id: str
    patient_id: str
    seat: str
    role: str
    name: str
    email: str | None
    said_name: str | None
    invited_by: str
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def shown_as(self) -> str:
        return self.said_name or self.name

    @property
    def invited_as(self) -> str:
        """The name in the invitation, where they call themselves otherwise."""
        same = (self.said_name or self.name).casefold() == self.name.casefold()
        return "" if same else self.name


def next_seat(role: str, *, invited_before: int) -> str:
    """Never one that was used before: who was put out must not come back in another's place."""
    return f"{role}-{invited_before + 1}"


def role_of(seat: str) -> str:
    return seat.partition("-")[0]


def checked_name(name: str) -> str:
    """In one line, without marks nobody sees, as it is shown to others. Raises InvitationRefused."""
    seen = (mark for mark in name if unicodedata.category(mark) not in ("Cc", "Cf", "Cs") or mark.isspace())
    plain = " ".join("".join(seen).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise InvitationRefused
    return plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a seat stands: what the patient said ("asked", "yes", "no", or None), and whether it is on hold."""

    agreed: Agreed | None = None
    held: bool = False


AGREED: dict[str, Agreed] = {"asked": "asked", "agreed": "yes", "declined": "no"}
# What begins being in the call, and what ends it; the visit's own end ends it for everybody.
BEGINS = frozenset({"admitted", "came-back"})
ENDS = frozenset({"left", "lost", "declined", "removed"})
OVER = frozenset({"finished", "by-phone"}) | STOPS

# The kinds of events that a guest's part of a visit is worked out from.
KINDS = BEGINS | ENDS | OVER | frozenset({"agreed", "held", "taken-back"})


def standing(events: Iterable[PresenceEvent], seat: str) -> Standing:
    agreed: Agreed | None = None
    held = False
    for event in sorted(events, key=lambda each: each.at):
        if event.seat != seat:
            continue
        agreed = AGREED.get(event.kind, agreed)
        if event.kind in ("held", "taken-back", "declined"):
            held = event.kind == "held"
    return Standing(agreed=agreed, held=held)


def waiting(events: Iterable[PresenceEvent]) -> tuple[str, ...]:
    """The seats whose guests wait to be let in, the first one first; not those to whom the patient has said no."""
    found: dict[str, None] = {}
    for event in sorted(events, key=lambda each: each.at):
        if event.kind in OVER:
            found.clear()
        elif role_of(event.seat) not in ROLES:
            continue
        elif event.kind in ("joined", "asked"):
            found[event.seat] = None
        elif event.kind in BEGINS | ENDS:
            found.pop(event.seat, None)
    return tuple(found)


Span = tuple[datetime, datetime | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuestFacts:
    """What the note says about a guest. The last of `spans` and `holds` may be open."""

    role: str
    name: str
    invited_as: str
    agreed_at: datetime | None
    spans: tuple[Span, ...]
    holds: tuple[Span, ...]


def guest_facts(invitations: Iterable[Invitation], events: Iterable[PresenceEvent]) -> tuple[GuestFacts, ...]:
    """Everybody who was let in, the first one first."""
    ordered = sorted(events, key=lambda each: each.at)
    found = []
    for each in invitations:
        spans = _spans(ordered, each.seat, begins=BEGINS, ends=ENDS)
        if spans:
            agreed = [e.at for e in ordered if (e.seat, e.kind) == (each.seat, "agreed")]
            facts = GuestFacts(
                role=each.role,
                name=each.shown_as,
                invited_as=each.invited_as,
                agreed_at=agreed[-1] if agreed else None,
                spans=spans,
                holds=holds(ordered, each.seat),
            )
            found.append(facts)
    return tuple(sorted(found, key=lambda facts: facts.spans[0][0]))


def holds(events: Iterable[PresenceEvent], seat: str) -> tuple[Span, ...]:
    """When the seat was on hold: nobody heard or saw it, and it heard and saw nobody."""
    ordered = sorted(events, key=lambda each: each.at)
    return _spans(
        ordered, seat, begins=frozenset({"held"}), ends=frozenset({"taken-back", "declined", "removed"})
    )


def _spans(
    ordered: list[PresenceEvent], seat: str, *, begins: frozenset[str], ends: frozenset[str]
) -> tuple[Span, ...]:
    found: list[Span] = []
    since: datetime | None = None
    for event in ordered:
        mine = event.seat == seat
        if mine and event.kind in begins:
            since = since or event.at
        elif since is not None and ((mine and event.kind in ends) or event.kind in OVER):
            found.append((since, event.at))
            since = None
    return (*found, (since, None)) if since is not None else tuple(found)


def first_name(name: str) -> str:
    """What guests see the patient named. Never a surname: of "Mr. Lindqvist" they see "Mr."."""
    family, _, given = name.partition(",")
    if called := _without_titles(given):
        return called[0]
    called = _without_titles(family)
    return called[0] if len(called) > 1 else (family.split() or [name])[0]


def _without_titles(part: str) -> list[str]:
    words = part.replace(",", " ").split()
    return [word for word in words if word.replace(".", "").casefold() not in TITLES | SUFFIXES]
