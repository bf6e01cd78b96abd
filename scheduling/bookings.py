"""Appointments and their life (FHIR R4 Appointment, status codes verbatim): book, reschedule, cancel, check in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from scheduling.interval import Interval
from scheduling.refusals import SchedulingRefusal
from scheduling.schedule import Absence
from scheduling.visit_types import NotTheirKind, VisitType, check_notice

PatientId = NewType("PatientId", str)
PractitionerId = NewType("PractitionerId", str)
AppointmentId = NewType("AppointmentId", str)
EncounterId = NewType("EncounterId", str)

MAY_BECOME: dict[str, frozenset[str]] = {
    "pending": frozenset({"booked", "cancelled", "entered-in-error"}),
    "waitlist": frozenset({"booked", "cancelled", "entered-in-error"}),
    "booked": frozenset({"arrived", "fulfilled", "cancelled", "noshow", "entered-in-error"}),
    "arrived": frozenset({"fulfilled", "cancelled", "noshow", "entered-in-error"}),
    "fulfilled": frozenset({"entered-in-error"}),
    "cancelled": frozenset({"entered-in-error"}),
    # Somebody who comes late is still let in.
    # Booked again: the button was pressed by mistake.
    "noshow": frozenset({"booked", "arrived", "fulfilled", "entered-in-error"}),
    "entered-in-error": frozenset(),
}
# These hold their time; the others leave it to somebody else.
LIVE = frozenset({"pending", "booked", "arrived"})


class SlotTaken(SchedulingRefusal):
    """The practitioner has something else at that time, buffers included."""


class PatientBusy(SchedulingRefusal):
    """The patient has another visit at that time."""


class OutsideHours(SchedulingRefusal):
    """The practitioner does not see patients at that time."""


class NotLicensed(SchedulingRefusal):
    """The practitioner has no licence for the patient's state on the day of the visit."""


class NotOfAge(SchedulingRefusal):
    """The patient is not of age yet on the day of the visit, where they live."""


class OverbookReasonMissing(SchedulingRefusal):
    """Time that is taken is booked a second time only with a reason."""


