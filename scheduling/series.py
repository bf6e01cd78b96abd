"""The whole programme as one series: proposed with its conflicts before anything is booked, and moved as one.

A step keeps its time on the wall: ten o'clock is ten o'clock before and after the clocks change. Every step is on a
later day than the one before. Nothing here books: what has conflicts cannot become a series (`accept`), so nothing is
ever half done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from scheduling import wall
from scheduling.bookings import PractitionerId
from scheduling.find import Slot
from scheduling.protocol import Protocol, Step
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import TooLate

# Visit type, start, end: the free times of this patient that lie whole in [start, end), as `find` orders them. Whoever
# moves a series leaves out what its own steps hold, and the holds made for it.
Finder = Callable[[str, datetime, datetime], Iterable[Slot]]
ALTERNATIVES = 3
# Where nothing is free in a step's window, the next free times are looked for this much further.
LOOK_ON = 28
DAY = timedelta(days=1)


class TimeTaken(SchedulingRefusal):
    """The time wished for is not free, another one in the step's window is."""


class NothingFree(SchedulingRefusal):
    """Nothing is free in the step's window."""


class NoSuchTime(SchedulingRefusal):
    """The clocks go forward on that day and leave out the time wished for."""


class OutOfOrder(SchedulingRefusal):
    """The step would not be on a later day than the one before it, or not before the one after it."""


class SessionsTooClose(SchedulingRefusal):
    """Two sessions would be closer to each other than the protocol allows."""


class NothingToMove(SchedulingRefusal):
    """Every step of the series has begun."""


class StepsOpen(SchedulingRefusal):
    """Some steps have no time yet; `conflicts` says which and why."""

    def __init__(self, conflicts: "tuple[Conflict, ...]") -> None:
        super().__init__(", ".join(each.step.key for each in conflicts))
        self.conflicts = conflicts


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A step in its place: a day on the calendar of the series' zone, and the practitioner's time if it takes any.

    `begun`: the session was held, or the visit's patient has come, or its time has; it moves no more.
    """

    step: Step
    on: date
    slot: Slot | None = None
    begun: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A step without a place, the day it was meant for, the reason, and the nearest free times instead."""

    step: Step
    on: date
    reason: type[SchedulingRefusal]
    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """`at` is the time of day wished for, on the wall in `zone`."""

    protocol: Protocol
    at: time
    zone: str
    steps: tuple[Planned, ...]

    @property
    def next(self) -> Planned | None:
        return next((each for each in self.steps if not each.begun), None)

    @property
    def session_days(self) -> tuple[date, ...]:
        """As `care.plan.make` and `care.plan.move` want them."""
        return tuple(each.on for each in self.steps if each.step.session)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What a page shows before it is saved: every step in its place, or in conflict, in the protocol's order."""

    protocol: Protocol
    at: time
    zone: str
    steps: tuple[Planned | Conflict, ...]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        return tuple(each for each in self.steps if isinstance(each, Conflict))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wish:
    """Where a step is to go; `keeps` is the practitioner who alone will do."""

    step: Step
    on: date
    at: time
    within: int
    keeps: PractitionerId | None = None


def propose(
    protocol: Protocol, *, anchor: date, at: time, zone: str, find: Finder, now: datetime
) -> Proposal:
    """Every step at `at` on the day nearest to its own within its window, the later of two as near.

    `anchor` is the protocol's first day. A step that takes nobody's time keeps its day.
    """
    wishes = [
        _Wish(step=step, on=anchor + step.day * DAY, at=at, within=step.within) for step in protocol.steps
    ]
    placed = _place_all(wishes, [], protocol, zone, find, now)
    return Proposal(protocol=protocol, at=at, zone=zone, steps=tuple(placed))


def move(series: Series, *, by: int, find: Finder, now: datetime) -> Proposal:
    """All that has not begun, `by` days later (or earlier): same time on the wall, same practitioner, same intervals.

    Another day or person is only ever an alternative. Raises NothingToMove.
    """
    if series.next is None:
        raise NothingToMove
    begun = [each for each in series.steps if each.begun]
    wishes = [
        _Wish(
            step=each.step,
            on=each.on + by * DAY,
            at=_on_wall(each.slot, series.zone).time() if each.slot else series.at,
            within=0,
            keeps=each.slot.practitioner_id if each.slot else None,
        )
        for each in series.steps
        if not each.begun
    ]
    placed = _place_all(wishes, begun, series.protocol, series.zone, find, now)
    # What has begun stands where it stood, which is before everything that has not.
    return Proposal(protocol=series.protocol, at=series.at, zone=series.zone, steps=(*begun, *placed))


def accept(proposal: Proposal, choices: Mapping[str, Slot]) -> Series:
    """The series, with a time chosen (by the step's key) for what was in conflict, or for any visit that has not begun.

    Raises StepsOpen, OutOfOrder, SessionsTooClose.
    """
    steps: list[Planned | Conflict] = []
    for each in proposal.steps:
        slot = choices.get(each.step.key)
        movable = isinstance(each, Conflict) or not each.begun
        if slot is not None and movable and each.step.visit_type is not None:
            steps.append(Planned(step=each.step, on=_on_wall(slot, proposal.zone).date(), slot=slot))
        else:
            steps.append(each)
    planned = tuple(each for each in steps if isinstance(each, Planned))
    if len(planned) < len(steps):
        raise StepsOpen(replace(proposal, steps=tuple(steps)).conflicts)
    series = Series(protocol=proposal.protocol, at=proposal.at, zone=proposal.zone, steps=planned)
    ahead = [each for each in planned if not each.begun]
    # From the last one that has begun on: what lies behind stays as it was.
    since = planned[max(len(planned) - len(ahead) - 1, 0) :]
    if any(one.on >= other.on for one, other in pairwise(since)):
        raise OutOfOrder
    held = [each for each in planned if each.begun and each.step.session][-1:]
    days = [each.on for each in (*held, *ahead) if each.step.session]
    if any(series.protocol.too_close(day, following) for day, following in pairwise(days)):
        raise SessionsTooClose
    return series


