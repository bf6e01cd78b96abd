"""RFC 5546: what a clinician is mailed when a visit is theirs (METHOD:REQUEST) or theirs no more (METHOD:CANCEL)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import vobject

from server.jobs.letters import letter_for
from server.notify import Letter
from server.services.calendar_mail import OwnVisit
from tests.unit.test_messages import NOW, OUTGOING, SENDER

OWN = OwnVisit(
    encounter_id="e1",
    practitioner_id="p2",
    sequence=2,
    starts_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 17, 30, tzinfo=UTC),
    zone="America/Denver",
    mode="phone",
    kind="Check-in",
)
TEXT = """\
Hello Dr. Jonas Okafor,

This visit is yours now, or at another time than before:

  Monday, November 23, 2026
  10:00 AM to 10:30 AM (Denver)
  Check-in · by phone

It opens when you are signed in:

https://desk.example.org/clinic/consult/e1

You chose to be mailed this on the page “Your own calendar”, and can end it there.

Harbor Clinic
"""
EVENT = """\
BEGIN:VEVENT
SUMMARY:Check-in · by phone
DTSTART;TZID=America/Denver:20261123T100000
DTEND;TZID=America/Denver:20261123T103000
DTSTAMP:20261120T090000Z
UID:e1.p2@harbor.example
SEQUENCE:2
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:MAILTO:okafor@harbor.example
CLASS:PRIVATE
DESCRIPTION:Open this link when it is time: https://desk.example.org/clinic/consult/e1
LOCATION:https://desk.example.org/clinic/consult/e1
ORGANIZER;CN="Harbor Clinic":MAILTO:visits@harbor.example
STATUS:CONFIRMED
TRANSP:OPAQUE
URL:https://desk.example.org/clinic/consult/e1
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-DISALLOW-COUNTER:TRUE
END:VEVENT
"""
GONE = {
    "SEQUENCE:3",
    "STATUS:CANCELLED",
    "TRANSP:TRANSPARENT",
    "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
}


def letter(kind: str = "own_visit", own: OwnVisit = OWN) -> Letter:
    told = replace(
        OUTGOING,
        kind=kind,
        visit=None,
        to="okafor@harbor.example",
        name="Dr. Jonas Okafor",
        zone=OWN.zone,
        language="",
        own=own,
    )
    return letter_for(told, SENDER, now=NOW)


def event_of(said: Letter) -> list[str]:
    assert said.calendar is not None
    lines = said.calendar.decode().replace("\r\n ", "").split("\r\n")
    return lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT") + 1]


def test_the_invitation_word_for_word() -> None:
    said = letter()
    assert said.text.replace("\u202f", " ") == TEXT
    assert said.subject.replace("\u202f", " ") == "Your calendar: Mon, Nov 23, 10:00 AM - Harbor Clinic"
    assert (event_of(said), said.method) == (EVENT.splitlines(), "REQUEST")


def test_what_is_gone_names_the_same_entry_and_leads_nowhere() -> None:
    said = letter("own_visit_gone", replace(OWN, sequence=3))
    assert set(event_of(said)) - set(EVENT.splitlines()) == GONE
    assert said.method == "CANCEL" and "https://" not in said.text
    assert "somebody else sees the patient" in said.text


@pytest.mark.parametrize(("kind", "method"), [("own_visit", "REQUEST"), ("own_visit_gone", "CANCEL")])
def test_another_library_reads_what_was_meant(kind: str, method: str) -> None:
    read = vobject.readOne((letter(kind).calendar or b"").decode())
    assert (read.method.value, read.vevent.uid.value) == (method, "e1.p2@harbor.example")
    assert (read.vevent.dtstart.value, read.vevent.dtend.value) == (OWN.starts_at, OWN.ends_at)


@pytest.mark.parametrize("kind", ["own_visit", "own_visit_gone"])
@pytest.mark.parametrize("mode", ["video", "phone"])
def test_a_calendar_that_is_told_nothing_learns_nothing(kind: str, mode: str) -> None:
    said = letter(kind, own=replace(OWN, kind="", mode=mode))
    everything = f"{said.subject} {said.text} {said.html} {(said.calendar or b'').decode()}"
    assert "SUMMARY:Busy" in everything
    for word in ("Check-in", "phone", "https://", "clinic/consult"):
        assert word not in said.text and word not in (said.calendar or b"").decode()
    assert "\n\n\n" not in said.text
