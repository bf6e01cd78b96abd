"""One story, newest first, that never jumps when it is read again."""

from datetime import UTC, datetime, timedelta

from server.care.people import age_on
from server.care.timeline import TimelineEntry, new_since, story

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def entry(kind: str, hours_ago: int, object_id: str = "x") -> TimelineEntry:
    return TimelineEntry(kind=kind, at=NOW - timedelta(hours=hours_ago), object_id=object_id)


def test_the_newest_comes_first_whatever_order_they_were_found_in():
    entries = [entry("visit", 3), entry("message", 1), entry("note", 2)]

    assert [e.kind for e in story(entries)] == ["message", "note", "visit"]
    assert story(entries) == story(entries[::-1])


def test_entries_of_one_moment_keep_their_order():
    entries = [entry("message", 1, "b"), entry("visit", 1), entry("message", 1, "a"), entry("note", 1)]

    assert story(entries) == story(entries[::-1])


def test_a_kind_can_be_left_out():
    assert story([entry("visit", 1), entry("note", 2)], kinds=frozenset({"note"})) == [entry("note", 2)]


def test_new_is_what_came_after_the_last_reading_and_nothing_when_nothing_was_read():
    entries = [entry("visit", 3), entry("message", 1)]

    assert new_since(entries, NOW - timedelta(hours=2)) == [entries[1]]
    assert new_since(entries, None) == []


def test_age_counts_the_birthday_itself():
    born = NOW.date().replace(year=1990)

    assert age_on(born, NOW.date()) == 36
    assert age_on(born, NOW.date() - timedelta(days=1)) == 35
