"""A visit as it happens (FHIR R4 Encounter, status codes verbatim): planned → arrived → in-progress → finished.

What happened is a list of presence events; everything a note says about the call is worked out from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from scheduling.bookings import AppointmentId, EncounterId, PatientId, PractitionerId
from server.care.call_losses import SHORTEST_GAP, STOPS, Loss, by_phone_and_back, losses
from server.care.refusals import CareRefusal

MAY_BECOME: dict[str, frozenset[str]] = {
    "planned": frozenset({"arrived", "in-progress", "finished", "cancelled"}),
    # Back to planned: the patient left the waiting room before anybody came.
    "arrived": frozenset({"planned", "in-progress", "finished", "cancelled"}),
    "in-progress": frozenset({"finished"}),
    "finished": frozenset(),
    "cancelled": frozenset(),
}
# A link lets in this long before the visit, and then until the clinician finishes it.
OPENS_BEFORE = timedelta(minutes=60)
# A visit that never was keeps its link alive this long after its planned end; a browser that came by it may come back.
LINK_STAYS = timedelta(hours=12)
# A visit that has taken so much longer than planned was not finished because nobody pressed the button.
FORGOTTEN_AFTER = timedelta(hours=1)
# So many wrong dates of birth lock a link; the clinic, once called, sends a new one.
WRONG_DATES = 5
# The wording of the entry page's agreement; a new wording is a new version.
AGREEMENT = "2026-11"

# A visit ended by a slip of the finger can be opened again this long.
REOPENS_FOR = timedelta(minutes=10)

# The two whose call it is. Others have facts of their own: see guests.py.
TWO = frozenset({"patient", "clinician"})


class EncounterOver(CareRefusal):
    """The visit is finished or cancelled."""


class IsHere(CareRefusal):
    """Somebody who waits or talks is no no-show."""


class TooLateToReopen(CareRefusal):
    """The visit was finished too long ago, or is not finished at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryAnswers:
    """What the patient said before coming in (clinical.md §4.1: asked at every visit, never copied from the last)."""

    where: str
    call_back: str
    with_whom: str
    agreed_at: datetime
    agreement: str = AGREEMENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Encounter:
    """`appointment_id` is None for a call started on the spot. `mode` is "video" or "phone"."""

    id: EncounterId
    appointment_id: AppointmentId | None
    patient_id: PatientId
    practitioner_id: PractitionerId
    visit_type: str
    mode: str
    status: str
    planned_starts_at: datetime
    planned_ends_at: datetime
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 1
    link_version: int = 1
    entry: EntryAnswers | None = None
    device_test: str | None = None
    # A person's decision that the patient did not come; the visit stays planned, so that a late one is let in.
    no_show_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.status in ("finished", "cancelled")


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceEvent:
    """`kind`: joined, admitted, left, lost, call-started, call-interrupted, call-resumed, finished, reopened.

    Also: picture-lost, picture-back, sound-lost, sound-back (nobody chose so: a device stopped, the path was weak),
    other-device (somebody else's browser came through the same link), by-phone and by-video (the patient asked to be
    called or the clinician rings, or it went back), desk-told (the desk was asked to call because the call broke off),
    and what became of the call's safety words: words-match, words-differ, words-forged. Of a guest's seat: asked (the
    patient, about this guest), agreed, declined, came-back (let in already), removed; of any seat but the clinician's:
    held, taken-back.
    """

    seat: str
    kind: str
    at: datetime


def door(
    encounter: Encounter, now: datetime
) -> Literal["too-early", "open", "past", "finished", "cancelled"]:
    """What a link finds. Open until the clinician finishes: nobody is locked out for being late or dropped.

    A visit that never was does not stay open for ever: its link is a key that lies about.
    """
    if encounter.status == "finished":
        return "finished"
    if encounter.status == "cancelled":
        return "cancelled"
    if encounter.status == "planned" and now < encounter.planned_starts_at - OPENS_BEFORE:
        return "too-early"
    if encounter.status == "planned" and now >= encounter.planned_ends_at + LINK_STAYS:
        return "past"
    return "open"


