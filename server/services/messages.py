"""Messages of a visit: written by its patient or by the clinic, read by both, each time on the record."""

from dataclasses import replace
from datetime import datetime

from server.care import messages as care
from server.care.access import Staff
from server.care.encounter import Encounter, EncounterOver
from server.care.messages import Message
from server.services import appointments, tasks
from server.store import audit
from server.store import messages as store
from server.store.database import Tx
from server.store.ids import new_id

PATIENT = "patient"
# The desk's task while nobody is in the call who would see the message.
WAITING = "message"


async def send(tx: Tx, *, encounter_id: str, text: str, by: Staff | None, now: datetime) -> Message:
    """Keeps a message; `by` None is the patient.

    Raises NoSuchVisit, EncounterOver, NothingWritten, MessageTooLong.
    """
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.over:
        raise EncounterOver
    message = Message(
        id=new_id(),
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        sender="clinic" if by else "patient",
        account_id=by.account_id if by else None,
        text=care.readable(text),
        sent_at=now,
    )
    await store.insert(tx, message)
    await _record(tx, encounter, action="message-written", by=by.account_id if by else PATIENT, now=now)
    if by is None and encounter.status != "in-progress":
        await _tell_the_desk(tx, encounter, now=now)
    return replace(message, author=by.name if by else None)


async def of_visit(tx: Tx, encounter_id: str, *, reader: str, now: datetime) -> list[Message]:
    """Oldest first. `reader` is an account's id, or PATIENT; needs a write transaction for the trail.

    Raises NoSuchVisit.
    """
    encounter = await appointments.visit(tx, encounter_id)
    found = await store.of_encounter(tx, encounter_id)
    if found:
        await _record(tx, encounter, action="messages-read", by=reader, now=now)
    return found


async def was_said(tx: Tx, encounter_id: str, text: str, *, since: datetime) -> bool:
    """Whether the clinic has written these very words since then. Raises NothingWritten, MessageTooLong."""
    kept = care.readable(text)
    known = [each for each in await store.of_encounter(tx, encounter_id) if each.sent_at > since]
    return any(each.sender == "clinic" and each.text == kept for each in known)


async def _tell_the_desk(tx: Tx, encounter: Encounter, *, now: datetime) -> None:
    await tasks.open_task(
        tx,
        kind=WAITING,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        by=PATIENT,
        now=now,
    )


async def _record(tx: Tx, encounter: Encounter, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="messages",
        object_id=encounter.id,
        patient_id=encounter.patient_id,
        now=now,
    )
