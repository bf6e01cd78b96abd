"""Tasks (FHIR Task): where every alarm ends. An owner, a due time, and a name under the acknowledgement."""

from dataclasses import dataclass, replace
from datetime import datetime

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
    # What else it is about: an absence, a licence.
    subject_id: str | None = None
    detail: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


def acknowledge(task: Task, *, by: str, now: datetime) -> Task:
    """Raises AlreadyAcknowledged."""
    if task.acknowledged_at is not None:
        raise AlreadyAcknowledged
    return replace(task, acknowledged_by=by, acknowledged_at=now)
