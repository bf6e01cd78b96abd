"""A visit from the patient's side and from the room's: the link, the questions, who came and went."""

import hmac
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from scheduling import bookings
from server.care import encounter as care
from server.care.encounter import Encounter, EncounterOver, EntryAnswers, PresenceEvent
from server.care.people import Patient, Practitioner
from server.care.refusals import CareRefusal
from server.care.visit_kinds import Kind
from server.services import appointments, home, incidents, no_shows, patients, practice, tasks
from server.store import appointments as appointments_store
from server.store import encounters, links, presence, sessions
from server.store.database import Tx

PATIENT = "patient"
# Somebody who answered the questions earlier than this may be somewhere else by now.
ANSWERS_HOLD = timedelta(hours=12)


class LinkUnknown(CareRefusal):
    """Nobody made this link."""


class LinkReplaced(CareRefusal):
    """A newer message carries a newer link."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitView:
    """A visit with the people in it, as pages and the room need them."""

    encounter: Encounter
    patient: Patient
    practitioner: Practitioner
    visit_type: Kind


async def view(tx: Tx, encounter_id: str) -> VisitView | None:
    encounter = await encounters.by_id(tx, encounter_id)
    if encounter is None:
        return None
    return VisitView(
        encounter=encounter,
        patient=await patients.by_id(tx, encounter.patient_id),
        practitioner=await practice.practitioner(tx, encounter.practitioner_id),
        visit_type=await practice.visit_type(tx, encounter.visit_type),
    )


async def find_link(tx: Tx, token: str) -> Any:
    """The link's row. Raises LinkUnknown, LinkReplaced."""
    link = await links.by_token(tx, token)
    if link is None:
        raise LinkUnknown
    if link.revoked_at is not None:
        raise LinkReplaced
    return link


async def enter(tx: Tx, *, token: str, cookie: str, now: datetime) -> str:
    """ "Continue" was pressed: this browser may see the visit from now on. Returns the visit's id.

    Raises LinkUnknown, LinkReplaced, EncounterOver.
    """
    link = await find_link(tx, token)
    encounter = await appointments.visit(tx, link.encounter_id)
    if encounter.over or care.door(encounter, now) == "past":
        raise EncounterOver
    await sessions.open_visitor_session(
        tx,
        cookie=cookie,
        encounter_id=encounter.id,
        join_link_id=link.id,
        ends_at=max(now, encounter.planned_ends_at) + care.LINK_STAYS,
        now=now,
    )
    return str(encounter.id)


async def prove(tx: Tx, *, encounter_id: str, session_id: str, born: date, now: datetime) -> bool:
    """Compares the date of birth; a wrong one is counted on the link, whatever browser it came from.

    Returns False instead of raising for a wrong date, because the count must be committed; see `tries_left`.
    Raises LinkReplaced.
    """
    if await tries_left(tx, session_id) == 0:
        return False
    encounter = await appointments.visit(tx, encounter_id)
    expected = (await patients.by_id(tx, encounter.patient_id)).date_of_birth
    right = hmac.compare_digest(expected.isoformat().encode(), born.isoformat().encode())
    if right:
        await sessions.verify_visitor(tx, session_id, now)
    else:
        await links.count_wrong_date(tx, await sessions.link_of(tx, session_id))
        wrong = care.WRONG_DATES - await tries_left(tx, session_id)
        await incidents.count_wrong_date(tx, encounter, wrong=wrong, now=now)
    action = "identity-proven" if right else "identity-refused"
    await appointments.record(tx, encounter, action=action, by=PATIENT, now=now)
    return right


async def tries_left(tx: Tx, session_id: str) -> int:
    """Raises LinkReplaced: a new link is a new chance, the old one must not be another."""
    link = await links.by_id(tx, await sessions.link_of(tx, session_id))
    if link is None or link.revoked_at is not None:
        raise LinkReplaced
    return max(0, care.WRONG_DATES - int(link.wrong_dates))


def must_answer(encounter: Encounter, now: datetime) -> bool:
    """Whether the entry questions come next: where somebody is right now is not where they were yesterday."""
    if encounter.entry is None:
        return True
    return encounter.status != "in-progress" and encounter.entry.agreed_at < now - ANSWERS_HOLD