class NotPossibleNow(SchedulingRefusal):
    """The appointment's status does not allow it any more; `status` says what it is."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """`busy_from` and `busy_until` include the buffers. `mode` is "video" or "phone".

    `overbook_reason`: why the practitioner's time was taken although it was not free; None when it was.
    `overbook_agreed_by`: the clinician's account that agreed to that.
    """

    id: AppointmentId
    patient_id: PatientId
    practitioner_id: PractitionerId
    visit_type: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    status: str
    version: int
    mode: str
    booked_by: str
    created_at: datetime
    cancellation_reason: str | None = None
    overbook_reason: str | None = None
    overbook_agreed_by: str | None = None

    @property
    def held(self) -> Interval:
        """The practitioner's time it takes, buffers included."""
        return Interval(start=self.busy_from, end=self.busy_until)

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What a booking is checked against: open hours, and what others hold of the practitioner and the patient.

    `busy` includes what an external calendar and holds that have not expired take. `licensed` is when the practitioner
    may treat in the patient's state (licences.py); None: it is not asked, as for a visit that treats nobody.
    `of_age_from` is the moment the patient comes of age; None: it is not asked.
    """

    open: tuple[Interval, ...]
    busy: tuple[Interval, ...]
    patient_busy: tuple[Interval, ...]
    licensed: tuple[Interval, ...] | None = None
    of_age_from: datetime | None = None


def book(
    *,
    id: AppointmentId,  # noqa: A002 -- FHIR's name, and always given by keyword
    patient_id: PatientId,
    practitioner_id: PractitionerId,
    visit_type: VisitType,
    starts_at: datetime,
    mode: str,
    booked_by: str,
    calendar: Calendar,
    now: datetime,
    overbook: str | None = None,
) -> Appointment:
    """A new appointment. Raises as `check` does, and NotTheirKind; OverbookReasonMissing for an empty reason.

    `overbook` is the reason for taking the practitioner's time although it is taken or outside their hours; the
    appointment carries it only when it was needed.
    """
    if not visit_type.may_be_held_by(practitioner_id):
        raise NotTheirKind
    reason = check(visit_type=visit_type, starts_at=starts_at, calendar=calendar, now=now, overbook=overbook)
    visit, held = times(visit_type, starts_at)
    return Appointment(
        id=id,
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        visit_type=visit_type.code,
        status="booked",
        version=1,
        mode=mode,
        booked_by=booked_by,
        created_at=now,
        starts_at=visit.start,
        ends_at=visit.end,
        busy_from=held.start,
        busy_until=held.end,
        overbook_reason=reason,
    )


def reschedule(
    appointment: Appointment,
    *,
    visit_type: VisitType,
    starts_at: datetime,
    calendar: Calendar,
    now: datetime,
    overbook: str | None = None,
) -> Appointment:
    """The same appointment at another time. `calendar` leaves out what it holds itself. Raises as `book` does."""
    if appointment.status not in ("pending", "booked"):
        raise NotPossibleNow(appointment.status)
    reason = check(visit_type=visit_type, starts_at=starts_at, calendar=calendar, now=now, overbook=overbook)
    visit, held = times(visit_type, starts_at)
    return replace(
        appointment,
        starts_at=visit.start,
        ends_at=visit.end,
        busy_from=held.start,
        busy_until=held.end,
        overbook_reason=reason,
        # Who agreed agreed to that time; and free time needs nobody's word.
        overbook_agreed_by=None,
        status=_settled(appointment, reason),
        version=appointment.version + 1,
    )


def reassign(
    appointment: Appointment,
    *,
    practitioner_id: PractitionerId,
    visit_type: VisitType,
    calendar: Calendar,
    overbook: str | None = None,
) -> Appointment:
    """The same appointment, time and patient, with another practitioner, whose `calendar` it is checked against.

    Notice and horizon do not matter: the time stays. Raises NotPossibleNow, NotTheirKind, NotLicensed, OutsideHours,
    SlotTaken, OverbookReasonMissing.
    """
    if not appointment.live:
        raise NotPossibleNow(appointment.status)
    if not visit_type.may_be_held_by(practitioner_id):
        raise NotTheirKind
    visit = Interval(start=appointment.starts_at, end=appointment.ends_at)
    reason = _check_practitioner(visit, appointment.held, calendar, overbook)
    return replace(
        appointment,
        practitioner_id=practitioner_id,
        overbook_reason=reason,
        overbook_agreed_by=None,
        status=_settled(appointment, reason),
        version=appointment.version + 1,
    )


def _settled(appointment: Appointment, reason: str | None) -> str:
    """What waited for a word about time booked twice waits no longer where the time is free."""
    waited = appointment.status == "pending" and appointment.overbook_reason is not None
    return "booked" if waited and reason is None else appointment.status


def ask_first(appointment: Appointment) -> Appointment:
    """A new appointment that holds its time and waits for somebody's word."""
    return replace(appointment, status="pending")


def confirm(appointment: Appointment, *, agreed_by: str | None = None) -> Appointment:
    """What waited is booked. `agreed_by`: the clinician whose time is booked twice. Raises NotPossibleNow."""
    if appointment.status != "pending":
        raise NotPossibleNow(appointment.status)
    confirmed = _become(appointment, "booked")
    return replace(confirmed, overbook_agreed_by=agreed_by if appointment.overbook_reason else None)


def cancel(appointment: Appointment, *, reason: str) -> Appointment:
    """Raises NotPossibleNow."""
    return replace(_become(appointment, "cancelled"), cancellation_reason=reason)


def check_in(appointment: Appointment) -> Appointment:
    """The patient is here. Raises NotPossibleNow; checking in twice changes nothing."""
    return appointment if appointment.status == "arrived" else _become(appointment, "arrived")


