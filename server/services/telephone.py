"""When a visit goes on by telephone: the patient asked, the clinician simply rings, the call broke off and stayed away,
or it was not safe."""

from datetime import datetime

from server.care import encounter as care
from server.care.cut_off import call_due
from server.care.encounter import Encounter, PresenceEvent
from server.services import appointments, patients, tasks, visits
from server.store import encounters, presence
from server.store.database import Tx

PATIENT, CLINICIAN = "patient", "clinician"
SYSTEM = "system"


async def by_phone(tx: Tx, *, encounter_id: str, now: datetime) -> Encounter:
    """ "Call me instead": the desk gets a task with the number, at once. Raises EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    after = before if before.mode == "phone" else care.by_phone(before)
    if after != before:
        await _changed(tx, after, kind="by-phone", seat=PATIENT, by=PATIENT, now=now)
        await tasks.withdraw(tx, kind=tasks.CALL_BROKE_OFF, encounter=after, by=PATIENT, now=now)
    await _ask_to_call(tx, after, kind=tasks.CALL_ME_INSTEAD, by=PATIENT, now=now)
    return after


async def rings(tx: Tx, *, encounter_id: str, by: str, now: datetime) -> Encounter:
    """The clinician rings: nobody else has to. Raises EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    after = before if before.mode == "phone" else care.by_phone(before)
    if after != before:
        await _changed(tx, after, kind="by-phone", seat=CLINICIAN, by=by, now=now)
    for kind in (tasks.CALL_BROKE_OFF, tasks.CALL_ME_INSTEAD):
        await tasks.withdraw(tx, kind=kind, encounter=after, by=by, now=now)
    return after


async def by_video(
    tx: Tx, *, encounter_id: str, seat: str = PATIENT, by: str = PATIENT, now: datetime
) -> Encounter:
    """Back from the telephone, where the visit was not booked so; nobody needs to be called. Raises EncounterOver."""
    before = await appointments.visit(tx, encounter_id)
    if await asked_for_phone(tx, before) is None:
        return before
    after = care.by_video(before)
    await _changed(tx, after, kind="by-video", seat=seat, by=by, now=now)
    await tasks.withdraw(tx, kind=tasks.CALL_ME_INSTEAD, encounter=after, by=by, now=now)
    return after


async def asked_for_phone(tx: Tx, encounter: Encounter) -> str | None:
    """Which seat wanted the visit to go on by telephone last; None where it does not, or was booked so."""
    events = await presence.of_encounter(tx, encounter.id) if encounter.mode == "phone" else []
    return next((event.seat for event in reversed(events) if event.kind == "by-phone"), None)


async def broken_off(tx: Tx, *, now: datetime) -> list[str]:
    """The ids of the visits whose patient is to be called now, because they were let in and have no call."""
    going_on = await encounters.with_status(tx, "in-progress")
    return [each.id for each in going_on if await _call_due(tx, each, now=now)]


async def call_about(tx: Tx, *, encounter_id: str, now: datetime) -> bool:
    """The desk's task for a call that is not there, once for each time; False when nobody needs to be called."""
    encounter = await appointments.visit(tx, encounter_id)
    if not await _call_due(tx, encounter, now=now):
        return False
    await _ask_to_call(tx, encounter, kind=tasks.CALL_BROKE_OFF, by=SYSTEM, now=now)
    event = PresenceEvent(seat=PATIENT, kind="desk-told", at=now)
    await presence.append(tx, encounter_id=encounter_id, event=event)
    return True


async def words_compared(
    tx: Tx, *, encounter_id: str, seat: str, account_id: str | None, verdict: str, now: datetime
) -> None:
    """The call's safety words were compared. Unless they match the room has stopped it, and the desk is to ring.

    `account_id`: who sat in the clinician's seat, if it was done there.
    """
    encounter = await appointments.visit(tx, encounter_id)
    by = PATIENT if seat == PATIENT else "guest"
    if seat == "clinician":
        by = account_id or await visits.clinician_of(tx, encounter)
    await appointments.record(tx, encounter, action=f"words-{verdict}", by=by, now=now)
    if verdict != "match":
        await _ask_to_call(tx, encounter, kind=tasks.CALL_NOT_SAFE, by=by, now=now)


async def _call_due(tx: Tx, encounter: Encounter, *, now: datetime) -> bool:
    return call_due(encounter, await presence.of_encounter(tx, encounter.id), now) is not None


async def _ask_to_call(tx: Tx, encounter: Encounter, *, kind: str, by: str, now: datetime) -> None:
    patient = await patients.by_id(tx, encounter.patient_id)
    await tasks.open_task(
        tx,
        kind=kind,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=encounter.entry.call_back if encounter.entry else patient.phone,
        by=by,
        now=now,
    )


async def _changed(tx: Tx, after: Encounter, *, kind: str, seat: str, by: str, now: datetime) -> None:
    await encounters.save(tx, after)
    event = PresenceEvent(seat=seat, kind=kind, at=now)
    await presence.append(tx, encounter_id=after.id, event=event)
    await appointments.record(tx, after, action=kind, by=by, now=now)
