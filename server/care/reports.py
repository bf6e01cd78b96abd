"""How the clinic did, week by week: visits, waits, late starts, no-shows, and calls that went wrong. Numbers only.

What the clinic itself caused is kept apart from what the patient did: somebody who waited for us while nobody was
there is no late patient, and a no-show nobody of ours was there for is said to be one (experience.md, P21).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from server.care.encounter import Encounter, PresenceEvent, call_facts
from server.care.no_show import STAFF_THERE, stays

WEEKS = 12
# A start within this time of the plan is on time.
ON_TIME = timedelta(minutes=5)
CANCELLED, NO_SHOW, HELD, UNDECIDED, GOING_ON = "cancelled", "no-show", "held", "undecided", "going-on"
NEVER_CONNECTED, BROKE_OFF, BY_PHONE, INTERRUPTED, FINE = (
    *("never-connected", "broke-off", "by-phone", "interrupted", "fine"),
)
# Leaving on purpose is no break.
ON_PURPOSE = frozenset({"left", "finished"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What is counted of one visit. `wait` is None where nobody waited to be let in; `late` None for an unplanned one.

    `call` is None for what was no video call, or is not over.
    """

    starts_at: datetime
    outcome: str
    wait: timedelta | None = None
    late: timedelta | None = None
    patient_late: bool = False
    unattended: bool = False
    call: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """A week from Monday on, in the clinic's zone. Waits are None in a week in which nobody waited."""

    starts_on: date
    visits: int
    held: int
    cancelled: int
    no_shows: int
    unattended: int
    undecided: int
    median_wait: timedelta | None
    long_wait: timedelta | None
    late: int
    late_patient: int
    calls: int
    never_connected: int
    broke_off: int
    by_phone: int
    interrupted: int

    @property
    def number(self) -> int:
        return self.starts_on.isocalendar().week

    @property
    def late_clinic(self) -> int:
        return self.late - self.late_patient


def first_day(now: datetime, zone: str) -> date:
    """The Monday on which the oldest week begins."""
    return _monday(now, zone) - timedelta(weeks=WEEKS - 1)


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def past(visit: Encounter, events: Iterable[PresenceEvent], now: datetime) -> Past:
    """Of a visit whose time has come."""
    seen = sorted(events, key=lambda event: event.at)
    late = _late(visit)
    return Past(
        starts_at=visit.planned_starts_at,
        outcome=_outcome(visit, now),
        wait=_wait(visit, seen),
        late=late,
        patient_late=late is not None and late > ON_TIME and _because_of_the_patient(visit, seen),
        unattended=visit.no_show_at is not None and not _somebody_was_there(visit, seen),
        call=_call(visit, seen),
    )


def by_week(visits: Iterable[Past], *, now: datetime, zone: str) -> list[Week]:
    """The last weeks, oldest first, this one included; a week without visits is one, too."""
    first = first_day(now, zone)
    found: dict[date, list[Past]] = {first + timedelta(weeks=n): [] for n in range(WEEKS)}
    for each in visits:
        monday = _monday(each.starts_at, zone)
        if monday in found:
            found[monday].append(each)
    return [week(monday, of_week) for monday, of_week in found.items()]


def week(starts_on: date, visits: Sequence[Past]) -> Week:
    """Cancelled visits are counted, and are no part of `visits`."""
    waits = sorted(each.wait for each in visits if each.wait is not None)
    outcomes = [each.outcome for each in visits]
    calls = [each.call for each in visits if each.call is not None]
    late = [each for each in visits if each.late is not None and each.late > ON_TIME]
    return Week(
        starts_on=starts_on,
        visits=len(visits) - outcomes.count(CANCELLED),
        held=outcomes.count(HELD),
        cancelled=outcomes.count(CANCELLED),
        no_shows=outcomes.count(NO_SHOW),
        unattended=sum(each.unattended for each in visits),
        undecided=outcomes.count(UNDECIDED),
        median_wait=quantile(waits, 0.5),
        long_wait=quantile(waits, 0.9),
        late=len(late),
        late_patient=sum(each.patient_late for each in late),
        calls=len(calls),
        never_connected=calls.count(NEVER_CONNECTED),
        broke_off=calls.count(BROKE_OFF),
        by_phone=calls.count(BY_PHONE),
        interrupted=calls.count(INTERRUPTED),
    )


def quantile(ordered: Sequence[timedelta], share: float) -> timedelta | None:
    """The least of them that so great a share of all do not exceed: always one that somebody really waited."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def _monday(at: datetime, zone: str) -> date:
    day = at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def _outcome(visit: Encounter, now: datetime) -> str:
    if visit.status == "cancelled":
        return CANCELLED
    if visit.no_show_at is not None:
        return NO_SHOW
    if visit.status != "finished":
        running = visit.status != "planned" or now < visit.planned_ends_at
        return GOING_ON if running else UNDECIDED
    # Finished without anybody having been let in is a visit nobody held.
    return HELD if visit.started_at is not None else UNDECIDED


def _wait(visit: Encounter, seen: Sequence[PresenceEvent]) -> timedelta | None:
    """In the waiting room until they were let in, all stays together; by the desk's word where there was no page."""
    if visit.started_at is None:
        return None
    before = [
        min(end, visit.started_at) - start
        for start, end in stays(seen, "patient", until=visit.started_at)
        if start < visit.started_at
    ]
    if before:
        return sum(before, timedelta())
    came = visit.arrived_at is not None and visit.arrived_at < visit.started_at
    return visit.started_at - visit.arrived_at if came and visit.arrived_at else None


def _late(visit: Encounter) -> timedelta | None:
    if visit.started_at is None or visit.appointment_id is None:
        return None
    return max(visit.started_at - visit.planned_starts_at, timedelta())


def _because_of_the_patient(visit: Encounter, seen: Sequence[PresenceEvent]) -> bool:
    """They came too late, and somebody of ours was there before them."""
    came = min(
        [event.at for event in seen if (event.seat, event.kind) == ("patient", "joined")]
        + ([visit.arrived_at] if visit.arrived_at else []),
        default=None,
    )
    if came is None or came - visit.planned_starts_at <= ON_TIME:
        return False
    return any(start <= came <= end for start, end in stays(seen, "clinician", until=came))


def _somebody_was_there(visit: Encounter, seen: Sequence[PresenceEvent]) -> bool:
    due, until = visit.planned_starts_at, visit.no_show_at
    if until is None:
        return False
    there = (end - max(start, due) for start, end in stays(seen, "clinician", until=until) if end > due)
    return sum(there, timedelta()) >= STAFF_THERE


def _call(visit: Encounter, seen: Sequence[PresenceEvent]) -> str | None:
    switched = any(event.kind == "by-phone" for event in seen)
    if visit.status != "finished" or visit.started_at is None or (visit.mode == "phone" and not switched):
        return None
    if visit.mode == "phone":
        return BY_PHONE
    if not any(event.kind == "call-started" for event in seen):
        return NEVER_CONNECTED
    gaps = call_facts(visit, [event for event in seen if event.kind not in ON_PURPOSE]).gaps
    if any(end is None or end == visit.finished_at for _, end in gaps):
        return BROKE_OFF
    return INTERRUPTED if gaps else FINE
