"""Whether a visit takes place where its clinician may treat: by what the patient answered when they came in."""

from zoneinfo import ZoneInfo

from scheduling.visit_types import TEST_CALL
from server.care.encounter import Encounter
from server.care.jurisdiction import state_in
from server.services import licences, patients
from server.store.database import Tx


async def outside(tx: Tx, encounter: Encounter) -> str | None:
    """The state the patient says they are in, when the visit's clinician has no licence for it; else None."""
    if encounter.entry is None or encounter.visit_type == TEST_CALL:
        return None
    state = state_in(encounter.entry.where)
    if state is None:
        return None
    patient = await patients.by_id(tx, encounter.patient_id)
    on = encounter.entry.agreed_at.astimezone(ZoneInfo(patient.time_zone)).date()
    licensed = await licences.states_on(tx, encounter.practitioner_id, on=on)
    return state if licensed is not None and state not in licensed else None