def fulfil(appointment: Appointment) -> Appointment:
    """The visit took place. Raises NotPossibleNow."""
    return appointment if appointment.status == "fulfilled" else _become(appointment, "fulfilled")


def no_show(appointment: Appointment) -> Appointment:
    """Raises NotPossibleNow."""
    return _become(appointment, "noshow")


def not_a_no_show(appointment: Appointment) -> Appointment:
    """It was a mistake. Raises NotPossibleNow."""
    if appointment.status != "noshow":
        raise NotPossibleNow(appointment.status)
    return _become(appointment, "booked")


def check(
    *,
    visit_type: VisitType,
    starts_at: datetime,
    calendar: Calendar,
    now: datetime,
    overbook: str | None = None,
) -> str | None:
    """Raises NotOfAge, TooLate, TooFarAhead, NotLicensed, OutsideHours, SlotTaken, PatientBusy, in this order.

    Given `overbook`, a reason, neither OutsideHours nor SlotTaken is raised; what comes back is the reason if one of
    them would have been, else None. Nothing overrides the others: notice is time others need to prepare, age and
    licence are the law, and the patient cannot be in two places. Raises OverbookReasonMissing for a blank reason.
    """
    visit, held = times(visit_type, starts_at)
    if calendar.of_age_from is not None and starts_at < calendar.of_age_from:
        raise NotOfAge
    check_notice(visit_type, starts_at=starts_at, now=now)
    reason = _check_practitioner(visit, held, calendar, overbook)
    if _any_overlap(visit, calendar.patient_busy):
        raise PatientBusy
    return reason


def _check_practitioner(
    visit: Interval, held: Interval, calendar: Calendar, overbook: str | None
) -> str | None:
    reason = None if overbook is None else overbook.strip()
    if reason == "":
        raise OverbookReasonMissing
    if calendar.licensed is not None and not any(span.contains(visit) for span in calendar.licensed):
        raise NotLicensed
    refusal: SchedulingRefusal | None = None
    if not any(opening.contains(visit) for opening in calendar.open):
        refusal = OutsideHours()
    elif _any_overlap(held, calendar.busy):
        refusal = SlotTaken()
    if refusal is not None and reason is None:
        raise refusal
    return reason if refusal is not None else None


def hit_by(absence: Absence, appointments: Iterable[Appointment]) -> list[Appointment]:
    """The live ones whose visit meets the absence, in order of time: they are listed, never cancelled silently.

    A buffer may lie in an absence, as it may lie outside the hours: notes are written when they are.
    """
    hit = [
        each
        for each in appointments
        if each.live and absence.meets(Interval(start=each.starts_at, end=each.ends_at))
    ]
    return sorted(hit, key=lambda each: (each.starts_at, each.id))


def shut_out(
    appointments: Iterable[Appointment], *, before: Sequence[Interval], after: Sequence[Interval]
) -> list[Appointment]:
    """The live ones whose visit lies in what was open `before` and not in what is open `after`, in order of time.

    One that was booked outside the hours is no business of other hours.
    """
    hit = []
    for each in appointments:
        visit = Interval(start=each.starts_at, end=each.ends_at)
        was, still = (any(opening.contains(visit) for opening in hours) for hours in (before, after))
        if each.live and was and not still:
            hit.append(each)
    return sorted(hit, key=lambda each: (each.starts_at, each.id))


def _any_overlap(interval: Interval, others: Iterable[Interval]) -> bool:
    return any(interval.overlaps(other) for other in others)


def times(visit_type: VisitType, starts_at: datetime) -> tuple[Interval, Interval]:
    """The visit itself, and the practitioner's time it takes with its buffers."""
    ends_at = starts_at + visit_type.length
    held = Interval(start=starts_at - visit_type.buffer_before, end=ends_at + visit_type.buffer_after)
    return Interval(start=starts_at, end=ends_at), held


def _become(appointment: Appointment, status: str) -> Appointment:
    if status not in MAY_BECOME[appointment.status]:
        raise NotPossibleNow(appointment.status)
    return replace(appointment, status=status, version=appointment.version + 1)
