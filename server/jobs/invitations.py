"""Calendar entries (RFC 5545, RFC 5546): one UID per visit for good, a SEQUENCE that rises, a METHOD that says why.

Times are written in UTC: every calendar shows them in its owner's zone, and no zone table can disagree with ours.
"""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from server.web.words import N_, words_in

REQUEST, CANCEL = "REQUEST", "CANCEL"

TITLE = N_("Visit with %(clinic)s")
HOW = N_("Open this link when it is time: %(link)s")
CALL = N_("Another time, or a question? Call us: %(phone)s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """What a calendar is told: when, where, and nothing about care, because calendars are shared."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    clinic_name: str
    clinic_phone: str
    organizer: str
    attendee: str
    link: str
    written_at: datetime
    language: str


def calendar_of(invitation: Invitation, *, method: str) -> bytes:
    """The calendar file for `method`, REQUEST or CANCEL."""
    calendar = Calendar()
    calendar.add("prodid", "-//Bedside//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_event(invitation, cancelled=method == CANCEL))
    return bytes(calendar.to_ical())


def _event(invitation: Invitation, *, cancelled: bool) -> Event:
    say = words_in(invitation.language).gettext
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.written_at)
    event.add("dtstart", invitation.starts_at)
    event.add("dtend", invitation.ends_at)
    event.add("summary", say(TITLE) % {"clinic": invitation.clinic_name})
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    lines = [say(CALL) % {"phone": invitation.clinic_phone}]
    if not cancelled:
        lines.insert(0, say(HOW) % {"link": invitation.link})
        event.add("location", invitation.link)
        event.add("url", invitation.link)
    event.add("description", "\n".join(lines))
    event.add("organizer", _person(invitation.organizer, invitation.clinic_name))
    attendee = _person(invitation.attendee)
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    return event


def _person(address: str, name: str = "") -> vCalAddress:
    person = vCalAddress(f"MAILTO:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person