def arrive(encounter: Encounter, now: datetime) -> Encounter:
    """The patient is in the waiting room, or at the desk. Raises EncounterOver."""
    if encounter.status in ("arrived", "in-progress"):
        return encounter
    return replace(_become(encounter, "arrived"), arrived_at=encounter.arrived_at or now, no_show_at=None)


def go_away(encounter: Encounter) -> Encounter:
    """The patient left the waiting room; in a call or after it, leaving changes nothing."""
    if encounter.status != "arrived":
        return encounter
    return replace(_become(encounter, "planned"), arrived_at=None)


def start(encounter: Encounter, now: datetime) -> Encounter:
    """The clinician let the patient in, or rang. Raises EncounterOver."""
    if encounter.status == "in-progress":
        return encounter
    started = replace(_become(encounter, "in-progress"), no_show_at=None)
    return replace(started, started_at=encounter.started_at or now, arrived_at=encounter.arrived_at or now)


def goes_on(encounter: Encounter, now: datetime) -> bool:
    """Whether somebody talks with the patient, as far as one can tell: a visit that nobody has finished long after its
    length was forgotten, and must keep nothing from its clinician."""
    if encounter.status != "in-progress" or encounter.started_at is None:
        return False
    length = encounter.planned_ends_at - encounter.planned_starts_at
    return now < encounter.started_at + length + FORGOTTEN_AFTER


def finish(encounter: Encounter, now: datetime) -> Encounter:
    """Finishing twice changes nothing. Raises EncounterOver for a cancelled visit."""
    if encounter.status == "finished":
        return encounter
    return replace(_become(encounter, "finished"), finished_at=now, no_show_at=None)


def reopen(encounter: Encounter, now: datetime) -> Encounter:
    """Finish taken back, by the clinician who pressed it. Raises TooLateToReopen.

    Not a step of MAY_BECOME: nothing else may bring a finished visit back.
    """
    if encounter.status != "finished" or not can_reopen(encounter, now):
        raise TooLateToReopen
    status = "in-progress" if encounter.started_at else "planned"
    return replace(encounter, status=status, finished_at=None, version=encounter.version + 1)


def can_reopen(encounter: Encounter, now: datetime) -> bool:
    return encounter.finished_at is not None and now - encounter.finished_at <= REOPENS_FOR


def cancel(encounter: Encounter) -> Encounter:
    """Raises EncounterOver; a visit that has begun is finished, not cancelled."""
    return _become(encounter, "cancelled")


def no_show(encounter: Encounter, now: datetime) -> Encounter:
    """They did not come; twice is as good as once. Raises EncounterOver, IsHere."""
    if encounter.over:
        raise EncounterOver
    if encounter.status != "planned":
        raise IsHere
    if encounter.no_show_at is not None:
        return encounter
    return replace(encounter, no_show_at=now, version=encounter.version + 1)


def not_a_no_show(encounter: Encounter) -> Encounter:
    """The decision taken back."""
    if encounter.no_show_at is None:
        return encounter
    return replace(encounter, no_show_at=None, version=encounter.version + 1)


def by_phone(encounter: Encounter) -> Encounter:
    """Raises EncounterOver."""
    if encounter.over:
        raise EncounterOver
    return replace(encounter, mode="phone", version=encounter.version + 1)


def by_video(encounter: Encounter) -> Encounter:
    """Back from the telephone. Raises EncounterOver."""
    if encounter.over:
        raise EncounterOver
    return replace(encounter, mode="video", version=encounter.version + 1)


