"""Find a time (FHIR Slot) across practitioners, earliest first.

Everything is whole minutes since 1970. For every opening of the hours, the starts a visit may have are those between
one busy time, with the buffers and the visit's length, and the next: stretches of numbers, never tried one by one.
The answer is made a few days at a time while it is read, so the first page of times costs a page and not eight weeks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from scheduling import spans, wall
from scheduling.bookings import PractitionerId
from scheduling.diary import Diary, Patient, licensed, unfit
from scheduling.interval import Interval
from scheduling.schedule import Hours, OpenTime, Schedule, Spans
from scheduling.visit_types import VisitType

# Visits start on the quarter hour: on every wall too, for zones are ahead of UTC by quarters of an hour.
STEP = 15
# The answer is made in days: one at first, then twice as many each time, up to these.
MOST_DAYS = 16


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Slot:
    """A time that can be booked: the visit itself, without its buffers."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: PractitionerId


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A visit of this kind, whole within [start, end). `hours`: only within these wall times where the patient is."""

    kind: VisitType
    patient: Patient
    start: datetime
    end: datetime
    hours: tuple[time, time] | None = None

    @property
    def visit(self) -> VisitType:
        """The kind, as long as it is for this patient."""
        return self.kind.with_interpreter() if self.patient.interpreter else self.kind


def find(wanted: Wanted, diaries: Iterable[Diary], *, now: datetime) -> Iterator[Slot]:
    """Every start on the quarter hour that `bookings.book` would take now, lazily and in order of time.

    At the same time the patient's own practitioner comes first, then whoever has the fewest minutes booked in
    [start, end), buffers included, then by name, then by id.
    """
    visit = wanted.visit
    low = wall.ceil(max(wanted.start, visit.opens_at(now)))
    high = wall.floor(wanted.end)
    last = high - visit.length // wall.MINUTE
    if (closes := visit.closes_at(now)) is not None:
        last = min(last, wall.floor(closes))
    if low > last:
        return
    fit = [each for each in diaries if unfit(each, kind=visit, patient=wanted.patient) is None]
    ranked = sorted((_Candidate(each, wanted) for each in fit), key=lambda each: each.order)
    patient_time = _PatientTime(wanted)
    day, days = low, 1
    while day <= last:
        until = min(day + days * wall.DAY, last + 1)
        yield from _slots(ranked, visit, patient_time, day, until)
        day, days = until, min(2 * days, MOST_DAYS)


def _slots(
    ranked: "Sequence[_Candidate]", visit: VisitType, patient: "_PatientTime", low: int, high: int
) -> Iterator[Slot]:
    """Those that start in [low, high), in order."""
    length = visit.length // wall.MINUTE
    people = len(ranked)
    keys: list[int] = []
    common = patient.between(low, high - 1 + length)
    for rank, candidate in enumerate(ranked):
        starts = candidate.starts(low, high - 1 + length, common)
        # One number that sorts by time, then by rank: sorting numbers is several times as fast as sorting pairs.
        keys += [start * people + rank for start in starts]
    keys.sort()
    known, at, ends = -1, wall.EPOCH, wall.EPOCH
    for key in keys:
        start, rank = divmod(key, people)
        if start != known:
            known, at = start, wall.instant_of(start)
            ends = at + visit.length
        yield Slot(starts_at=at, ends_at=ends, practitioner_id=ranked[rank].id)


class _Candidate:
    """A practitioner made ready for one search."""

    __slots__ = ("_after", "_before", "_busy", "_length", "_licensed", "_longest", "_open", "id", "order")

    def __init__(self, diary: Diary, wanted: Wanted) -> None:
        visit = wanted.visit
        self.id = diary.id
        self._length = visit.length // wall.MINUTE
        self._before = visit.buffer_before // wall.MINUTE
        self._after = visit.buffer_after // wall.MINUTE
        self._open = OpenTime(diary.schedule)
        self._licensed = licensed(diary, wanted.patient)
        booked = minutes(diary.busy)
        self._busy = sorted([*booked, *minutes(diary.schedule.elsewhere)])
        self._longest = max((end - start for start, end in self._busy), default=0)
        load = spans.total(booked, wall.floor(wanted.start), wall.ceil(wanted.end))
        self.order = (diary.id != wanted.patient.own, load, diary.name, diary.id)

    def starts(self, low: int, high: int, common: Spans | None) -> list[int]:
        """Every start of a visit that lies in [low, high), in order. `common`: when the patient can at all."""
        opens = self._open.between(low, high)
        if common is not None:
            opens = spans.intersect(opens, common)
        if self._licensed is not None:
            opens = spans.intersect(opens, self._licensed)
        found: list[int] = []
        busy, before, room = self._busy, self._before, self._length + self._after
        number = bisect_left(busy, (low - before - self._longest, 0))
        for opening, closing in opens:
            at, last = opening, closing - self._length
            while at <= last:
                while number < len(busy) and busy[number][1] + before <= at:
                    number += 1
                stop = last if number == len(busy) else min(last, busy[number][0] - room)
                if at <= stop:
                    found.extend(range(at + -at % STEP, stop + 1, STEP))
                if stop == last:
                    break
                at = busy[number][1] + before
        return found


class _PatientTime:
    """When the patient can: within the hours they asked for, without the visits they have."""

    __slots__ = ("_busy", "_hours")

    def __init__(self, wanted: Wanted) -> None:
        self._busy = spans.merge(minutes(wanted.patient.busy))
        self._hours = _every_day(wanted.hours, wanted.patient.time_zone) if wanted.hours else None

    def between(self, low: int, high: int) -> Spans | None:
        """In [low, high); None: all of it."""
        if self._hours is None and not self._busy:
            return None
        whole = [(low, high)] if self._hours is None else self._hours.between(low, high)
        return spans.subtract(whole, self._busy)


def _every_day(hours: tuple[time, time], zone: str) -> OpenTime:
    opens, closes = hours
    week = tuple(Hours(weekday=day, opens=opens, closes=closes) for day in range(7))
    return OpenTime(Schedule(practitioner_id="", time_zone=zone, hours=week))


def minutes(intervals: Iterable[Interval]) -> Spans:
    """To the whole minutes they touch."""
    epoch, minute = wall.EPOCH, wall.MINUTE
    return [((each.start - epoch) // minute, -((epoch - each.end) // minute)) for each in intervals]
