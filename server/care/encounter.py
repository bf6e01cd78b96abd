"""A visit as it happens (FHIR R4 Encounter, status codes verbatim): planned → arrived → in-progress → finished.

What happened is a list of presence events; everything a note says about the call is worked out from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from scheduling.bookings import AppointmentId, EncounterId, PatientId, PractitionerId
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
# So many wrong dates of birth lock a link; the clinic, once called, sends a new one.
WRONG_DATES = 5
# The wording of the entry page's agreement; a new wording is a new version.
AGREEMENT = "2026-11"

Seat = Literal["patient", "clinician"]


class EncounterOver(CareRefusal):
    """The visit is finished or cancelled."""


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

    @property
    def over(self) -> bool:
        return self.status in ("finished", "cancelled")


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceEvent:
    """`kind`: joined, admitted, left, lost, call-started, call-interrupted, call-resumed, by-phone, finished, or what
    became of the call's safety words: words-match, words-differ, words-forged.
    """

    seat: str
    kind: str
    at: datetime


def door(encounter: Encounter, now: datetime) -> Literal["too-early", "open", "finished", "cancelled"]:
    """What a link finds. Open until the clinician finishes: nobody is locked out for being late or dropped."""
    if encounter.status == "finished":
        return "finished"
    if encounter.status == "cancelled":
        return "cancelled"
    if encounter.status == "planned" and now < encounter.planned_starts_at - OPENS_BEFORE:
        return "too-early"
    return "open"


def arrive(encounter: Encounter, now: datetime) -> Encounter:
    """The patient is in the waiting room, or at the desk. Raises EncounterOver."""
    if encounter.status in ("arrived", "in-progress"):
        return encounter
    return replace(_become(encounter, "arrived"), arrived_at=encounter.arrived_at or now)


def go_away(encounter: Encounter) -> Encounter:
    """The patient left the waiting room; in a call or after it, leaving changes nothing."""
    if encounter.status != "arrived":
        return encounter
    return replace(_become(encounter, "planned"), arrived_at=None)


def start(encounter: Encounter, now: datetime) -> Encounter:
    """The clinician let the patient in, or rang. Raises EncounterOver."""
    if encounter.status == "in-progress":
        return encounter
    started = _become(encounter, "in-progress")
    return replace(started, started_at=encounter.started_at or now, arrived_at=encounter.arrived_at or now)


def finish(encounter: Encounter, now: datetime) -> Encounter:
    """Finishing twice changes nothing. Raises EncounterOver for a cancelled visit."""
    if encounter.status == "finished":
        return encounter
    return replace(_become(encounter, "finished"), finished_at=now)


def cancel(encounter: Encounter) -> Encounter:
    """Raises EncounterOver; a visit that has begun is finished, not cancelled."""
    return _become(encounter, "cancelled")


def by_phone(encounter: Encounter) -> Encounter:
    """Raises EncounterOver."""
    if encounter.over:
        raise EncounterOver
    return replace(encounter, mode="phone", version=encounter.version + 1)


def _become(encounter: Encounter, status: str) -> Encounter:
    if status not in MAY_BECOME[encounter.status]:
        raise EncounterOver
    return replace(encounter, status=status, version=encounter.version + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFacts:
    """What the note says about the call. `gaps` are (from, to) without a connection; `to` None is still open.

    `checks` are (kind, at): what became of the safety words, and `words-renewed` where they had matched and then a new
    connection came for which nobody has compared them.
    """

    mode: str
    started_at: datetime | None
    ended_at: datetime | None
    gaps: tuple[tuple[datetime, datetime | None], ...]
    checks: tuple[tuple[str, datetime], ...]
    persons: tuple[str, ...]
    where: str
    call_back: str
    with_whom: str


WORDS = frozenset({"words-match", "words-differ", "words-forged"})
STOPS = frozenset({"words-differ", "words-forged"})
RENEWED = "words-renewed"
# A shorter silence is a hiccup nobody noticed, not a gap in care.
SHORTEST_GAP = timedelta(seconds=5)


def call_facts(encounter: Encounter, events: Iterable[PresenceEvent]) -> CallFacts:
    """The facts as the server saw them, from the first moment both could see each other to Finish."""
    ordered = sorted(events, key=lambda event: event.at)
    started = next((e.at for e in ordered if e.kind == "call-started"), encounter.started_at)
    persons = tuple(
        dict.fromkeys(e.seat for e in ordered if e.kind in ("admitted", "joined", "call-started"))
    )
    entry = encounter.entry
    return CallFacts(
        mode=encounter.mode,
        started_at=started,
        ended_at=encounter.finished_at,
        gaps=_gaps(ordered, ended_at=encounter.finished_at),
        checks=checks(ordered),
        persons=persons,
        where=entry.where if entry else "",
        call_back=entry.call_back if entry else "",
        with_whom=entry.with_whom if entry else "",
    )


def checks(events: Iterable[PresenceEvent]) -> tuple[tuple[str, datetime], ...]:
    """What is known of the call's safety words. A match belongs to one connection: the next one has other words."""
    found: list[tuple[str, datetime]] = []
    for event in events:
        if event.kind in WORDS:
            if found and found[-1][0] == RENEWED:
                found.pop()
            found.append((event.kind, event.at))
        elif event.kind == "call-started" and found and found[-1][0] == "words-match":
            found.append((RENEWED, event.at))
    return tuple(found)


def _gaps(
    events: list[PresenceEvent], *, ended_at: datetime | None
) -> tuple[tuple[datetime, datetime | None], ...]:
    """From the call's first interruption of anybody until everybody is back."""
    found: list[tuple[datetime, datetime | None]] = []
    running = False
    since: datetime | None = None
    missing: set[str] = set()
    for event in events:
        if event.kind == "call-started":
            running = True
            missing.clear()
        elif running and event.kind in {"call-interrupted", "lost", "left"} | STOPS:
            since = since or event.at
            missing.add(event.seat)
        elif running and event.kind == "call-resumed":
            missing.discard(event.seat)
        if since is not None and not missing:
            found.append((since, event.at))
            since = None
    if since is not None:
        found.append((since, ended_at))
    return tuple((start, end) for start, end in found if end is None or end - start >= SHORTEST_GAP)
