"""RFC 5545, RFC 5546: entries that Outlook, Google and Apple calendars add, move and take away again.

What other libraries (vobject, and dateutil with the zones the file brings and no others) read out of our bytes is what
was meant.
"""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import dateutil.tz
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from server.web.calendars import CANCEL, PUBLISH, REQUEST, FeedEntry, Invitation, calendar_of, feed_of, uid_of

INVITATION = Invitation(
    uid=uid_of("e1", "harbor.example"),
    sequence=1,
    starts_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
    zone="America/New_York",
    clinic_name="Harbor Clinic",
    clinic_phone="(303) 555-0100",
    organizer="visits@harbor.example",
    attendee="nadia@example.org",
    link="https://visits.example.org/visit/join/" + "t" * 43,
    written_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    language="en",
)
ENTRY = FeedEntry(
    uid="e1.p1@harbor.example",
    sequence=2,
    starts_at=INVITATION.starts_at,
    ends_at=INVITATION.ends_at,
    title="Check-in",
    link="https://desk.example.org/clinic/consult/e1",
    changed_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
)

INVITED = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Bedside//Visits//EN
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:20251231T190000
TZNAME:EST
TZOFFSETFROM:-0500
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260308T020000
RDATE:20270314T020000
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261101T020000
RDATE:20271107T020000
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Visit with Harbor Clinic
DTSTART;TZID=America/New_York:20261123T120000
DTEND;TZID=America/New_York:20261123T123000
DTSTAMP:20261120T090000Z
UID:e1@harbor.example
SEQUENCE:1
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:MAILTO:nadia@example.org
CLASS:PRIVATE
DESCRIPTION:Open this link when it is time: https://visits.example.org/vis
 it/join/ttttttttttttttttttttttttttttttttttttttttttt\\nAnother time\\, or a q
 uestion? Call us: (303) 555-0100
LOCATION:https://visits.example.org/visit/join/ttttttttttttttttttttttttttt
 tttttttttttttttt
ORGANIZER;CN="Harbor Clinic":MAILTO:visits@harbor.example
STATUS:CONFIRMED
TRANSP:OPAQUE
URL:https://visits.example.org/visit/join/tttttttttttttttttttttttttttttttt
 ttttttttttt
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-DISALLOW-COUNTER:TRUE
END:VEVENT
END:VCALENDAR
"""
# What differs from that, line by line, when the visit was moved by a day, and when it was cancelled.
MOVED = {
    "DTSTART;TZID=America/New_York:20261124T120000",
    "DTEND;TZID=America/New_York:20261124T123000",
    "SEQUENCE:2",
}
CANCELLED = {
    "METHOD:CANCEL",
    "SEQUENCE:3",
    "STATUS:CANCELLED",
    "TRANSP:TRANSPARENT",
    "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
    "DESCRIPTION:Another time\\, or a question? Call us: (303) 555-0100",
}


def lines(calendar: bytes) -> list[str]:
    return calendar.decode().replace("\r\n", "\n").replace("\n ", "").splitlines()


def test_the_invitation_is_this_to_the_letter() -> None:
    assert calendar_of(INVITATION, method=REQUEST).decode() == INVITED.replace("\n", "\r\n")


def test_moving_names_the_same_entry_with_a_higher_number_and_nothing_else_changes() -> None:
    later = {
        "starts_at": INVITATION.starts_at + timedelta(days=1),
        "ends_at": INVITATION.ends_at + timedelta(days=1),
    }
    moved = calendar_of(replace(INVITATION, sequence=2, **later), method=REQUEST)
    assert set(lines(moved)) - set(lines(INVITED.encode())) == MOVED


def test_cancelling_names_the_same_entry_and_leads_nowhere_any_more() -> None:
    cancelled = calendar_of(replace(INVITATION, sequence=3), method=CANCEL)
    assert set(lines(cancelled)) - set(lines(INVITED.encode())) == CANCELLED
    assert b"/visit/join/" not in cancelled


def test_a_fetched_entry_invites_nobody_and_is_the_mailed_one() -> None:
    fetched = lines(calendar_of(INVITATION, method=PUBLISH))
    assert set(lines(INVITED.encode())) - set(fetched) == {
        "METHOD:REQUEST",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:MAILTO:nadia@example.org",
    }


def test_nobody_who_shares_a_calendar_reads_what_it_is_about() -> None:
    assert b"CLASS:PRIVATE" in calendar_of(INVITATION, method=REQUEST)


@pytest.mark.parametrize("method", [REQUEST, CANCEL])
def test_every_line_is_folded_at_75_octets_and_ends_as_the_standard_wants(method: str) -> None:
    written = calendar_of(replace(INVITATION, clinic_name="Clínica " + "ñandú " * 30), method=method)
    assert written.endswith(b"\r\n") and b"\n" not in written.replace(b"\r\n", b"")
    assert max(len(line) for line in written.split(b"\r\n")) <= 75


def test_the_second_of_two_equal_hours_is_written_in_utc() -> None:
    """RFC 5545, 3.3.5: a local time that comes twice means the first of the two."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 1:30 in New York, summer time
    half = timedelta(minutes=30)
    once = calendar_of(replace(INVITATION, starts_at=first, ends_at=first + half), method=REQUEST)
    again = first + timedelta(hours=1)
    twice = calendar_of(replace(INVITATION, starts_at=again, ends_at=again + half), method=REQUEST)
    assert "DTSTART;TZID=America/New_York:20261101T013000" in lines(once)
    assert "DTSTART:20261101T063000Z" in lines(twice)


