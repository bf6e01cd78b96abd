"""Calendars as Google, Outlook and Apple write them, read as busy times and nothing else."""

from datetime import UTC, datetime

import pytest

from server.services.busy_calendar import NoCalendar, busy_times

START, END = datetime(2026, 10, 26, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:ines@example.org
X-WR-TIMEZONE:America/Denver
BEGIN:VTIMEZONE
TZID:America/Denver
BEGIN:DAYLIGHT
TZOFFSETFROM:-0700
TZOFFSETTO:-0600
TZNAME:MDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0600
TZOFFSETTO:-0700
TZNAME:MST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/Denver:20261027T100000
DTEND;TZID=America/Denver:20261027T110000
RRULE:FREQ=WEEKLY;UNTIL=20261110T170000Z;BYDAY=TU
EXDATE;TZID=America/Denver:20261103T100000
UID:a@google.com
STATUS:CONFIRMED
SUMMARY:Couples therapy
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20261110T190000Z
DTEND:20261110T193000Z
RECURRENCE-ID;TZID=America/Denver:20261110T100000
UID:a@google.com
STATUS:CONFIRMED
SUMMARY:Couples therapy, moved
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261105
DTEND;VALUE=DATE:20261106
UID:b@google.com
SUMMARY:Birthday
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20261106T150000Z
DTEND:20261106T160000Z
UID:c@google.com
STATUS:CANCELLED
SUMMARY:Gone
END:VEVENT
END:VCALENDAR
"""
OUTLOOK = """BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
X-WR-CALNAME:Calendar
BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
RRULE:FREQ=DAILY;COUNT=3;INTERVAL=2
UID:040000008200E00074C5B7101A82E008
SUMMARY:Busy
DTSTART;TZID=Eastern Standard Time:20261030T090000
DTEND;TZID=Eastern Standard Time:20261030T093000
CLASS:PUBLIC
TRANSP:OPAQUE
STATUS:CONFIRMED
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E009
SUMMARY:Free
DTSTART;TZID=Eastern Standard Time:20261030T120000
DTEND;TZID=Eastern Standard Time:20261030T130000
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"""
APPLE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//iOS 26.0//EN
CALSCALE:GREGORIAN
X-APPLE-CALENDAR-COLOR:#FF2968
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261102
DURATION:P2D
UID:5B1F-1
SUMMARY:Hike
END:VEVENT
BEGIN:VEVENT
DTSTART:20261105T093000
DURATION:PT45M
UID:5B1F-2
SUMMARY:No zone
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/Los_Angeles:20261106T080000
DTEND;TZID=America/Los_Angeles:20261106T090000
RDATE;TZID=America/Los_Angeles:20261107T083000
UID:5B1F-3
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""


def read(text: str, zone: str = "America/Denver") -> list[str]:
    found = busy_times(text.replace("\n", "\r\n").encode(), zone=zone, start=START, end=END)
    return [f"{each.start:%m-%d %H:%M}–{each.end:%m-%d %H:%M}" for each in found]


def test_google_a_weekly_event_keeps_its_hour_through_the_change_of_the_clocks() -> None:
    assert read(GOOGLE) == [
        "10-27 16:00–10-27 17:00",
        # The one of 3 November is left out, the one of 10 November stands elsewhere; Denver is an hour later by then.
        "11-10 19:00–11-10 19:30",
    ]


def test_google_an_until_in_utc_counts_on_the_events_own_wall() -> None:
    without = GOOGLE.replace("RECURRENCE-ID;TZID=America/Denver:20261110T100000\n", "").replace(
        "UID:a@google.com\nSTATUS:CONFIRMED\nSUMMARY:Couples therapy, moved", "UID:d@google.com"
    )
    assert "11-10 17:00–11-10 18:00" in read(without)


def test_outlook_its_own_names_of_zones_and_its_own_word_for_free() -> None:
    assert read(OUTLOOK) == [
        "10-30 13:00–10-30 13:30",
        "11-01 14:00–11-01 14:30",
        "11-03 14:00–11-03 14:30",
    ]


def test_apple_whole_days_and_times_without_a_zone_are_meant_where_the_practitioner_works() -> None:
    assert read(APPLE) == [
        "11-02 07:00–11-04 07:00",
        "11-05 16:30–11-05 17:15",
        "11-06 16:00–11-06 17:00",
        "11-07 16:30–11-07 17:30",
    ]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;COUNT=99999999", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY"],
)
def test_an_event_that_repeats_without_end_ends(rule: str) -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nDTSTART:20200101T090000Z\n"
        f"DTEND:20200101T093000Z\nRRULE:{rule}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert len(read(text)) <= 21


def test_one_event_that_nobody_can_read_says_nothing_about_the_others() -> None:
    broken = "BEGIN:VEVENT\nUID:z\nDTSTART:20261105T100000Z\nRRULE:FREQ=WEEKLY;BYDAY=XX\nEND:VEVENT\n"
    assert read(APPLE.replace("BEGIN:VEVENT\n", broken + "BEGIN:VEVENT\n", 1))[0] == "11-02 07:00–11-04 07:00"


@pytest.mark.parametrize(
    "text", [b"", b"<html>Sign in</html>", b"BEGIN:VCARD\r\nEND:VCARD\r\n", b"\xff\xfe\x00"]
)
def test_what_is_no_calendar_is_refused(text: bytes) -> None:
    with pytest.raises(NoCalendar):
        busy_times(text, zone="America/Denver", start=START, end=END)


def test_an_event_that_stands_in_place_of_two_others_says_nothing_about_the_rest() -> None:
    broken = GOOGLE.replace("RECURRENCE-ID;", "RECURRENCE-ID:20261103T170000Z\nRECURRENCE-ID;", 1)
    assert broken != GOOGLE
    assert "10-27 16:00" in read(broken)[0]
