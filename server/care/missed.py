"""What a patient was to do and has not: reminded of twice, then called by the front desk, then their clinician's.

After experience.md, row 104. Days are the patient's own.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from server.care.encounter import Encounter
from server.care.plan import CarePlan

NUDGE, DESK, CLINICIAN = "nudge", "desk", "clinician"
# So many days late.
NUDGED_UNTIL, DESK_FROM, CLINICIAN_FROM = 2, 3, 4
# A visit that was missed longer ago is no news to anybody: whoever has a task about it keeps that.
FOLLOWED_UP_FOR = 14
# An entry is wanted by the day after the session.
WRITTEN_WITHIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """`what` names it for good: "session-2", "journal-1", "visit-" and the visit's id."""

    what: str
    days: int
    encounter_id: str | None = None

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


def missed_visit(visits: Iterable[Encounter], *, today: date, zone: ZoneInfo) -> list[Missing]:
    """The last visit they did not come to, by somebody's word, as long as no later one is booked or was held."""
    known = [each for each in visits if each.status != "cancelled"]
    last = max(known, key=lambda each: each.planned_starts_at, default=None)
    if last is None or last.no_show_at is None:
        return []
    days = (today - last.planned_starts_at.astimezone(zone).date()).days
    return [Missing(what=f"visit-{last.id}", days=days, encounter_id=last.id)] if days >= 1 else []
