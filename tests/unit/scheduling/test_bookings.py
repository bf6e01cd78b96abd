"""An appointment's life, and every reason why one cannot be booked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling import bookings
from scheduling.bookings import Appointment, Calendar, VisitType
from scheduling.interval import Interval

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
CHECK_IN = VisitType(
    code="check-in", name="Check-in", length=timedelta(minutes=30), buffer_after=timedelta(minutes=10)
)
DAY = Interval(start=TEN - timedelta(hours=2), end=TEN + timedelta(hours=6))
FREE = Calendar(open=(DAY,), busy=(), patient_busy=())


def book(calendar: Calendar = FREE, starts_at: datetime = TEN, kind: VisitType = CHECK_IN) -> Appointment:
    return bookings.book(
        id="a",  # type: ignore[arg-type]
        patient_id="mira",  # type: ignore[arg-type]
        practitioner_id="reyes",  # type: ignore[arg-type]
        visit_type=kind,
        starts_at=starts_at,
        mode="video",
        booked_by="ada",
        calendar=calendar,
        now=NOW,
    )


def around(start: datetime, minutes: int) -> Interval:
    return Interval(start=start, end=start + timedelta(minutes=minutes))


def test_a_booking_holds_its_buffers_too():
    booked = book()

    assert (booked.starts_at, booked.ends_at) == (TEN, TEN + timedelta(minutes=30))
    assert booked.held == around(TEN, 40)
    assert (booked.status, booked.version) == ("booked", 1)


def test_the_buffer_after_a_visit_keeps_the_next_one_away():
    with pytest.raises(bookings.SlotTaken):
        book(replace(FREE, busy=(around(TEN + timedelta(minutes=35), 30),)))


def test_a_visit_right_after_the_buffer_is_fine():
    book(replace(FREE, busy=(around(TEN + timedelta(minutes=40), 30),)))


def test_a_patient_has_one_visit_at_a_time():
    with pytest.raises(bookings.PatientBusy):
        book(replace(FREE, patient_busy=(around(TEN + timedelta(minutes=15), 30),)))


def test_nobody_is_booked_outside_hours():
    with pytest.raises(bookings.OutsideHours):
        book(starts_at=DAY.end - timedelta(minutes=15))


def test_the_past_and_too_short_notice_are_refused():
    with pytest.raises(bookings.TooLate):
        book(starts_at=NOW - timedelta(minutes=1))
    with pytest.raises(bookings.TooLate):
        book(kind=replace(CHECK_IN, minimum_notice=timedelta(days=2)))


def test_rescheduling_moves_the_time_and_raises_the_version():
    later = TEN + timedelta(hours=1)

    moved = bookings.reschedule(book(), visit_type=CHECK_IN, starts_at=later, calendar=FREE, now=NOW)

    assert (moved.starts_at, moved.held, moved.version) == (later, around(later, 40), 2)


def test_a_cancelled_visit_keeps_its_reason_and_cannot_be_moved_or_cancelled_again():
    cancelled = bookings.cancel(book(), reason="Snowed in")

    assert (cancelled.status, cancelled.cancellation_reason, cancelled.live) == (
        "cancelled",
        "Snowed in",
        False,
    )
    with pytest.raises(bookings.NotPossibleNow):
        bookings.cancel(cancelled, reason="again")
    with pytest.raises(bookings.NotPossibleNow):
        bookings.reschedule(cancelled, visit_type=CHECK_IN, starts_at=TEN, calendar=FREE, now=NOW)


def test_checking_in_twice_changes_nothing_and_a_late_patient_may_still_arrive():
    arrived = bookings.check_in(book())

    assert bookings.check_in(arrived) == arrived
    assert bookings.check_in(bookings.no_show(book())).status == "arrived"


def test_every_status_leads_only_to_known_ones():
    assert {after for options in bookings.MAY_BECOME.values() for after in options} <= set(
        bookings.MAY_BECOME
    )