def _become(encounter: Encounter, status: str) -> Encounter:
    if status not in MAY_BECOME[encounter.status]:
        raise EncounterOver
    return replace(encounter, status=status, version=encounter.version + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFacts:
    """What the note says about the call. `gaps` are (from, to) without a connection; `to` None is still open.

    `checks` are (kind, at): what became of the safety words, and `words-renewed` where they had matched and then a new
    connection came for which nobody has compared them.
    `by_phone_from` when a call that began as video went on by telephone.
    """

    mode: str
    started_at: datetime | None
    ended_at: datetime | None
    by_phone_from: datetime | None
    # While a video call was on the telephone and came back.
    phone: tuple[tuple[datetime, datetime], ...]
    gaps: tuple[tuple[datetime, datetime | None], ...]
    # (seat, "picture" or "sound", from, to): missing in a running call although nobody chose so.
    losses: tuple[Loss, ...]
    checks: tuple[tuple[str, datetime], ...]
    persons: tuple[str, ...]
    where: str
    call_back: str
    with_whom: str


WORDS = frozenset({"words-match", "words-differ", "words-forged"})
RENEWED = "words-renewed"
# What ends a connection, and when the visit itself ended: it may be opened again.
BREAKS = frozenset({"call-interrupted", "lost", "left", "finished"}) | STOPS


def call_facts(encounter: Encounter, events: Iterable[PresenceEvent]) -> CallFacts:
    """The facts as the server saw them, from the first moment both could see each other to Finish."""
    ordered = sorted((e for e in events if e.seat in TWO or e.kind in STOPS), key=lambda event: event.at)
    started = next((e.at for e in ordered if e.kind == "call-started"), encounter.started_at)
    seats = (e.seat for e in ordered if e.kind in ("admitted", "joined", "call-started"))
    entry = encounter.entry
    return CallFacts(
        mode=encounter.mode,
        started_at=started,
        ended_at=encounter.finished_at,
        by_phone_from=_by_phone_from(encounter, ordered) if started else None,
        phone=by_phone_and_back(ordered) if started else (),
        gaps=_closed(_gaps(ordered), ended_at=encounter.finished_at),
        losses=losses(ordered),
        checks=checks(ordered),
        # Somebody who sits in front of an empty room is in no call.
        persons=tuple(dict.fromkeys(seats)) if started else (),
        where=entry.where if entry else "",
        call_back=entry.call_back if entry else "",
        with_whom=entry.with_whom if entry else "",
    )


def checks(events: Iterable[PresenceEvent]) -> tuple[tuple[str, datetime], ...]:
    """What is known of the call's safety words. A match belongs to one connection: the next one has other words."""
    found: list[tuple[str, datetime]] = []
    for event in events:
        if event.kind in WORDS and (event.seat in TWO or event.kind in STOPS):
            if found and found[-1][0] == RENEWED:
                found.pop()
            found.append((event.kind, event.at))
        elif event.kind == "call-started" and found and found[-1][0] == "words-match":
            found.append((RENEWED, event.at))
    return tuple(found)


def _by_phone_from(encounter: Encounter, events: list[PresenceEvent]) -> datetime | None:
    asked = [event.at for event in events if event.kind == "by-phone"]
    return asked[-1] if asked and encounter.mode == "phone" else None


Gap = tuple[datetime, datetime | None]


def _gaps(events: list[PresenceEvent]) -> list[Gap]:
    """From the call's first interruption of anybody until everybody is back; the last one may still be open."""
    found: list[Gap] = []
    running = False
    since: datetime | None = None
    missing: set[tuple[str, str]] = set()
    for event in events:
        if event.kind == "call-started":
            running = True
            missing.clear()
        elif event.kind == "by-phone":
            # They talk on another line now; a new call-started brings them back.
            running = False
            missing.clear()
        elif running and event.kind in BREAKS:
            since = since or event.at
            missing.add((event.seat, event.kind))
        elif event.kind == "call-resumed":
            missing = {each for each in missing if each[0] != event.seat}
        elif event.kind == "joined":
            # The same page again, whose media may never have stopped; another page starts a call of its own.
            missing.discard((event.seat, "lost"))
        if since is not None and not missing:
            found.append((since, event.at))
            since = None
    return [*found, (since, None)] if since is not None else found


def _closed(gaps: list[Gap], *, ended_at: datetime | None) -> tuple[Gap, ...]:
    """The gaps worth telling; the visit's end is the end of one that is still open."""
    ended = ((start, end or ended_at) for start, end in gaps)
    return tuple((start, end) for start, end in ended if end is None or end - start >= SHORTEST_GAP)
