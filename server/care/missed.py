"""What a patient was to do and has not: reminded of twice, then called by the front desk, then their clinician's.

After experience.md, row 104. Days are the patient's own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from server.care.plan import CarePlan

NUDGE, DESK, CLINICIAN = "nudge", "desk", "clinician"
# So many days late.
NUDGED_UNTIL, DESK_FROM, CLINICIAN_FROM = 2, 3, 4
# An entry is wanted by the day after the session.
WRITTEN_WITHIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """`what` names it for good: "session-2", "journal-1"."""

    what: str
    days: int

    @property
    def step(self) -> str:
        """What its lateness asks for."""
        if self.days >= CLINICIAN_FROM:
            return CLINICIAN
        return DESK if self.days >= DESK_FROM else NUDGE


def missing(plan: CarePlan, *, shared: Collection[str | None], today: date, zone: ZoneInfo) -> list[Missing]:
    """What is late by a day or more: a journal entry for each session that was held, and the next session."""
    found = []
    for session in plan.sessions:
        if session.done_at is not None and session.id not in shared:
            wanted_by = session.done_at.astimezone(zone).date() + WRITTEN_WITHIN
            found.append(Missing(what=f"journal-{session.number}", days=(today - wanted_by).days))
    if plan.next is not None:
        late = (today - plan.next.planned_on).days
        found.append(Missing(what=f"session-{plan.next.number}", days=late))
    return [each for each in found if each.days >= 1]
