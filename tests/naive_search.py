"""The search for a time as its rules read, one instant after the other: obviously right and slow.

It knows nothing of spans or changes of a clock. It looks every five minutes at what the clock on the wall shows, so
everything but busy times and `now` has to lie on whole five minutes.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted
from scheduling.interval import Interval
from scheduling.schedule import Absence, Hours, Schedule

LOOK = timedelta(minutes=5)
# Clocks go back by less than this.
TURNED_BACK = timedelta(hours=3)


@lru_cache(maxsize=100_000)
def wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def search(wanted: Wanted, diaries: Sequence[Diary], *, now: datetime) -> list[Slot]:
    """What `find` is to find, in its order."""
    length = wanted.kind.length * 3 / 2 if wanted.patient.interpreter else wanted.kind.length
    found = []
    for at in instants(wanted.start - LOOK, wanted.end):
        visit = Interval(start=at, end=at + length)
        if at.minute % 15 or not wanted.start <= at or not visit.end <= wanted.end:
            continue
        for diary in diaries:
            if in_time(wanted, at, now) and patient_can(wanted, visit) and can(diary, wanted, visit):
                slot = Slot(starts_at=at, ends_at=visit.end, practitioner_id=diary.id)
                not_own = diary.id != wanted.patient.own
                found.append(((at, not_own, load(diary, wanted), diary.name, diary.id), slot))
    return [slot for _, slot in sorted(found)]


def in_time(wanted: Wanted, at: datetime, now: datetime) -> bool:
    horizon = wanted.kind.horizon
    return now + wanted.kind.minimum_notice <= at and (horizon is None or at <= now + horizon)


def patient_can(wanted: Wanted, visit: Interval) -> bool:
    if any(visit.overlaps(other) for other in wanted.patient.busy):
        return False
    return wanted.hours is None or all(
        within(wall(at, wanted.patient.time_zone).time(), *wanted.hours)
        for at in instants(visit.start, visit.end)
    )


def can(diary: Diary, wanted: Wanted, visit: Interval) -> bool:
    kind, patient = wanted.kind, wanted.patient
    if kind.held_by and diary.id not in kind.held_by:
        return False
    if patient.language and not patient.interpreter and patient.language not in diary.languages:
        return False
    held = Interval(start=visit.start - kind.buffer_before, end=visit.end + kind.buffer_after)
    if any(held.overlaps(other) for other in (*diary.busy, *diary.schedule.elsewhere)):
        return False
    return all(
        is_open(diary.schedule, at) and is_licensed(diary, patient, at)
        for at in instants(visit.start, visit.end)
    )


def is_licensed(diary: Diary, patient: Patient, at: datetime) -> bool:
    today = wall(at, patient.time_zone).date()
    return patient.state is None or any(
        each.state == patient.state and each.first_on <= today and (not each.last_on or today <= each.last_on)
        for each in diary.licences
    )


def is_open(schedule: Schedule, at: datetime) -> bool:
    now = wall(at, schedule.time_zone)
    if any(is_away(each, at) for each in (*schedule.leave, *schedule.closures)):
        return False
    closed = False
    for each in schedule.exceptions:
        if each.on == now.date():
            whole_day = each.opens is None or each.closes is None
            if whole_day:
                closed = closed or each.closed
            elif within(now.time(), each.opens, each.closes):
                if not each.closed:
                    return True
                closed = True
    return not closed and any(usually_open(each, now) for each in schedule.hours)


def usually_open(hours: Hours, now: datetime) -> bool:
    return hours.weekday == now.weekday() and within(now.time(), hours.opens, hours.closes)


def within(now: time, opens: time | None, closes: time | None) -> bool:
    assert opens is not None and closes is not None
    return opens <= now and (now < closes or closes == time(0))


def is_away(absence: Absence, at: datetime) -> bool:
    """Its start has been on the wall already, and its end has still to come."""
    begun = any(
        wall(each, absence.time_zone) >= absence.starts for each in instants(at - TURNED_BACK, at + LOOK)
    )
    return begun and any(
        wall(each, absence.time_zone) < absence.ends for each in instants(at, at + TURNED_BACK)
    )


def load(diary: Diary, wanted: Wanted) -> timedelta:
    """What is booked between start and end, the minutes they lie in included."""
    first = wanted.start.replace(second=0)
    last = (wanted.end + timedelta(seconds=59)).replace(second=0)
    inside = [(max(each.start, first), min(each.end, last)) for each in diary.busy]
    return sum((end - start for start, end in inside if start < end), timedelta())


def instants(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every five minutes in [start, end), on the clock's own fives."""
    at = start.astimezone(UTC).replace(minute=start.minute // 5 * 5, second=0, microsecond=0)
    while at < end:
        if at >= start:
            yield at
        at += LOOK
