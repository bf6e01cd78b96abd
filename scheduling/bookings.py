"""Appointments and their life (FHIR R4 Appointment, status codes verbatim): book, reschedule, cancel, check in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NewType

from scheduling.interval import Interval

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


class SchedulingRefusal(Exception):
    """An expected "no" of the scheduling rules."""


class SlotTaken(SchedulingRefusal):
    """The practitioner has something else at that time, buffers included."""


class PatientBusy(SchedulingRefusal):
    """The patient has another visit at that time."""


class OutsideHours(SchedulingRefusal):
    """The practitioner does not see patients at that time."""


class TooLate(SchedulingRefusal):
    """The time has passed, or the visit type's notice has."""


class NotPossibleNow(SchedulingRefusal):
    """The appointment's status does not allow it any more; `status` says what it is."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitType:
    """A kind of visit the clinic offers; `code` is its id."""

    code: str
    name: str
    length: timedelta
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    minimum_notice: timedelta = timedelta()
    preparation: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """`busy_from` and `busy_until` include the buffers. `mode` is "video" or "phone"."""

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

    @property
    def held(self) -> Interval:
        """The practitioner's time it takes, buffers included."""
        return Interval(start=self.busy_from, end=self.busy_until)

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What a booking is checked against: open hours, and what others hold of the practitioner and the patient."""

    open: tuple[Interval, ...]
    busy: tuple[Interval, ...]
    patient_busy: tuple[Interval, ...]


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
) -> Appointment:
    """A new appointment. Raises TooLate, OutsideHours, SlotTaken, PatientBusy."""
    check(visit_type=visit_type, starts_at=starts_at, calendar=calendar, now=now)
    visit, held = _times(visit_type, starts_at)
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
    )


def reschedule(
    appointment: Appointment, *, visit_type: VisitType, starts_at: datetime, calendar: Calendar, now: datetime
) -> Appointment:
    """The same appointment at another time. `calendar` leaves out what it holds itself. Raises as `book` does."""
    if appointment.status not in ("pending", "booked"):
        raise NotPossibleNow(appointment.status)
    check(visit_type=visit_type, starts_at=starts_at, calendar=calendar, now=now)
    visit, held = _times(visit_type, starts_at)
    return replace(
        appointment,
        starts_at=visit.start,
        ends_at=visit.end,
        busy_from=held.start,
        busy_until=held.end,
        version=appointment.version + 1,
    )


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


def check(*, visit_type: VisitType, starts_at: datetime, calendar: Calendar, now: datetime) -> None:
    """Raises TooLate, OutsideHours, SlotTaken, PatientBusy, in this order."""
    visit, held = _times(visit_type, starts_at)
    if starts_at < now + visit_type.minimum_notice:
        raise TooLate
    if not any(opening.contains(visit) for opening in calendar.open):
        raise OutsideHours
    if _any_overlap(held, calendar.busy):
        raise SlotTaken
    if _any_overlap(visit, calendar.patient_busy):
        raise PatientBusy


def _any_overlap(interval: Interval, others: Iterable[Interval]) -> bool:
    return any(interval.overlaps(other) for other in others)


def _times(visit_type: VisitType, starts_at: datetime) -> tuple[Interval, Interval]:
    """The visit itself, and the practitioner's time it takes with its buffers."""
    ends_at = starts_at + visit_type.length
    held = Interval(start=starts_at - visit_type.buffer_before, end=ends_at + visit_type.buffer_after)
    return Interval(start=starts_at, end=ends_at), held


def _become(appointment: Appointment, status: str) -> Appointment:
    if status not in MAY_BECOME[appointment.status]:
        raise NotPossibleNow(appointment.status)
    return replace(appointment, status=status, version=appointment.version + 1)
