"""Hours are wall time: they stay the same hours when the clocks change; the instants they mean do not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scheduling.interval import Interval, merge, subtract
from scheduling.schedule import Absence, DayException, Hours, Schedule

NINE_TO_FIVE = tuple(Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5))


def new_york(*exceptions: DayException) -> Schedule:
    return Schedule(
        practitioner_id="p", time_zone="America/New_York", hours=NINE_TO_FIVE, exceptions=exceptions
    )


def hour(day: int, hours: float, month: int = 11) -> datetime:
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


def night(opens: time, closes: time) -> Schedule:
    """Sundays in New York, when its clock changes."""
    return Schedule(
        practitioner_id="p",
        time_zone="America/New_York",
        hours=(Hours(weekday=6, opens=opens, closes=closes),),
    )


def test_hours_within_the_hour_that_comes_twice_are_open_both_times():
    # 1:00 to 1:30 is from 5:00Z in summer time and from 6:00Z in winter time.
    assert night(time(1), time(1, 30)).open_between(hour(1, 0), hour(2, 0)) == [
        span(hour(1, 5), hour(1, 5.5)),
        span(hour(1, 6), hour(1, 6.5)),
    ]
    assert night(time(1), time(3)).open_between(hour(1, 0), hour(2, 0)) == [span(hour(1, 5), hour(1, 8))]


def test_hours_that_end_within_the_hour_that_does_not_exist_end_when_the_clock_jumps():
    jump = datetime(2027, 3, 14, 7, tzinfo=UTC)

    opened = night(time(1), time(2, 30)).open_between(jump - timedelta(days=1), jump + timedelta(days=1))

    assert opened == [span(jump - timedelta(hours=1), jump)]


def test_part_of_a_day_is_closed_and_extra_hours_win_over_it():
    lunch = DayException(on=date(2026, 11, 3), closed=True, opens=time(12), closes=time(14))
    urgent = DayException(on=date(2026, 11, 3), closed=False, opens=time(13), closes=time(13, 30))

    assert new_york(lunch, urgent).open_between(hour(3, 0), hour(4, 0)) == [
        span(hour(3, 14), hour(3, 17)),
        span(hour(3, 18), hour(3, 18.5)),
        span(hour(3, 19), hour(3, 22)),
    ]


def test_leave_and_closures_win_over_everything():
    extra = DayException(on=date(2026, 11, 7), closed=False, opens=time(10), closes=time(12))
    leave = Absence.whole_days(
        first_on=date(2026, 11, 3), last_on=date(2026, 11, 7), time_zone="America/New_York"
    )
    # The clinic in Los Angeles closes at ten in the morning: that is one o'clock in New York.
    closure = Absence(
        starts=datetime(2026, 11, 2, 10),
        ends=datetime(2026, 11, 2, 11),
        time_zone="America/Los_Angeles",
        reason="Fire drill",
    )

    schedule = replace(new_york(extra), leave=(leave,), closures=(closure,))

    assert schedule.open_between(hour(2, 0), hour(9, 0)) == [
        span(hour(2, 14), hour(2, 18)),
        span(hour(2, 19), hour(2, 22)),
    ]


def test_an_absence_in_doubt_about_the_hour_that_comes_twice_is_the_longer_one():
    half_past = datetime(2026, 11, 1, 1, 30)
    all_hours = night(time(0), time(0))
    until = Absence(starts=datetime(2026, 10, 31), ends=half_past, time_zone="America/New_York")
    since = Absence(starts=half_past, ends=datetime(2026, 11, 9), time_zone="America/New_York")

    assert replace(all_hours, leave=(until,)).open_between(hour(1, 0), hour(2, 0))[0].start == hour(1, 6.5)
    assert replace(all_hours, leave=(since,)).open_between(hour(1, 0), hour(2, 0))[-1].end == hour(1, 5.5)


def test_an_absence_that_ends_in_the_hour_that_does_not_exist_ends_when_the_clock_jumps():
    jump = datetime(2027, 3, 14, 7, tzinfo=UTC)
    leave = Absence(
        starts=datetime(2027, 3, 13), ends=datetime(2027, 3, 14, 2, 30), time_zone="America/New_York"
    )

    opened = replace(night(time(0), time(0)), leave=(leave,)).open_between(jump, jump + timedelta(hours=2))

    assert opened == [span(jump, jump + timedelta(hours=2))]
