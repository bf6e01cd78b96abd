"""Tasks: where every alarm ends, until somebody acknowledges it by name."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.care.tasks import Task
from server.store import rows
from server.store.database import Tx
from server.store.tables.tasks import tasks

FIELDS = tuple(field.name for field in fields(Task))


async def _value(tx: Tx, row: Row[Any]) -> Task:
    opened = await rows.open_row(tx, tasks, row)
    return Task(**{name: opened[name] for name in FIELDS})


async def insert(tx: Tx, task: Task) -> None:
    await tx.run(tasks.insert().values(await rows.seal_row(tx, tasks, asdict(task))))


async def open_ones(tx: Tx, *, roles: Iterable[str]) -> list[Task]:
    """Unacknowledged tasks of these roles, the most urgent first."""
    statement = select(tasks).where(tasks.c.acknowledged_at.is_(None), tasks.c.owner_role.in_(sorted(roles)))
    found = await tx.all(statement.order_by(tasks.c.due_at, tasks.c.created_at))
    return [await _value(tx, row) for row in found]


async def open_one_like(
    tx: Tx, *, kind: str, patient_id: str | None, encounter_id: str | None, subject_id: str | None = None
) -> Task | None:
    """The newest unacknowledged task of this kind about the same visit; without one, about the same patient.

    Without a `subject_id`, whatever else it is about.
    """
    statement = select(tasks).where(
        tasks.c.kind == kind,
        tasks.c.patient_id == patient_id,
        tasks.c.encounter_id == encounter_id,
        tasks.c.acknowledged_at.is_(None),
    )
    if subject_id is not None:
        statement = statement.where(tasks.c.subject_id == subject_id)
    row = await tx.one(statement.order_by(tasks.c.created_at.desc()).limit(1))
    return None if row is None else await _value(tx, row)


async def open_about(tx: Tx, *, patient_id: str, kinds: Iterable[str]) -> list[Task]:
    """Every unacknowledged task of these kinds about a patient, whosever it is."""
    statement = select(tasks).where(
        tasks.c.patient_id == patient_id, tasks.c.kind.in_(sorted(kinds)), tasks.c.acknowledged_at.is_(None)
    )
    return [await _value(tx, row) for row in await tx.all(statement.order_by(tasks.c.created_at))]


async def open_of_subject(tx: Tx, subject_id: str) -> list[Task]:
    """Every unacknowledged task about an absence or a licence."""
    statement = select(tasks).where(tasks.c.subject_id == subject_id, tasks.c.acknowledged_at.is_(None))
    return [await _value(tx, row) for row in await tx.all(statement.order_by(tasks.c.created_at))]


async def overdue_with_owner(tx: Tx, *, now: datetime) -> list[str]:
    """Ids of the tasks that one person was to take and did not, the longest overdue first."""
    statement = select(tasks.c.id).where(
        tasks.c.due_at <= now,
        tasks.c.acknowledged_at.is_(None),
        tasks.c.owner_id.is_not(None),
        tasks.c.taken_at.is_(None),
    )
    return [row.id for row in await tx.all(statement.order_by(tasks.c.due_at))]


async def disown(tx: Tx, task_id: str) -> bool:
    """It is everybody's now. False when it already was, or somebody took it meanwhile."""
    statement = update(tasks).where(
        tasks.c.id == task_id,
        tasks.c.acknowledged_at.is_(None),
        tasks.c.owner_id.is_not(None),
        tasks.c.taken_at.is_(None),
    )
    return bool(await tx.run(statement.values(owner_id=None)))


async def save_owner(tx: Tx, task: Task) -> None:
    """Who has it now; nothing once it is done."""
    statement = update(tasks).where(tasks.c.id == task.id, tasks.c.acknowledged_at.is_(None))
    await tx.run(statement.values(owner_id=task.owner_id, taken_at=task.taken_at))


async def of_encounter(tx: Tx, encounter_id: str) -> list[Task]:
    """All there were about a visit, oldest first."""
    statement = select(tasks).where(tasks.c.encounter_id == encounter_id)
    return [await _value(tx, row) for row in await tx.all(statement.order_by(tasks.c.created_at))]


async def of_kinds(tx: Tx, kinds: Iterable[str]) -> list[Task]:
    """All there were of these kinds, the newest first."""
    statement = select(tasks).where(tasks.c.kind.in_(list(kinds)))
    return [await _value(tx, row) for row in await tx.all(statement.order_by(tasks.c.created_at.desc()))]


async def of_patient(tx: Tx, patient_id: str) -> list[Task]:
    """All there were about a patient, oldest first."""
    statement = select(tasks).where(tasks.c.patient_id == patient_id)
    return [await _value(tx, row) for row in await tx.all(statement.order_by(tasks.c.created_at))]


async def by_id(tx: Tx, task_id: str) -> Task | None:
    row = await tx.one(select(tasks).where(tasks.c.id == task_id))
    return None if row is None else await _value(tx, row)


async def save_acknowledgement(tx: Tx, task: Task) -> bool:
    """False when somebody already had: the first name stays."""
    statement = update(tasks).where(tasks.c.id == task.id, tasks.c.acknowledged_at.is_(None))
    sealed = await rows.seal_row(tx, tasks, asdict(task))
    values = {name: sealed[name] for name in ("acknowledged_at", "acknowledged_by", "note")}
    return bool(await tx.run(statement.values(values)))


async def give_all_of_visit(tx: Tx, encounter_id: str, *, owner_id: str, to: str) -> None:
    """What one person was to do about a visit is another's now."""
    theirs = (tasks.c.encounter_id == encounter_id, tasks.c.owner_id == owner_id)
    statement = update(tasks).where(*theirs, tasks.c.acknowledged_at.is_(None))
    await tx.run(statement.values(owner_id=to, taken_at=None))
