"""Courses of treatment with their sessions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select, update

from server.care.plan import ACTIVE, REVOKED, CarePlan, DosingSession
from server.store import rows
from server.store.database import Tx
from server.store.tables.course import care_plans, dosing_sessions

PLAIN = (
    "id",
    "patient_id",
    "practitioner_id",
    "made_by",
    "made_at",
    "status",
    "version",
    "ended_at",
    "ended_by",
)


class StalePlan(Exception):
    """Somebody else changed this course since it was read; impossible within one write transaction."""


async def insert(tx: Tx, plan: CarePlan) -> None:
    """Raises ConstraintBroken when the patient has an active course."""
    await tx.run(care_plans.insert().values(await _row(tx, plan)))
    for session in plan.sessions:
        await tx.run(dosing_sessions.insert().values(**_session_row(plan, session)))


async def save(tx: Tx, plan: CarePlan) -> None:
    """Writes a changed course over the version before it. Raises StalePlan."""
    where = (care_plans.c.id == plan.id, care_plans.c.version == plan.version - 1)
    if not await tx.run(update(care_plans).where(*where).values(await _row(tx, plan))):
        raise StalePlan(plan.id)
    for session in plan.sessions:
        statement = update(dosing_sessions).where(dosing_sessions.c.id == session.id)
        await tx.run(statement.values(**_session_row(plan, session)))


async def _row(tx: Tx, plan: CarePlan) -> dict[str, Any]:
    values = {name: getattr(plan, name) for name in (*PLAIN, "end_reason")}
    return await rows.seal_row(tx, care_plans, values)


def _session_row(plan: CarePlan, session: DosingSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "patient_id": plan.patient_id,
        "plan_id": plan.id,
        "number": session.number,
        "planned_on": session.planned_on,
        "done_at": session.done_at,
    }


async def active_of(tx: Tx, patient_id: str) -> CarePlan | None:
    """The patient's one running course."""
    found = await of_patient(tx, patient_id)
    return next((plan for plan in found if plan.status == ACTIVE), None)


async def patients_on_a_course(tx: Tx) -> list[str]:
    """Whose newest course goes on or was completed; not those whose course was ended."""
    statement = select(care_plans.c.patient_id, care_plans.c.status).order_by(care_plans.c.made_at)
    newest = {row.patient_id: row.status for row in await tx.all(statement)}
    return [patient_id for patient_id, status in newest.items() if status != REVOKED]


async def of_patient(tx: Tx, patient_id: str) -> list[CarePlan]:
    """Oldest first; two statements however many there are."""
    return await _plans(tx, select(care_plans).where(care_plans.c.patient_id == patient_id))


async def of_session(tx: Tx, session_id: str) -> CarePlan | None:
    """The course this session is part of, whatever became of it."""
    joined = select(care_plans).join(dosing_sessions, dosing_sessions.c.plan_id == care_plans.c.id)
    found = await _plans(tx, joined.where(dosing_sessions.c.id == session_id))
    return found[0] if found else None


async def _plans(tx: Tx, statement: Select[Any]) -> list[CarePlan]:
    found = await tx.all(statement.order_by(care_plans.c.made_at))
    theirs = select(dosing_sessions).where(dosing_sessions.c.plan_id.in_([row.id for row in found]))
    sessions = await tx.all(theirs.order_by(dosing_sessions.c.number))
    return [await _value(tx, row, [each for each in sessions if each.plan_id == row.id]) for row in found]


async def _value(tx: Tx, row: Row[Any], sessions: Sequence[Row[Any]]) -> CarePlan:
    opened = await rows.open_row(tx, care_plans, row)
    return CarePlan(
        sessions=tuple(
            DosingSession(id=each.id, number=each.number, planned_on=each.planned_on, done_at=each.done_at)
            for each in sessions
        ),
        **{name: opened[name] for name in (*PLAIN, "end_reason")},
    )
