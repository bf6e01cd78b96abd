"""Letters to patients: the templates' words in the patient's language, with the calendar entry that goes along."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment

from server.jobs.letter_html import html_of
from server.notify import Letter
from server.services.calendar_mail import OwnVisit
from server.services.message_facts import Outgoing, VisitFacts
from server.services.outgoing import PROGRAMME
from server.web import pages, times
from server.web.calendars import (
    CANCEL,
    REQUEST,
    Invitation,
    calendar_of,
    own_title,
    own_uid,
    uid_of,
)
from server.web.settings import ClinicFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What every letter of this clinic has in common."""

    clinic: ClinicFacts
    base_url: str
    patients_url: str
    mail_address: str
    country_code: str = "1"

    @property
    def domain(self) -> str:
        return self.mail_address.rpartition("@")[2]


# Kinds whose message goes without a calendar entry though they tell of a visit.
CALLED_OFF = frozenset({"cancelled", "own_visit_gone"})
WITHOUT_CALENDAR = frozenset({"now", "late", "reminder", "awaited"})


def letter_for(outgoing: Outgoing, sender: Sender, *, now: datetime) -> Letter:
    """The letter `outgoing` asks for; its kind names the template."""
    link = link_of(outgoing, sender)
    subject, text = words_of(outgoing, sender, link, now=now)
    method = CANCEL if outgoing.kind in CALLED_OFF else REQUEST
    calendar = None
    if outgoing.own is not None:
        calendar = calendar_of(own_invitation(outgoing, outgoing.own, sender, now=now), method=method)
    if outgoing.visit is not None and outgoing.kind not in WITHOUT_CALENDAR:
        invitation = _invitation(outgoing, outgoing.visit, sender, link=link, now=now)
        calendar = calendar_of(invitation, method=method)
    return Letter(
        number=outgoing.message_id,
        to=outgoing.to,
        subject=subject,
        text=text,
        html=html_of(
            text, subject=subject, link=link, clinic=sender.clinic, language=language_of(outgoing, sender)
        ),
        written_at=now,
        calendar=calendar,
        method=method,
    )


def link_of(outgoing: Outgoing, sender: Sender) -> str:
    """Where the message leads: the visit, a request for one, a guest's seat in one, the patient's own pages, or staff's
    first page."""
    if outgoing.visit is not None:
        return f"{sender.patients_url}/visit/join/{outgoing.visit.token}"
    if outgoing.request is not None:
        way = f"book/request/{outgoing.token}" if outgoing.token else "visit/lost-link"
        return f"{sender.patients_url}/{way}"
    if outgoing.invitation is not None:
        return f"{sender.patients_url}/guest/join/{outgoing.token}"
    if outgoing.offer is not None:
        return f"{sender.patients_url}/visit/offer/{outgoing.token}"
    if outgoing.visits:
        return f"{sender.patients_url}/visit/join/{outgoing.visits[0].token}"
    if outgoing.kind == PROGRAMME:
        return f"{sender.patients_url}/visit/lost-link"
    if outgoing.own is not None:
        # A calendar that is told nothing is not told where it leads either.
        return f"{sender.base_url}/clinic/consult/{outgoing.own.encounter_id}" if outgoing.own.kind else ""
    if outgoing.token:
        return f"{sender.patients_url}/home/door/{outgoing.token}"
    # The first page of whoever signs in.
    return f"{sender.base_url}/"


def language_of(outgoing: Outgoing, sender: Sender) -> str:
    return outgoing.language or sender.clinic.languages[0]


def words_of(outgoing: Outgoing, sender: Sender, link: str, *, now: datetime) -> tuple[str, str]:
    """(subject, text): the template's first line, and the rest."""
    template = plain_environment(language_of(outgoing, sender)).get_template(f"messages/{outgoing.kind}.txt")
    written = template.render(
        patient_name=outgoing.name,
        patient_zone=outgoing.zone,
        clinic=sender.clinic,
        code=outgoing.code,
        link=link,
        own=outgoing.own,
        title=own_words(outgoing.own, language_of(outgoing, sender)) if outgoing.own else "",
        **facts_of(outgoing),
        **_clocks(outgoing, sender, now=now),
    )
    subject, _, text = written.partition("\n")
    return subject.strip(), text.strip() + "\n"


