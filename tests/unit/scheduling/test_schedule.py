"""Hours are wall time: they stay the same hours when the clocks change; the instants they mean do not."""

from datetime import UTC, date, datetime, time, timedelta

from scheduling.interval import Interval, merge, subtract
from scheduling.schedule import DayException, Hours, Schedule

NINE_TO_FIVE = tuple(Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5))


def new_york(*exceptions: DayException) -> Schedule:
    return Schedule(
        practitioner_id="p", time_zone="America/New_York", hours=NINE_TO_FIVE, exceptions=exceptions
    )


def hour(day: int, hours: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hours)


def span(start: datetime, end: datetime) -> Interval:
    return Interval(start=start, end=end)


def test_nine_in_new_york_is_another_instant_after_the_clocks_go_back():
    before = new_york().open_between(hour(30, 0, 10), hour(31, 0, 10))
    after = new_york().open_between(hour(2, 0), hour(3, 0))

    assert before == [span(hour(30, 13, 10), hour(30, 21, 10))]
    assert after == [span(hour(2, 14), hour(2, 22))]


def test_a_closed_day_has_no_hours_and_extra_hours_are_added():
    closed = DayException(on=date(2026, 11, 3), closed=True)
    saturday = DayException(on=date(2026, 11, 7), closed=False, opens=time(10), closes=time(12))

    schedule = new_york(closed, saturday)

    assert schedule.open_between(hour(3, 0), hour(4, 0)) == []
    assert schedule.open_between(hour(7, 0), hour(8, 0)) == [span(hour(7, 15), hour(7, 17))]


def test_hours_until_midnight_end_when_the_day_does():
    late = Schedule(
        practitioner_id="p",
        time_zone="Europe/Berlin",
        hours=(Hours(weekday=0, opens=time(22), closes=time(0)),),
    )

    assert late.open_between(hour(2, 0), hour(4, 0)) == [span(hour(2, 21), hour(2, 23))]


def test_hours_that_lie_in_the_hour_that_does_not_exist_are_not_offered():
    gap = Schedule(
        practitioner_id="p",
        time_zone="America/New_York",
        hours=(Hours(weekday=6, opens=time(2), closes=time(3)),),
    )

    opened = gap.open_between(datetime(2027, 3, 14, tzinfo=UTC), datetime(2027, 3, 15, tzinfo=UTC))

    assert opened == []


def test_touching_intervals_do_not_overlap_and_merge_into_one():
    morning, noon = span(hour(2, 9), hour(2, 12)), span(hour(2, 12), hour(2, 13))

    assert not morning.overlaps(noon)
    assert merge([noon, morning]) == [span(hour(2, 9), hour(2, 13))]


def test_taking_away_the_middle_leaves_both_ends():
    assert subtract([span(hour(2, 9), hour(2, 17))], [span(hour(2, 12), hour(2, 13))]) == [
        span(hour(2, 9), hour(2, 12)),
        span(hour(2, 13), hour(2, 17)),
    ]
