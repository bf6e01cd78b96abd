"""A time is never written without saying whose it is."""

from datetime import UTC, date, datetime

import pytest

from server.web import times

# 09:00 in Denver, 11:00 in New York, 17:00 in Madrid.
INSTANT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def plain(text: str) -> str:
    """Without the narrow blank that English puts before AM."""
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("America/Denver", "en", "9:00 AM"),
        ("America/New_York", "en", "11:00 AM"),
        ("Europe/Madrid", "es", "17:00"),
    ],
)
def test_one_instant_in_three_places(zone: str, language: str, said: str) -> None:
    assert plain(times.clock_time(INSTANT, zone, language)) == said


def test_the_day_is_the_one_of_the_place() -> None:
    late = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    assert times.day(late, "America/Denver") == "Mon, Nov 23"
    assert times.day(late, "America/New_York") == "Tue, Nov 24"


def test_the_year_is_the_one_of_the_place_too() -> None:
    new_year = datetime(2027, 1, 1, 5, 30, tzinfo=UTC)
    assert (times.year(new_year, "America/Denver"), times.year(new_year, "America/New_York")) == (2026, 2027)


def test_both_zones_are_said_where_they_differ_and_one_where_they_agree() -> None:
    both = plain(times.both_zones(INSTANT, theirs="America/New_York", clinic="America/Denver"))
    assert both == "11:00 AM your time (New York) · 9:00 AM clinic (Denver)"
    same = plain(times.both_zones(INSTANT, theirs="America/Denver", clinic="America/Denver"))
    assert same == "9:00 AM your time (Denver)"


def test_places_that_agree_in_winter_only_differ_in_summer() -> None:
    summer = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
    pair = {"theirs": "America/Phoenix", "clinic": "America/Denver"}
    assert "·" not in times.both_zones(INSTANT, **pair)
    assert "·" in times.both_zones(summer, **pair)


def test_dates_and_cities_are_written_out() -> None:
    assert times.long_date(date(1990, 4, 17)) == "April 17, 1990"
    assert times.zone_city("America/Los_Angeles") == "Los Angeles"
