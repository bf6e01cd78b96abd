"""The course, thin (FHIR CarePlan): four dated sessions. Whether it is on hold is the holds' business (safety.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import NewType

from scheduling.bookings import PatientId, PractitionerId
from server.care.refusals import CareRefusal

PlanId = NewType("PlanId", str)
SessionId = NewType("SessionId", str)
SESSIONS = 4


class DatesUnfit(CareRefusal):
    """A course has four sessions, each on a later day than the one before, none of them in the past."""


class PlanAlreadyThere(CareRefusal):
    """The patient has a course already; one at a time."""


class SessionAlreadyDone(CareRefusal):
    """A session that was held keeps its day."""


class SessionNotYet(CareRefusal):
    """The sessions are held in their order, and none before its day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DosingSession:
    """`planned_on` is a day on the patient's calendar."""

    id: SessionId
    number: int
    planned_on: date
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CarePlan:
    """`status` is "active", "completed" or "revoked"; `sessions` in their order."""

    id: PlanId
    patient_id: PatientId
    practitioner_id: PractitionerId
    made_by: str
    made_at: datetime
    sessions: tuple[DosingSession, ...]
    status: str = "active"
    version: int = 1

    @property
    def next(self) -> DosingSession | None:
        return next((session for session in self.sessions if session.done_at is None), None)

    @property
    def done(self) -> dict[int, datetime]:
        """When each session that was held was held, by its number."""
        return {each.number: each.done_at for each in self.sessions if each.done_at is not None}


def make(
    *,
    id: PlanId,  # noqa: A002 -- the field's own name
    patient_id: PatientId,
    practitioner_id: PractitionerId,
    made_by: str,
    sessions: Sequence[tuple[SessionId, date]],
    today: date,
    now: datetime,
) -> CarePlan:
    """A new course. `today` is the patient's. Raises DatesUnfit."""
    days = [day for _, day in sessions]
    if len(days) != SESSIONS or days[0] < today or not _rising(days):
        raise DatesUnfit
    return CarePlan(
        id=id,
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        made_by=made_by,
        made_at=now,
        sessions=tuple(
            DosingSession(id=session_id, number=number, planned_on=day)
            for number, (session_id, day) in enumerate(sessions, start=1)
        ),
    )


def move(plan: CarePlan, days: Sequence[date], *, today: date) -> CarePlan:
    """The course with other days for the sessions that are still ahead. Raises DatesUnfit, SessionAlreadyDone."""
    if len(days) != len(plan.sessions) or not _rising(days):
        raise DatesUnfit
    moved = []
    for session, day in zip(plan.sessions, days, strict=True):
        if day != session.planned_on:
            if session.done_at is not None:
                raise SessionAlreadyDone
            if day < today:
                raise DatesUnfit
        moved.append(replace(session, planned_on=day))
    return replace(plan, sessions=tuple(moved), version=plan.version + 1)


def _rising(days: Sequence[date]) -> bool:
    return all(day < following for day, following in pairwise(days))


def finish_session(plan: CarePlan, session_id: str, *, today: date, now: datetime) -> CarePlan:
    """ "Session done": the next one in order, on its day or later; again is no mistake.

    A hold does not stop it: what happened is written down, all the more when it should not have. Raises SessionNotYet.
    """
    done = next((each for each in plan.sessions if each.id == session_id), None)
    if done is not None and done.done_at is not None:
        return plan
    if done is None or done != plan.next or done.planned_on > today:
        raise SessionNotYet
    sessions = tuple(replace(each, done_at=now) if each == done else each for each in plan.sessions)
    return replace(plan, sessions=sessions, version=plan.version + 1)