def facts_of(outgoing: Outgoing) -> dict[str, Any]:
    """What the templates may know of the visit: an allow-list, so that nothing else can slip into a message."""
    if (visit := outgoing.visit) is not None:
        return {
            "practitioner_name": visit.practitioner_name,
            "starts_at": visit.starts_at,
            "phone_visit": visit.mode == "phone",
            "minutes": visit.delay,
            "with_words": visit.with_words,
        }
    if (offer := outgoing.offer) is not None:
        return {
            "practitioner_name": offer.practitioner_name,
            "starts_at": offer.starts_at,
            "until": offer.until,
            "instead_of": offer.instead_of,
        }
    if outgoing.kind == PROGRAMME:
        return {"visits": [(each.starts_at, each.practitioner_name) for each in outgoing.visits]}
    if (invited := outgoing.invitation) is not None:
        return {
            "practitioner_name": invited.practitioner_name,
            "starts_at": invited.starts_at,
            "role": invited.role,
        }
    if (asked := outgoing.request) is not None:
        return {"practitioner_name": asked.practitioner_name, "starts_at": asked.starts_at}
    return {}


def own_words(own: OwnVisit, language: str) -> str:
    return own_title(kind=own.kind, patient_name=own.patient_name, mode=own.mode, language=language)


def own_invitation(outgoing: Outgoing, own: OwnVisit, sender: Sender, *, now: datetime) -> Invitation:
    """For the calendar of the visit's clinician."""
    return Invitation(
        uid=own_uid(own.encounter_id, own.practitioner_id, sender.domain),
        sequence=own.sequence,
        starts_at=own.starts_at,
        ends_at=own.ends_at,
        zone=own.zone,
        clinic_name=sender.clinic.name,
        clinic_phone=sender.clinic.phone,
        organizer=sender.mail_address,
        attendee=outgoing.to,
        link=link_of(outgoing, sender),
        written_at=now,
        language=language_of(outgoing, sender),
        title=own_words(own, language_of(outgoing, sender)),
    )


def _clocks(outgoing: Outgoing, sender: Sender, *, now: datetime) -> dict[str, Any]:
    """A change of the clocks that makes this visit another time of day for its patient: since their last visit, when
    it was at this very time for the clinic, or between now and then."""
    news: dict[str, Any] = {"time_before": None, "clocks_ahead": False}
    if (visit := outgoing.visit) is None:
        return news
    theirs, clinic = outgoing.zone, sender.clinic.time_zone
    between = partial(times.clocks_change_between, theirs=theirs, clinic=clinic)
    before = visit.before
    same_at_the_clinic = before and times.clock_time(before, clinic) == times.clock_time(
        visit.starts_at, clinic
    )
    if before and same_at_the_clinic and between(before, visit.starts_at):
        return {**news, "time_before": before}
    return {**news, "clocks_ahead": between(now, visit.starts_at)}


@cache
def plain_environment(language: str) -> Environment:
    """The pages' words without the pages' escaping: in plain text a name with an apostrophe stays a name."""
    return pages.environment(language).overlay(autoescape=False)


def _invitation(
    outgoing: Outgoing, visit: VisitFacts, sender: Sender, *, link: str, now: datetime
) -> Invitation:
    return Invitation(
        uid=uid_of(visit.encounter_id, sender.domain),
        sequence=visit.sequence,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=outgoing.zone,
        clinic_name=sender.clinic.name,
        clinic_phone=sender.clinic.phone,
        organizer=sender.mail_address,
        attendee=outgoing.to,
        link=link,
        written_at=now,
        language=outgoing.language,
    )
