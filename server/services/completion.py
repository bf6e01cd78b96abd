"""A course completes by itself: whatever was the last thing it waited for, a session, an entry or a lifted hold."""

from datetime import datetime

from server.care import plan as care
from server.care.safety import on_hold
from server.store import audit, holds, journals, plans
from server.store.database import Tx


async def settle(tx: Tx, patient_id: str, *, by: str, now: datetime) -> None:
    """Completes the patient's course if it waits for nothing more; while it is on hold it does not (§5.1)."""
    plan = await plans.active_of(tx, patient_id)
    if plan is None or on_hold(await holds.of_patient(tx, patient_id)):
        return
    shared = {each.session_id for each in await journals.of_patient(tx, patient_id) if each.shared}
    completed = care.complete(plan, shared=shared, now=now)
    if completed is plan:
        return
    await plans.save(tx, completed)
    await audit.append(
        tx,
        actor=by,
        action="course-completed",
        object_kind="course",
        object_id=plan.id,
        patient_id=patient_id,
        now=now,
    )
