"""Calendar entries (RFC 5545, RFC 5546): one UID per visit for good, a SEQUENCE that rises, a METHOD that says why.

Times carry the zone of whoever reads them, with that zone's rules beside them (VTIMEZONE), so that a calendar needs no
table of its own to find the instant. The second of two equal wall times, when clocks go back, cannot be said that way
(RFC 5545, 3.3.5: a local time means the first); it is written in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from scheduling import wall
from server.web.words import N_, words_in

# A file to keep, word to the invited, and word to those who were.
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
PRODUCT = "-//Bedside//Visits//EN"
# How soon a calendar that follows an address should look again, in case it asks.
LOOK_AGAIN = timedelta(minutes=15)

TITLE = N_("Visit with %(clinic)s")
HOW = N_("Open this link when it is time: %(link)s")
CALL = N_("Another time, or a question? Call us: %(phone)s")
TAKEN, BY_PHONE = N_("Busy"), N_("by phone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """What a calendar is told: when, where, and nothing about care, because calendars are shared.

    `zone` is the reader's (IANA). `sequence` is higher than in every entry of this `uid` before.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    clinic_name: str
    clinic_phone: str
    organizer: str
    attendee: str
    link: str
    written_at: datetime
    language: str
    # For a clinician, who is told of their own visit; "" for a patient, who has one with the clinic.
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedEntry:
    """A visit in a clinician's own calendar. `changed_at` changes with the entry only: equal feeds stay equal."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    link: str
    changed_at: datetime


def uid_of(encounter_id: str, domain: str) -> str:
    """The visit's for good: what moves or cancels it names it again."""
    return f"{encounter_id}@{domain}"


def own_uid(encounter_id: str, practitioner_id: str, domain: str) -> str:
    """Not the patient's entry: somebody may have both in one calendar."""
    return uid_of(f"{encounter_id}.{practitioner_id}", domain)


def own_title(*, kind: str, patient_name: str, mode: str, language: str) -> str:
    """What a visit is called in its clinician's calendar, as far as that is told."""
    say = words_in(language).gettext
    parts = [say(kind), patient_name, say(BY_PHONE) if mode == "phone" else ""] if kind else [say(TAKEN)]
    return " · ".join(part for part in parts if part)


def calendar_of(invitation: Invitation, *, method: str) -> bytes:
    """The calendar file for `method`: REQUEST, CANCEL, or PUBLISH for one that somebody fetches."""
    calendar = _calendar(method)
    calendar.add_component(_rules(invitation.zone, invitation.starts_at, invitation.ends_at))
    calendar.add_component(_invited(invitation, method=method))
    return bytes(calendar.to_ical())


def feed_of(entries: Sequence[FeedEntry], *, name: str, zone: str) -> bytes:
    """The calendar file of an address that calendars follow; what is not in it any more disappears there."""
    calendar = _calendar(PUBLISH)
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{int(LOOK_AGAIN.total_seconds() // 60)}M")
    if entries:
        first = min(entry.starts_at for entry in entries)
        calendar.add_component(_rules(zone, first, max(entry.ends_at for entry in entries)))
    for entry in entries:
        event = _event(entry.uid, entry.sequence, entry.starts_at, entry.ends_at, zone)
        event.add("dtstamp", entry.changed_at)
        event.add("summary", entry.title)
        if entry.link:
            event.add("url", entry.link)
        _busy(event, status="CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _rules(zone: str, first: datetime, last: datetime) -> Timezone:
    """How the zone's clocks stand from the year of `first` to the year after `last`, every change by its date.

    Our own, because icalendar (7.3) writes a change at the wall time after it instead of the one before it (RFC 5545,
    3.6.5), which puts a visit in the first hour of summer time an hour off.
    """
    rules = Timezone()
    rules.add("tzid", zone)
    low = wall.floor(datetime(first.year, 1, 1, tzinfo=UTC))
    high = wall.floor(datetime(last.year + 2, 1, 1, tzinfo=UTC))
    onsets: dict[tuple[int, int], list[int]] = {}
    before: int | None = None
    for start, _, ahead in wall.stretches(zone, low, high):
        if ahead != before:
            onsets.setdefault((ahead if before is None else before, ahead), []).append(start)
        before = ahead
    for (offset_from, offset_to), starts in onsets.items():
        rules.add_component(_observance(zone, offset_from, offset_to, starts))
    return rules


def _observance(
    zone: str, offset_from: int, offset_to: int, starts: list[int]
) -> TimezoneStandard | TimezoneDaylight:
    local = wall.instant_of(starts[0]).astimezone(ZoneInfo(zone))
    observance = TimezoneDaylight() if local.dst() else TimezoneStandard()
    onsets = [wall.instant_of(start + offset_from).replace(tzinfo=None) for start in starts]
    observance.add("dtstart", onsets[0])
    for onset in onsets[1:]:
        observance.add("rdate", onset)
    observance.add("tzname", local.tzname())
    observance.add("tzoffsetfrom", timedelta(minutes=offset_from))
    observance.add("tzoffsetto", timedelta(minutes=offset_to))
    return observance


def _invited(invitation: Invitation, *, method: str) -> Event:
    say = words_in(invitation.language).gettext
    event = _event(
        invitation.uid, invitation.sequence, invitation.starts_at, invitation.ends_at, invitation.zone
    )
    event.add("dtstamp", invitation.written_at)
    event.add("summary", invitation.title or say(TITLE) % {"clinic": invitation.clinic_name})
    lines = [] if invitation.title else [say(CALL) % {"phone": invitation.clinic_phone}]
    if method != CANCEL and invitation.link:
        lines.insert(0, say(HOW) % {"link": invitation.link})
        event.add("location", invitation.link)
        event.add("url", invitation.link)
    if lines:
        event.add("description", "\n".join(lines))
    event.add("organizer", _person(invitation.organizer, invitation.clinic_name))
    # RFC 5546, 3.2.1: what is published invites nobody.
    if method != PUBLISH:
        attendee = _person(invitation.attendee)
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)
    _busy(event, status="CANCELLED" if method == CANCEL else "CONFIRMED")
    return event


def _event(uid: str, sequence: int, starts_at: datetime, ends_at: datetime, zone: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstart", _on_the_wall(starts_at, zone))
    event.add("dtend", _on_the_wall(ends_at, zone))
    return event


def _busy(event: Event, *, status: str) -> None:
    """Private, because calendars are shared; and without the buttons Outlook would offer for another time."""
    taken = status == "CONFIRMED"
    event.add("status", status)
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE" if taken else "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", "BUSY" if taken else "FREE")
    event.add("x-microsoft-disallow-counter", "TRUE")


def _on_the_wall(instant: datetime, zone: str) -> datetime:
    local = instant.astimezone(ZoneInfo(zone))
    return instant.astimezone(UTC) if local.fold else local


def _person(address: str, name: str = "") -> vCalAddress:
    person = vCalAddress(f"MAILTO:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person
