"""Courses of treatment with their sessions."""

from typing import Any

from sqlalchemy import Row, select, update

from server.care.plan import CarePlan, DosingSession
from server.store.database import Tx
from server.store.tables.course import care_plans, dosing_sessions

PLAIN = ("id", "patient_id", "practitioner_id", "made_by", "made_at", "status", "version")


class StalePlan(Exception):
    """Somebody else changed this course since it was read; impossible within one write transaction."""


async def insert(tx: Tx, plan: CarePlan) -> None:
    """Raises ConstraintBroken when the patient has an active course."""
    await tx.run(care_plans.insert().values({name: getattr(plan, name) for name in PLAIN}))
    for session in plan.sessions:
        await tx.run(dosing_sessions.insert().values(**_session_row(plan, session)))


async def save(tx: Tx, plan: CarePlan) -> None:
    """Writes a changed course over the version before it. Raises StalePlan."""
    where = (care_plans.c.id == plan.id, care_plans.c.version == plan.version - 1)
    changed = {"status": plan.status, "version": plan.version}
    if not await tx.run(update(care_plans).where(*where).values(changed)):
        raise StalePlan(plan.id)
    for session in plan.sessions:
        statement = update(dosing_sessions).where(dosing_sessions.c.id == session.id)
        await tx.run(statement.values(**_session_row(plan, session)))


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
    return next((plan for plan in found if plan.status == "active"), None)


async def patients_on_a_course(tx: Tx) -> list[str]:
    statement = select(care_plans.c.patient_id).where(care_plans.c.status == "active")
    return [row.patient_id for row in await tx.all(statement.order_by(care_plans.c.made_at))]


async def of_patient(tx: Tx, patient_id: str) -> list[CarePlan]:
    """Oldest first."""
    statement = select(care_plans).where(care_plans.c.patient_id == patient_id)
    return [await _value(tx, row) for row in await tx.all(statement.order_by(care_plans.c.made_at))]


async def of_session(tx: Tx, session_id: str) -> CarePlan | None:
    statement = select(care_plans).join(dosing_sessions, dosing_sessions.c.plan_id == care_plans.c.id)
    row = await tx.one(statement.where(dosing_sessions.c.id == session_id))
    return None if row is None else await _value(tx, row)


async def _value(tx: Tx, row: Row[Any]) -> CarePlan:
    statement = select(dosing_sessions).where(dosing_sessions.c.plan_id == row.id)
    sessions = await tx.all(statement.order_by(dosing_sessions.c.number))
    return CarePlan(
        sessions=tuple(
            DosingSession(id=each.id, number=each.number, planned_on=each.planned_on, done_at=each.done_at)
            for each in sessions
        ),
        **{name: getattr(row, name) for name in PLAIN},
    )