async def answer(
    tx: Tx, *, encounter_id: str, where: str, call_back: str, with_whom: str, now: datetime
) -> Encounter:
    """The entry questions, agreed to. Raises NoSuchVisit, EncounterOver."""
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.over:
        raise EncounterOver
    entry = EntryAnswers(where=where, call_back=call_back, with_whom=with_whom, agreed_at=now)
    answered = replace(encounter, entry=entry, version=encounter.version + 1)
    await encounters.save(tx, answered)
    await appointments.record(tx, answered, action="entry-answered", by=PATIENT, now=now)
    return answered


async def record(tx: Tx, *, encounter_id: str, event: PresenceEvent) -> None:
    await presence.append(tx, encounter_id=encounter_id, event=event)


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Who stands before the room's door, as its clinician is told. `away`: "never", "left", "lost", or "" for here.

    `other_device`: when somebody came through the same link with another browser, and was not let in yet.
    """

    away: str
    at: datetime | None
    other_device: datetime | None


async def door_of(tx: Tx, encounter_id: str) -> Door:
    came: PresenceEvent | None = None
    other: datetime | None = None
    for event in await presence.of_encounter(tx, encounter_id):
        if event.seat != PATIENT:
            continue
        if event.kind in ("joined", "left", "lost"):
            came = event
        elif event.kind == "other-device":
            other = event.at
        elif event.kind == "admitted":
            other = None
    if came is None:
        return Door(away="never", at=None, other_device=other)
    return Door(away="" if came.kind == "joined" else came.kind, at=came.at, other_device=other)


async def opened_again(tx: Tx, encounter_id: str) -> bool:
    """Whether the clinician took Finish back, and the patient has not been there since."""
    again = False
    for event in await presence.of_encounter(tx, encounter_id):
        if event.kind == "reopened":
            again = True
        elif event.seat == PATIENT and event.kind in ("joined", "left"):
            again = False
    return again


async def arrive(tx: Tx, *, encounter_id: str, now: datetime) -> None:
    """The patient is in the waiting room. Raises EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    await _save(tx, before, care.arrive(before, now), action="arrived", by=PATIENT, now=now)
    await no_shows.came_after_all(tx, before, by=PATIENT, now=now)


async def go_away(tx: Tx, *, encounter_id: str, by: str = PATIENT, now: datetime) -> None:
    """The patient left before anybody came; in a call, leaving changes nothing."""
    before = await appointments.visit(tx, encounter_id)
    await _save(tx, before, care.go_away(before), action="went-away", by=by, now=now)
    if before.status == "arrived":
        await tasks.withdraw(tx, kind=tasks.NOBODY_CAME, encounter=before, by=by, now=now)


async def waiting_by_page(tx: Tx) -> list[str]:
    """Ids of the visits whose patient waits at a page, as far as was written down; not those the desk has seen come."""
    arrived = await encounters.with_status(tx, "arrived")
    return [each.id for each in arrived if not (await door_of(tx, each.id)).away]


async def lose(tx: Tx, *, encounter_id: str, now: datetime) -> bool:
    """They waited at a page that nobody has heard of since the server is back. False when they left or were let in."""
    if encounter_id not in await waiting_by_page(tx):
        return False
    await go_away(tx, encounter_id=encounter_id, by="system", now=now)
    await record(tx, encounter_id=encounter_id, event=PresenceEvent(seat=PATIENT, kind="lost", at=now))
    return True


async def leave(tx: Tx, *, encounter_id: str, now: datetime) -> None:
    """ "Leave" was pressed on a page without a running room connection; the room writes its own."""
    await go_away(tx, encounter_id=encounter_id, now=now)
    await record(tx, encounter_id=encounter_id, event=PresenceEvent(seat=PATIENT, kind="left", at=now))


