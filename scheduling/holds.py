"""Holds: a time kept for somebody while the rest is asked. It counts as busy until it expires or becomes a booking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from scheduling.bookings import Calendar, PatientId, PractitionerId, check, times
from scheduling.interval import Interval
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind, VisitType

HoldId = NewType("HoldId", str)
HELD_FOR = timedelta(minutes=10)


class HoldExpired(SchedulingRefusal):
    """The time was kept for a while, and the while is over: it may be somebody else's by now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A start kept with a practitioner. `held_from` and `held_until` include the buffers; `patient_id` None: not known
    yet. `held_by` is who keeps it, shown to the others. It ends at `expires_at`, that instant excluded."""

    id: HoldId
    practitioner_id: PractitionerId
    patient_id: PatientId | None
    visit_type: str
    starts_at: datetime
    ends_at: datetime
    held_from: datetime
    held_until: datetime
    held_by: str
    expires_at: datetime

    @property
    def held(self) -> Interval:
        return Interval(start=self.held_from, end=self.held_until)

    def counts_at(self, now: datetime) -> bool:
        return now < self.expires_at


def hold(
    *,
    id: HoldId,  # noqa: A002 -- as an appointment's
    practitioner_id: PractitionerId,
    patient_id: PatientId | None,
    visit_type: VisitType,
    starts_at: datetime,
    held_by: str,
    calendar: Calendar,
    now: datetime,
    lasts: timedelta = HELD_FOR,
) -> Hold:
    """Keeps a time that could be booked. Raises NotTheirKind, and as `bookings.check` does."""
    if not visit_type.may_be_held_by(practitioner_id):
        raise NotTheirKind
    check(visit_type=visit_type, starts_at=starts_at, calendar=calendar, now=now)
    visit, held = times(visit_type, starts_at)
    return Hold(
        id=id,
        practitioner_id=practitioner_id,
        patient_id=patient_id,
        visit_type=visit_type.code,
        starts_at=visit.start,
        ends_at=visit.end,
        held_from=held.start,
        held_until=held.end,
        held_by=held_by,
        expires_at=now + lasts,
    )


def check_hold(kept: Hold, *, now: datetime) -> None:
    """Whether it may still become a booking, whose `calendar` then leaves it out. Raises HoldExpired."""
    if not kept.counts_at(now):
        raise HoldExpired


def busy_at(holds: Iterable[Hold], *, now: datetime, leave_out: str | None = None) -> list[Interval]:
    """What holds take of a practitioner's time; `leave_out` is the one about to become a booking."""
    return [each.held for each in holds if each.counts_at(now) and each.id != leave_out]
