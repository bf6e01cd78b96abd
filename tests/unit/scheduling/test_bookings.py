"""An appointment's life, and every reason why one cannot be booked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling import bookings
from scheduling.bookings import Appointment, Calendar
from scheduling.interval import Interval
from scheduling.schedule import Absence
from scheduling.visit_types import NotTheirKind, TooFarAhead, TooLate, VisitType

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
CHECK_IN = VisitType(
    code="check-in", name="Check-in", length=timedelta(minutes=30), buffer_after=timedelta(minutes=10)
)
DAY = Interval(start=TEN - timedelta(hours=2), end=TEN + timedelta(hours=6))
FREE = Calendar(open=(DAY,), busy=(), patient_busy=())


def book(
    calendar: Calendar = FREE,
    starts_at: datetime = TEN,
    kind: VisitType = CHECK_IN,
    overbook: str | None = None,
) -> Appointment:
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
        overbook=overbook,
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
    with pytest.raises(TooLate):
        book(starts_at=NOW - timedelta(minutes=1))
    with pytest.raises(TooLate):
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


TAKEN = replace(FREE, busy=(around(TEN, 30),))


def test_taken_time_is_booked_again_with_a_reason_which_the_appointment_carries():
    assert book(TAKEN, overbook=" Feels worse ").overbook_reason == "Feels worse"
    assert book(starts_at=DAY.end, overbook="Only then").overbook_reason == "Only then"


def test_a_reason_that_was_not_needed_is_not_carried():
    assert book(overbook="To be sure").overbook_reason is None


def test_overbooking_needs_a_reason():
    with pytest.raises(bookings.OverbookReasonMissing):
        book(TAKEN, overbook="  ")


def test_no_reason_overbooks_the_patient_the_notice_or_a_licence():
    with pytest.raises(bookings.PatientBusy):
        book(replace(TAKEN, patient_busy=(around(TEN, 30),)), overbook="Please")
    with pytest.raises(TooLate):
        book(starts_at=NOW - timedelta(minutes=1), overbook="Please")
    with pytest.raises(bookings.NotLicensed):
        book(replace(TAKEN, licensed=()), overbook="Please")


def test_an_overbooked_visit_moved_to_a_free_time_is_overbooked_no_more():
    overbooked = book(TAKEN, overbook="Feels worse")

    moved = bookings.reschedule(
        overbooked, visit_type=CHECK_IN, starts_at=TEN + timedelta(hours=1), calendar=TAKEN, now=NOW
    )

    assert moved.overbook_reason is None


def test_too_far_ahead_and_somebody_elses_kind_are_refused():
    with pytest.raises(TooFarAhead):
        book(kind=replace(CHECK_IN, horizon=timedelta(hours=1)))
    with pytest.raises(NotTheirKind):
        book(kind=replace(CHECK_IN, held_by=frozenset({"okafor"})))


def test_a_visit_lies_within_a_licence_whole():
    ends = TEN + timedelta(minutes=30)

    book(replace(FREE, licensed=(Interval(start=TEN - timedelta(days=9), end=ends),)))
    with pytest.raises(bookings.NotLicensed):
        book(
            replace(
                FREE, licensed=(Interval(start=TEN - timedelta(days=9), end=ends - timedelta(minutes=1)),)
            )
        )


def test_a_visit_goes_to_another_practitioner_at_the_same_time_even_at_short_notice():
    hasty = replace(CHECK_IN, minimum_notice=timedelta(days=9))

    given = bookings.reassign(book(), practitioner_id="okafor", visit_type=hasty, calendar=FREE)  # type: ignore[arg-type]

    assert (given.practitioner_id, given.starts_at, given.version) == ("okafor", TEN, 2)
    with pytest.raises(bookings.SlotTaken):
        bookings.reassign(book(), practitioner_id="okafor", visit_type=hasty, calendar=TAKEN)  # type: ignore[arg-type]


def test_leave_lists_the_live_visits_it_meets_in_order_of_time_and_changes_nothing():
    first, second = book(), replace(book(starts_at=TEN + timedelta(hours=1)), id="b")
    gone = replace(bookings.cancel(book(), reason="x"), id="c")
    after = replace(book(starts_at=TEN + timedelta(hours=2)), id="d")
    # 10:15 to 12:00 in Denver: the first visit lasts until 10:30, the last one begins at noon.
    leave = Absence(
        starts=datetime(2026, 11, 24, 10, 15),
        ends=datetime(2026, 11, 24, 12, 0),
        time_zone="America/Denver",
    )

    assert bookings.hit_by(leave, [after, second, gone, first]) == [first, second]


def test_what_waited_for_a_word_is_booked_when_it_goes_to_somebody_who_is_free():
    waits = bookings.ask_first(book(TAKEN, overbook="Cannot wait"))

    given = bookings.reassign(waits, practitioner_id="okafor", visit_type=CHECK_IN, calendar=FREE)  # type: ignore[arg-type]

    assert (given.status, given.overbook_reason) == ("booked", None)


def test_somebody_who_is_here_stays_here_when_their_visit_is_given_on():
    here = bookings.check_in(book(TAKEN, overbook="Cannot wait"))

    given = bookings.reassign(here, practitioner_id="okafor", visit_type=CHECK_IN, calendar=FREE)  # type: ignore[arg-type]

    assert given.status == "arrived"
