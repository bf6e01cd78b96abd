"""Tasks (FHIR Task): where every alarm ends. An owner, a due time, and a name under the acknowledgement."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.care.refusals import CareRefusal


class AlreadyAcknowledged(CareRefusal):
    """Somebody else has it; the first name stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Everybody of `owner_role` sees it and may take it; `owner_id` is whose it is until it is due.

    `detail` is words about a patient.
    """

    id: str
    kind: str
    owner_role: str
    created_at: datetime
    due_at: datetime
    owner_id: str | None = None
    patient_id: str | None = None
    encounter_id: str | None = None
    # What else it is about: an absence, a licence, which side a question waits for.
    subject_id: str | None = None
    detail: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    # When the owner took it over themself: nobody else needs to be reminded of it.
    taken_at: datetime | None = None
    # What whoever did it says of it.
    note: str | None = None


# A task that is due later than this stands on the list without a sound until its time comes near.
RINGS_BEFORE = timedelta(minutes=30)


def rings(task: Task, now: datetime) -> bool:
    """Whether it still calls for somebody: nobody has taken it, and its time is near or past."""
    return task.acknowledged_at is None and task.taken_at is None and task.due_at - now <= RINGS_BEFORE


def acknowledge(task: Task, *, by: str, now: datetime, note: str | None = None) -> Task:
    """Done, and off the list. Raises AlreadyAcknowledged."""
    if task.acknowledged_at is not None:
        raise AlreadyAcknowledged
    return replace(task, acknowledged_by=by, acknowledged_at=now, note=note)


def take(task: Task, *, by: str, now: datetime) -> Task:
    """Whoever takes it over has it, also from somebody else. Raises AlreadyAcknowledged."""
    if task.acknowledged_at is not None:
        raise AlreadyAcknowledged
    return replace(task, owner_id=by, taken_at=now)


def give(task: Task, *, to: str) -> Task:
    """It calls for the new owner until they take it or its time is past. Raises AlreadyAcknowledged."""
    if task.acknowledged_at is not None:
        raise AlreadyAcknowledged
    return replace(task, owner_id=to, taken_at=None)
