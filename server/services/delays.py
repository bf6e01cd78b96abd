"""Running late: the patient is told at once, in the waiting room and by mail or text message."""

from datetime import datetime

from server.care import delays as care
from server.care.access import Staff
from server.care.delays import Delay, NothingSaid, NotToBeDelayed
from server.care.encounter import Encounter
from server.services import appointments, outgoing, patients
from server.store import delays as store
from server.store.database import Tx
from server.store.ids import new_id


async def say(
    tx: Tx, encounter_id: str, *, minutes: int | None, words: str, by: Staff, now: datetime
) -> Delay:
    """Said again it replaces what was said before. Raises NoSuchVisit, NotToBeDelayed, NothingSaid.

    Words of somebody's own are read in the waiting room, behind the date of birth: what leaves the house says only
    that there is a message, because nobody knows beforehand what they will say.
    """
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.status not in ("planned", "arrived"):
        raise NotToBeDelayed
    words = words.strip()[: care.LONGEST]
    if minutes is None and not words:
        raise NothingSaid
    delay = Delay(
        id=new_id(),
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        minutes=minutes if not words else None,
        words=words or None,
        said_by=by.account_id,
        said_at=now,
    )
    await store.insert(tx, delay)
    await _tell(tx, encounter, delay, now=now)
    await appointments.record(tx, encounter, action="delay-told", by=by.account_id, now=now)
    return delay


async def _tell(tx: Tx, encounter: Encounter, delay: Delay, *, now: datetime) -> None:
    patient = await patients.by_id(tx, encounter.patient_id)
    for channel in patient.channels:
        await outgoing.queue_one(
            tx,
            kind=outgoing.LATE,
            encounter=encounter,
            channel=channel,
            about=delay.id,
            expires_at=encounter.planned_ends_at,
            facts=delay.id,
            now=now,
        )


async def newest(tx: Tx, encounters: list[Encounter]) -> dict[str, Delay]:
    """What was said last of each visit that has not begun."""
    waiting = [each.id for each in encounters if each.status in ("planned", "arrived")]
    return await store.newest(tx, waiting)