async def admit(tx: Tx, *, encounter_id: str, by: str | None = None, now: datetime) -> None:
    """The visit has begun. Raises EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    by = by or await clinician_of(tx, before)
    await _save(tx, before, care.start(before, now), action="admitted", by=by, now=now)
    await no_shows.came_after_all(tx, before, by=by, now=now)
    await tasks.withdraw(tx, kind=tasks.NOBODY_CAME, encounter=before, by=by, now=now)


async def clinician_of(tx: Tx, encounter: Encounter) -> str:
    """The account whose visit it is: who did it, where nobody is known to have sat in the clinician's seat."""
    return (await practice.practitioner(tx, encounter.practitioner_id)).account_id


async def finish(tx: Tx, *, encounter_id: str, by: str, now: datetime) -> Encounter:
    """The visit is over, for the calendar too; again is no mistake. Raises NoSuchVisit, EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    after = care.finish(before, now)
    if after == before:
        return after
    await encounters.save(tx, after)
    if after.appointment_id is not None:
        _, appointment = await appointments.booked(tx, encounter_id)
        if (fulfilled := bookings.fulfil(appointment)) != appointment:
            await appointments_store.save(tx, fulfilled)
    await record(
        tx, encounter_id=encounter_id, event=PresenceEvent(seat="clinician", kind="finished", at=now)
    )
    await appointments.record(tx, after, action="finished", by=by, now=now)
    await tasks.withdraw(tx, kind=tasks.CALL_BROKE_OFF, encounter=after, by=by, now=now)
    # The page after the call leads to the patient's own pages.
    await home.link_token(tx, after.patient_id, now=now)
    return after


async def reopen(tx: Tx, *, encounter_id: str, by: str, now: datetime) -> Encounter:
    """Finish taken back: the same link and the same note go on. Raises NoSuchVisit, TooLateToReopen.

    The appointment stays fulfilled: it took place, and somebody may have booked what was left of its time.
    """
    after = care.reopen(await appointments.visit(tx, encounter_id), now)
    await encounters.save(tx, after)
    event = PresenceEvent(seat="clinician", kind="reopened", at=now)
    await record(tx, encounter_id=encounter_id, event=event)
    await appointments.record(tx, after, action="reopened", by=by, now=now)
    return after


def has_seat(encounter: Encounter, now: datetime) -> bool:
    """Whether the patient may sit in the visit's room: what leads to the waiting room's page, and nothing less."""
    return care.door(encounter, now) == "open" and can_test(encounter, now)


def can_test(encounter: Encounter, now: datetime) -> bool:
    """Whether the patient may try camera and microphone: also before the waiting room opens."""
    return not encounter.over and encounter.mode == "video" and not must_answer(encounter, now)


async def save_device_test(tx: Tx, *, encounter_id: str, result: str, now: datetime) -> None:
    """`result` is a JSON object about devices, never about health; what it does not name stays as it was."""
    before = await appointments.visit(tx, encounter_id)
    known = json.loads(before.device_test or "{}")
    merged = json.dumps(known | json.loads(result) | {"at": now.isoformat()})
    after = replace(before, device_test=merged, version=before.version + 1)
    await _save(tx, before, after, action="device-test", by=PATIENT, now=now)


async def next_of_patient(tx: Tx, patient_id: str, *, now: datetime) -> VisitView | None:
    """What is ahead or going on, the earliest."""
    theirs = await encounters.of_patient(tx, patient_id)
    ahead = [e for e in theirs if not e.over and e.planned_ends_at > now]
    return await view(tx, ahead[0].id) if ahead else None


async def next_visit(tx: Tx, encounter: Encounter, *, now: datetime) -> VisitView | None:
    """The patient's next visit after this one, if one is booked."""
    theirs = await encounters.of_patient(tx, encounter.patient_id)
    ahead = [
        e for e in theirs if e.id != encounter.id and e.status == "planned" and e.planned_starts_at > now
    ]
    return await view(tx, ahead[0].id) if ahead else None


async def _save(tx: Tx, before: Encounter, after: Encounter, *, action: str, by: str, now: datetime) -> None:
    """What the rules handed back unchanged is not saved, and not put on the trail."""
    if after != before:
        await encounters.save(tx, after)
        await appointments.record(tx, after, action=action, by=by, now=now)