def instants(calendar: bytes) -> tuple[datetime, datetime]:
    """Start and end as dateutil reads them, by the rules in the file: a local time that comes twice is the first."""
    text = calendar.decode().replace("\r\n ", "")
    zones = dateutil.tz.tzical(io.StringIO(text))

    def instant(name: str) -> datetime:
        found = re.search(rf"^{name}(?:;TZID=([^:]+))?:(\d{{8}}T\d{{6}})", text, re.MULTILINE)
        assert found is not None
        zone = zones.get(found[1]) if found[1] else UTC
        return datetime.strptime(found[2], "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)

    event = text.index("BEGIN:VEVENT")
    text = text[event:]
    return instant("DTSTART"), instant("DTEND")


@cache
def changes_of(zone: str) -> list[datetime]:
    """The instants at which the clocks of `zone` change, 2024 to 2037, to the minute."""
    found, day = [], datetime(2024, 1, 1, tzinfo=UTC)
    there = ZoneInfo(zone)
    while day.year < 2038:
        after = day + timedelta(days=1)
        if day.astimezone(there).utcoffset() != after.astimezone(there).utcoffset():
            low, high = day, after
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                same = middle.astimezone(there).utcoffset() == low.astimezone(there).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        day = after
    return found


@given(data=st.data(), zone=st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone)))
def test_another_library_reads_the_very_instants_around_every_change_of_the_clocks(
    data: st.DataObject, zone: str
) -> None:
    at = data.draw(st.sampled_from(changes_of(zone) or [INVITATION.starts_at]))
    starts_at = at + timedelta(minutes=15 * data.draw(st.integers(-12, 12)))
    ends_at = starts_at + timedelta(minutes=data.draw(st.sampled_from([15, 30, 60, 90])))
    written = calendar_of(
        replace(INVITATION, zone=zone, starts_at=starts_at, ends_at=ends_at), method=REQUEST
    )
    assert instants(written) == (starts_at, ends_at)


def test_another_library_reads_who_what_and_how_often_it_changed() -> None:
    read = vobject.readOne(calendar_of(replace(INVITATION, sequence=7), method=CANCEL).decode())
    event = read.vevent
    assert (read.method.value, event.uid.value, event.sequence.value) == ("CANCEL", "e1@harbor.example", "7")
    assert (event.organizer.value, event.attendee.value) == (
        "MAILTO:visits@harbor.example",
        "MAILTO:nadia@example.org",
    )


def test_a_feed_has_each_visit_once_with_the_rules_of_the_zone() -> None:
    entries = [ENTRY, replace(ENTRY, uid="e2.p1@harbor.example", title="First visit")]
    read = vobject.readOne(feed_of(entries, name="Harbor Clinic", zone="America/Los_Angeles").decode())
    assert [(event.uid.value, event.summary.value) for event in read.vevent_list] == [
        ("e1.p1@harbor.example", "Check-in"),
        ("e2.p1@harbor.example", "First visit"),
    ]
    assert read.vevent_list[0].dtstart.value.astimezone(UTC) == ENTRY.starts_at
    assert [zone.tzid.value for zone in read.vtimezone_list] == ["America/Los_Angeles"]


def test_the_same_visits_are_the_same_bytes() -> None:
    assert feed_of([ENTRY], name="Harbor Clinic", zone="UTC") == feed_of(
        [ENTRY], name="Harbor Clinic", zone="UTC"
    )


def test_a_feed_without_visits_is_a_calendar_all_the_same() -> None:
    read = vobject.readOne(feed_of([], name="Harbor Clinic", zone="America/Denver").decode())
    assert (read.method.value, "vevent" in read.contents) == ("PUBLISH", False)
