"""Tasks: raising an alarm for somebody to act on, and acknowledging it by name."""

from datetime import datetime, timedelta

from server.care import tasks as care
from server.care.access import FRONT_DESK, Staff
from server.care.tasks import Task
from server.store import audit
from server.store import tasks as store
from server.store.database import Tx
from server.store.ids import new_id

CALL_BACK = "call-back"
# How soon somebody should have acted, by kind.
DUE = {CALL_BACK: timedelta(minutes=5)}
DUE_OTHERWISE = timedelta(minutes=30)


class NoSuchTask(Exception):
    """There is no such task, or it is not this person's to see."""


async def open_task(
    tx: Tx,
    *,
    kind: str,
    patient_id: str | None,
    encounter_id: str | None,
    detail: str | None,
    by: str,
    now: datetime,
    owner_role: str = FRONT_DESK,
    owner_id: str | None = None,
) -> str:
    """The task's id. Asking twice for one visit keeps one task: an alarm is not louder for being doubled."""
    if encounter_id is not None:
        known = await store.open_one_like(tx, kind=kind, encounter_id=encounter_id)
        if known is not None and known.detail == detail:
            return known.id
    task = Task(
        id=new_id(),
        kind=kind,
        patient_id=patient_id,
        encounter_id=encounter_id,
        owner_role=owner_role,
        owner_id=owner_id,
        detail=detail,
        created_at=now,
        due_at=now + DUE.get(kind, DUE_OTHERWISE),
    )
    await store.insert(tx, task)
    await _record(tx, task, action="task-opened", by=by, now=now)
    return task.id


async def open_tasks(tx: Tx, *, staff: Staff) -> list[Task]:
    """What waits for this person, the most urgent first."""
    return await store.open_ones(tx, roles=staff.roles, account_id=staff.account_id)


async def acknowledge(tx: Tx, task_id: str, *, by: Staff, now: datetime) -> Task:
    """Takes the task off the list under this person's name. Raises NoSuchTask, AlreadyAcknowledged."""
    task = await store.by_id(tx, task_id)
    if task is None or task.owner_role not in by.roles or task.owner_id not in (None, by.account_id):
        raise NoSuchTask(task_id)
    done = care.acknowledge(task, by=by.account_id, now=now)
    await store.save_acknowledgement(tx, done)
    await _record(tx, done, action="task-acknowledged", by=by.account_id, now=now)
    return done


async def _record(tx: Tx, task: Task, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="task",
        object_id=task.id,
        patient_id=task.patient_id,
        now=now,
    )
