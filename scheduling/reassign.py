"""Who can take over a list of visits when a practitioner cannot hold them (clinical.md, S12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduling import spans, wall
from scheduling.bookings import Appointment, NotLicensed, OutsideHours, PractitionerId, SlotTaken
from scheduling.diary import Diary, Patient, licensed, unfit
from scheduling.find import minutes
from scheduling.refusals import SchedulingRefusal
from scheduling.schedule import OpenTime
from scheduling.visit_types import VisitType


@dataclass(frozen=True, kw_only=True, slots=True)
class ToCover:
    """A visit that needs somebody else. `risk`: the higher, the sooner it is looked after."""

    appointment: Appointment
    kind: VisitType
    patient: Patient
    risk: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """`reason` why not: NotTheirKind, NotTheirLanguage, NotLicensed, OutsideHours, SlotTaken; None: they can.

    `load` is how many minutes they have booked from the list's first visit to its last, buffers included.
    """

    practitioner_id: PractitionerId
    name: str
    load: int
    reason: type[SchedulingRefusal] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """`candidates`: those who can first, the patient's own before the least loaded; then those who cannot, by name."""

    visit: ToCover
    candidates: tuple[Candidate, ...]
    given_to: PractitionerId | None


def rank(
    visits: Iterable[ToCover],
    diaries: Sequence[Diary],
    *,
    chosen: Mapping[str, PractitionerId] | None = None,
) -> list[Cover]:
    """The list, those most at risk first, then in order of time, each with everybody in `diaries`, who can or cannot.

    Each visit is given to the one `chosen` (by appointment id) if they can, else to the first who can; it then counts
    as theirs for the visits after it, so that nobody is proposed for two at once. Only live visits are looked at.
    """
    order = sorted(
        (each for each in visits if each.appointment.live),
        key=lambda each: (-each.risk, each.appointment.starts_at, each.appointment.id),
    )
    if not order:
        return []
    start = min(each.appointment.busy_from for each in order)
    end = max(each.appointment.busy_until for each in order)
    people = {diary.id: diary for diary in diaries}
    covers = []
    for visit in order:
        candidates = sorted(
            (_candidate(diary, visit, start, end) for diary in people.values()),
            key=lambda each: _order(each, visit),
        )
        able = [each.practitioner_id for each in candidates if each.reason is None]
        wish = (chosen or {}).get(visit.appointment.id)
        given_to = wish if wish in able else next(iter(able), None)
        if given_to is not None:
            diary = people[given_to]
            people[given_to] = replace(diary, busy=(*diary.busy, visit.appointment.held))
        covers.append(Cover(visit=visit, candidates=tuple(candidates), given_to=given_to))
    return covers


def _order(candidate: Candidate, visit: ToCover) -> tuple[bool, bool, int, str, str]:
    cannot = candidate.reason is not None
    not_own = candidate.practitioner_id != visit.patient.own
    load = 0 if cannot else candidate.load
    return cannot, not cannot and not_own, load, candidate.name, candidate.practitioner_id


def _candidate(diary: Diary, visit: ToCover, start: datetime, end: datetime) -> Candidate:
    load = spans.total(minutes(diary.busy), wall.floor(start), wall.ceil(end))
    return Candidate(practitioner_id=diary.id, name=diary.name, load=load, reason=cannot_take(diary, visit))


def cannot_take(diary: Diary, visit: ToCover) -> type[SchedulingRefusal] | None:
    """Why the practitioner cannot hold this visit at its time; None: they can."""
    reason = unfit(diary, kind=visit.kind, patient=visit.patient)
    if reason is not None:
        return reason
    appointment = visit.appointment
    span = wall.floor(appointment.starts_at), wall.ceil(appointment.ends_at)
    may = licensed(diary, visit.patient)
    if may is not None and spans.intersect(may, [span]) != [span]:
        return NotLicensed
    if OpenTime(diary.schedule).between(*span) != [span]:
        return OutsideHours
    taken = (*diary.busy, *diary.schedule.elsewhere)
    return SlotTaken if any(appointment.held.overlaps(other) for other in taken) else None