def _place_all(
    wishes: list[_Wish], begun: list[Planned], protocol: Protocol, zone: str, find: Finder, now: datetime
) -> list[Planned | Conflict]:
    today = now.astimezone(ZoneInfo(zone)).date()
    placed: list[Planned | Conflict] = []
    behind = list(begun)
    for number, wish in enumerate(wishes):
        first, last, reason = _room(wish, behind, wishes[number + 1 :], protocol, today)
        if reason is not None:
            found: Planned | Conflict = Conflict(step=wish.step, on=wish.on, reason=reason)
        elif wish.step.visit_type is None:
            found = Planned(step=wish.step, on=wish.on)
        else:
            found = _search(wish, first, last, zone, find)
        placed.append(found)
        if isinstance(found, Planned):
            behind.append(found)
    return placed


def _room(
    wish: _Wish, behind: list[Planned], ahead: list[_Wish], protocol: Protocol, today: date
) -> tuple[date, date, type[SchedulingRefusal] | None]:
    """The first and last day for the step, and why there is none or its own is not among them, if so.

    Steps ahead that keep their day are a wall; those that look for a time go around this one.
    """
    first, last = wish.on - wish.step.within * DAY, wish.on + wish.step.within * DAY
    fixed = [each for each in ahead if each.step.visit_type is None]
    if behind:
        first = max(first, behind[-1].on + DAY)
    if fixed:
        last = min(last, fixed[0].on - DAY)
    if first > last or (wish.step.visit_type is None and wish.on < first):
        return first, last, OutOfOrder
    if wish.step.session:
        last_held = [_spaced(protocol, each.on, 1) for each in behind if each.step.session][-1:]
        next_fixed = [_spaced(protocol, each.on, -1) for each in fixed if each.step.session][:1]
        first, last = max([first, *last_held]), min([last, *next_fixed])
        if not first <= wish.on <= last and (wish.step.visit_type is None or first > last):
            return first, last, SessionsTooClose
    if last < today or (wish.step.visit_type is None and wish.on < today):
        return first, last, TooLate
    return max(first, today), last, None


def _spaced(protocol: Protocol, on: date, direction: int) -> date:
    """The nearest day to `on`, before or after it, that a session may have beside one on that day."""
    whole_days = -(-protocol.min_between // DAY)
    return on + direction * whole_days * DAY


def _search(wish: _Wish, first: date, last: date, zone: str, find: Finder) -> Planned | Conflict:
    kind = wish.step.visit_type
    assert kind is not None
    free = list(find(kind, *_instants(first, last, zone)))
    fit = [slot for slot in free if _fits(wish, _on_wall(slot, zone), slot)]
    if fit:
        best = min(fit, key=lambda slot: _days_off(wish, _on_wall(slot, zone).date()))
        return Planned(step=wish.step, on=_on_wall(best, zone).date(), slot=best)
    if free:
        reason: type[SchedulingRefusal] = TimeTaken
        near = sorted(free, key=lambda slot: _distance(wish, slot, zone))[:ALTERNATIVES]
    else:
        reason = NothingFree
        near = list(islice(find(kind, *_instants(last + DAY, last + LOOK_ON * DAY, zone)), ALTERNATIVES))
    if not _exists(datetime.combine(wish.on, wish.at), zone):
        reason = NoSuchTime
    return Conflict(step=wish.step, on=wish.on, reason=reason, alternatives=tuple(near))


def _fits(wish: _Wish, on_wall: datetime, slot: Slot) -> bool:
    return (
        on_wall.time() == wish.at
        and abs((on_wall.date() - wish.on).days) <= wish.within
        and wish.keeps in (None, slot.practitioner_id)
    )


def _days_off(wish: _Wish, on: date) -> tuple[int, bool]:
    """The later of two days as near: an interval is rather longer than shorter."""
    return abs((on - wish.on).days), on < wish.on


def _distance(wish: _Wish, slot: Slot, zone: str) -> tuple[bool, int, bool, timedelta]:
    """The practitioner who is kept comes first, then the nearest day, then the nearest time of day."""
    on_wall = _on_wall(slot, zone)
    other = wish.keeps not in (None, slot.practitioner_id)
    off = abs(on_wall - datetime.combine(on_wall.date(), wish.at))
    return other, *_days_off(wish, on_wall.date()), off


def _on_wall(slot: Slot, zone: str) -> datetime:
    return slot.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _instants(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    start, end = wall.day_span(first, last, zone)
    return wall.instant_of(start), wall.instant_of(end)


def _exists(moment: datetime, zone: str) -> bool:
    shown = wall.instant_of(wall.first_instant(moment, zone)).astimezone(ZoneInfo(zone))
    return shown.replace(tzinfo=None) == moment
