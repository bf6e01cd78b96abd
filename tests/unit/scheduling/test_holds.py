"""A time that is kept counts as busy until it expires or becomes a booking."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling import holds
from scheduling.bookings import Calendar, SlotTaken
from scheduling.holds import Hold
from scheduling.interval import Interval
from scheduling.visit_types import NotTheirKind, VisitType

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
KIND = VisitType(code="x", name="x", length=timedelta(minutes=30), buffer_after=timedelta(minutes=10))
FREE = Calendar(
    open=(Interval(start=TEN - timedelta(hours=2), end=TEN + timedelta(hours=6)),), busy=(), patient_busy=()
)


def keep(calendar: Calendar = FREE, kind: VisitType = KIND) -> Hold:
    return holds.hold(
        id="h",  # type: ignore[arg-type]
        practitioner_id="reyes",  # type: ignore[arg-type]
        patient_id=None,
        visit_type=kind,
        starts_at=TEN,
        held_by="ada",
        calendar=calendar,
        now=NOW,
    )


def test_a_hold_takes_its_buffers_too_until_it_expires_and_not_a_moment_longer():
    kept = keep()
    last = kept.expires_at - timedelta(seconds=1)

    assert holds.busy_at([kept], now=last) == [Interval(start=TEN, end=TEN + timedelta(minutes=40))]
    assert holds.busy_at([kept], now=kept.expires_at) == []


def test_the_hold_that_becomes_a_booking_is_not_in_its_own_way():
    assert holds.busy_at([keep()], now=NOW, leave_out="h") == []


def test_only_a_hold_that_has_not_expired_becomes_a_booking():
    kept = keep()

    holds.check_hold(kept, now=kept.expires_at - timedelta(seconds=1))
    with pytest.raises(holds.HoldExpired):
        holds.check_hold(kept, now=kept.expires_at)


def test_what_could_not_be_booked_is_not_held_either():
    with pytest.raises(SlotTaken):
        keep(replace(FREE, busy=(keep().held,)))
    with pytest.raises(NotTheirKind):
        keep(kind=replace(KIND, held_by=frozenset({"okafor"})))
