"""Weekly hours as people write them, and back."""

from datetime import UTC, datetime, time, timedelta

import pytest

from scheduling.schedule import Hours, Schedule
from server.services.weekly_hours import EndsBeforeItBegins, HoursUnclear, read_day, read_week, write_day


@pytest.mark.parametrize(
    "text", ["", "09:00–12:00", "09:00–12:00, 13:00–17:00", "00:00–24:00", "00:00–06:00, 22:00–24:00"]
)
def test_what_is_written_is_read_back(text: str) -> None:
    assert write_day(((2, *span) for span in read_day(text)), 2) == text


@pytest.mark.parametrize(
    "text",
    ["9-9", "12-9", "22-6", "22-0", "0-0", "24-24", "9-25", "9-24:30", "0-24, 3-4", "9-12, 11-13", "9:60-10"],
)
def test_what_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(HoursUnclear):
        read_day(text)


@pytest.mark.parametrize("text", ["22:00-02:00", "9-5", "9-12, 22-0"])
def test_an_end_before_its_beginning_is_told_from_what_is_no_time(text: str) -> None:
    with pytest.raises(EndsBeforeItBegins):
        read_day(text)
    for unclear in ("9-9", "nine to five"):
        with pytest.raises(HoursUnclear) as raised:
            read_day(unclear)
        assert raised.type is HoursUnclear


def test_round_the_clock_has_no_gap_at_midnight() -> None:
    week = tuple(
        Hours(weekday=day, opens=opens, closes=closes) for day, opens, closes in read_week("mon-sun 0-24")
    )
    schedule = Schedule(practitioner_id="", time_zone="America/Denver", hours=week)
    # Over the night in which the clocks go back.
    start, end = datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    [opened] = schedule.open_between(start, end)
    assert (opened.start, opened.end - opened.start) == (start, timedelta(days=3))


def test_the_day_ends_at_midnight() -> None:
    assert read_day("22:00-24:00") == ((time(22), time(0)),)
