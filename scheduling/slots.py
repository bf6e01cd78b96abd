"""Free times (FHIR Slot): hours without exceptions, busy times and buffers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduling.bookings import PractitionerId
from scheduling.interval import Interval, subtract
from scheduling.schedule import Schedule
from scheduling.visit_types import VisitType

STEP = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Slot:
    """A time that can be booked: the visit itself, without its buffers."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: PractitionerId


def free_slots(
    schedule: Schedule, *, visit_type: VisitType, busy: Iterable[Interval], start: datetime, end: datetime
) -> Iterator[Slot]:
    """Every start on the quarter hour in [start, end) that fits the visit into the hours and, with its buffers,
    between the busy times. `busy` already includes the other visits' buffers; in order of time."""
    taken = list(busy)
    for opening in subtract(schedule.open_between(start, end), taken):
        at = _next_step(max(opening.start, start.astimezone(UTC)))
        while at + visit_type.length <= opening.end:
            held = Interval(
                start=at - visit_type.buffer_before, end=at + visit_type.length + visit_type.buffer_after
            )
            if not any(held.overlaps(other) for other in taken):
                yield Slot(
                    starts_at=at,
                    ends_at=at + visit_type.length,
                    practitioner_id=PractitionerId(schedule.practitioner_id),
                )
            at += STEP


def _next_step(instant: datetime) -> datetime:
    """`instant`, or the next quarter of an hour after it."""
    over = timedelta(minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond)
    return instant if not over else instant - over + STEP
