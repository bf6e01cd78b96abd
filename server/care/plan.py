"""The course, thin (FHIR CarePlan): four dated sessions. Whether it is on hold is the holds' business (safety.py)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NewType

from scheduling.bookings import PatientId, PractitionerId
from server.care.refusals import CareRefusal

PlanId = NewType("PlanId", str)
SessionId = NewType("SessionId", str)
SESSIONS = 4
ACTIVE, COMPLETED, REVOKED = "active", "completed", "revoked"
# Nobody holds two sessions within so little time: it is the same one, said done again by an older page.
SAME_SESSION = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseRules:
    """The clinic's protocol: `min_between` is in real hours from one session done to the next (clinical.md §5.5)."""

    min_between: timedelta = timedelta(hours=72)


STANDARD = CourseRules()


class DatesUnfit(CareRefusal):
    """A course has four sessions, each on a later day than the one before, none of them in the past."""


class DatesTooClose(CareRefusal):
    """Two sessions are planned closer to each other than the clinic's protocol allows."""


class PlanAlreadyThere(CareRefusal):
    """The patient has a course already; one at a time."""


class SessionAlreadyDone(CareRefusal):
    """A session that was held keeps its day."""


class SessionNotYet(CareRefusal):
    """The sessions are held in their order, and none before its day."""


class SessionJustDone(CareRefusal):
    """A session was said done a few hours ago; no other one can have been held since."""


class EndReasonMissing(CareRefusal):
    """A course is ended with a reason."""


class CourseOver(CareRefusal):
    """The course was completed or ended and stays so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DosingSession:
    """`planned_on` is a day on the patient's calendar."""

    id: SessionId
    number: int
    planned_on: date
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CarePlan:
    """`status` is ACTIVE; COMPLETED; or REVOKED, by a clinician with a reason. `sessions` in their order."""

    id: PlanId
    patient_id: PatientId
    practitioner_id: PractitionerId
    made_by: str
    made_at: datetime
    sessions: tuple[DosingSession, ...]
    status: str = ACTIVE
    version: int = 1
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str | None = None

    @property
    def next(self) -> DosingSession | None:
        return next((session for session in self.sessions if session.done_at is None), None)

    @property
    def done(self) -> dict[int, datetime]:
        """When each session that was held was held, by its number."""
        return {each.number: each.done_at for each in self.sessions if each.done_at is not None}

    def opens_at(self, rules: CourseRules) -> datetime | None:
        """From when on the next session may be held, by the hours that have to lie between; None: from its day on."""
        return max(self.done.values()) + rules.min_between if self.done and self.next else None


def make(
    *,
    id: PlanId,  # noqa: A002 -- the field's own name
    patient_id: PatientId,
    practitioner_id: PractitionerId,
    made_by: str,
    sessions: Sequence[tuple[SessionId, date]],
    today: date,
    now: datetime,
    rules: CourseRules = STANDARD,
) -> CarePlan:
    """A new course. `today` is the patient's. Raises DatesUnfit, DatesTooClose."""
    days = [day for _, day in sessions]
    if len(days) != SESSIONS or days[0] < today or not _rising(days):
        raise DatesUnfit
    if _too_close(days, rules):
        raise DatesTooClose
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


def move(plan: CarePlan, days: Sequence[date], *, today: date, rules: CourseRules = STANDARD) -> CarePlan:
    """The course with other days for the sessions that are still ahead.

    Raises DatesUnfit, DatesTooClose, SessionAlreadyDone.
    """
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
    # From the last one that was held on: what lies behind keeps its days, however close they were.
    if _too_close(days[max(len(plan.done) - 1, 0) :], rules):
        raise DatesTooClose
    return replace(plan, sessions=tuple(moved), version=plan.version + 1)


def _rising(days: Sequence[date]) -> bool:
    return all(day < following for day, following in pairwise(days))


def _too_close(days: Sequence[date], rules: CourseRules) -> bool:
    return any(following - day < rules.min_between for day, following in pairwise(days))


def finish_session(plan: CarePlan, session_id: str, *, today: date, now: datetime) -> CarePlan:
    """ "Session done": the next one in order, on its day or later; again is no mistake.

    Neither a hold nor too few hours since the last one stop it (see `too_soon`): what happened is written down, all
    the more when it should not have. Raises SessionNotYet, SessionJustDone, CourseOver.
    """
    done = next((each for each in plan.sessions if each.id == session_id), None)
    if done is not None and done.done_at is not None:
        return plan
    if plan.status != ACTIVE:
        raise CourseOver
    if plan.done and now - max(plan.done.values()) < SAME_SESSION:
        raise SessionJustDone
    if done is None or done != plan.next or done.planned_on > today:
        raise SessionNotYet
    sessions = tuple(replace(each, done_at=now) if each == done else each for each in plan.sessions)
    return replace(plan, sessions=sessions, version=plan.version + 1)


def too_soon(plan: CarePlan, *, rules: CourseRules, now: datetime) -> bool:
    """Whether a session held now comes sooner after the last one than the protocol allows, in real hours."""
    opens_at = plan.opens_at(rules)
    return opens_at is not None and now < opens_at


def complete(plan: CarePlan, *, shared: Collection[str | None], now: datetime) -> CarePlan:
    """The course completed, once every session was held and its journal entry is shared; else as it is.

    `shared` are ids of the sessions whose entry is. The rule is the article's (clinical.md, introduction).
    """
    if plan.status != ACTIVE or any(each.done_at is None or each.id not in shared for each in plan.sessions):
        return plan
    return replace(plan, status=COMPLETED, ended_at=now, version=plan.version + 1)


def end(plan: CarePlan, *, by: str, reason: str, now: datetime) -> CarePlan:
    """The course ended before it was complete. Raises CourseOver, EndReasonMissing."""
    if plan.status != ACTIVE:
        raise CourseOver
    if not reason.strip():
        raise EndReasonMissing
    return replace(
        plan,
        status=REVOKED,
        ended_at=now,
        ended_by=by,
        end_reason=reason.strip(),
        version=plan.version + 1,
    )
