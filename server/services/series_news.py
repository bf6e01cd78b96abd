"""Word of a whole programme: one overview to the patient, and to the clinician whatever somebody else did to it."""

from datetime import datetime

from server.care.access import CLINICIAN, Staff
from server.care.people import Patient
from server.care.safety import PROGRAMME
from server.services import outgoing, practice, tasks
from server.store import outbox, series
from server.store.database import Tx


async def tell_patient(tx: Tx, series_id: str, patient: Patient, *, now: datetime) -> None:
    """All dates as they stand once it is sent. Text messages of the single visits give way to it, letters do not:
    each of those carries a calendar entry, which is about one visit (RFC 5546, 3.2.2)."""
    for encounter_id in await series.encounter_ids(tx, series_id):
        await outbox.withdraw_texts(tx, encounter_id, now=now)
    await outgoing.queue_programme(tx, series_id=series_id, patient=patient, now=now)


async def tell_clinician(tx: Tx, patient_id: str, practitioner_id: str, *, by: Staff, now: datetime) -> None:
    """Session days are theirs to judge, whoever wrote them down."""
    whose = await practice.practitioner(tx, practitioner_id)
    await tasks.open_task(
        tx,
        kind=PROGRAMME,
        patient_id=patient_id,
        encounter_id=None,
        detail=None,
        by=by.account_id,
        now=now,
        owner_role=CLINICIAN,
        owner_id=whose.account_id,
    )
