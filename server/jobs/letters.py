"""Letters to patients: the templates' words in the patient's language, with the calendar entry that goes along."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment

from server.jobs.invitations import CANCEL, REQUEST, Invitation, calendar_of
from server.notify import Letter, TextMessage
from server.services.outgoing import Outgoing, VisitFacts
from server.web import pages
from server.web.settings import ClinicFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What every letter of this clinic has in common."""

    clinic: ClinicFacts
    base_url: str
    patients_url: str
    mail_address: str

    @property
    def domain(self) -> str:
        return self.mail_address.rpartition("@")[2]


# Kinds whose message goes without a calendar entry though they tell of a visit.
WITHOUT_CALENDAR = frozenset({"now"})


def letter_for(outgoing: Outgoing, sender: Sender, *, now: datetime) -> Letter:
    """The letter `outgoing` asks for; its kind names the template."""
    link = link_of(outgoing, sender)
    subject, text = words_of(outgoing, sender, link)
    method = CANCEL if outgoing.kind == "cancelled" else REQUEST
    calendar = None
    if outgoing.visit is not None and outgoing.kind not in WITHOUT_CALENDAR:
        invitation = _invitation(outgoing, outgoing.visit, sender, link=link, now=now)
        calendar = calendar_of(invitation, method=method)
    return Letter(
        number=outgoing.message_id,
        to=outgoing.to,
        subject=subject,
        text=text,
        written_at=now,
        calendar=calendar,
        method=method,
    )


def text_message_for(outgoing: Outgoing, sender: Sender) -> TextMessage:
    """The SMS `outgoing` asks for: one line, the clinic's name first."""
    template = _plain_environment(outgoing.language).get_template(f"messages/{outgoing.kind}_sms.txt")
    text = template.render(clinic=sender.clinic, code=outgoing.code).strip()
    return TextMessage(number=outgoing.message_id, to=outgoing.to, text=text)


def link_of(outgoing: Outgoing, sender: Sender) -> str:
    """Where the message leads: the visit, a guest's seat in one, the patient's own pages, or staff's first page."""
    if outgoing.visit is not None:
        return f"{sender.patients_url}/visit/join/{outgoing.visit.token}"
    if outgoing.invitation is not None:
        return f"{sender.patients_url}/guest/join/{outgoing.token}"
    if outgoing.token:
        return f"{sender.patients_url}/home/door/{outgoing.token}"
    # The first page of whoever signs in.
    return f"{sender.base_url}/"


def words_of(outgoing: Outgoing, sender: Sender, link: str) -> tuple[str, str]:
    """(subject, text): the template's first line, and the rest."""
    language = outgoing.language or sender.clinic.languages[0]
    template = _plain_environment(language).get_template(f"messages/{outgoing.kind}.txt")
    visit = outgoing.visit
    of_visit = (
        {
            "practitioner_name": visit.practitioner_name,
            "starts_at": visit.starts_at,
            "phone_visit": visit.mode == "phone",
        }
        if visit
        else {}
    )
    if (invited := outgoing.invitation) is not None:
        of_visit = {
            "practitioner_name": invited.practitioner_name,
            "starts_at": invited.starts_at,
            "role": invited.role,
        }
    written = template.render(
        patient_name=outgoing.name,
        patient_zone=outgoing.zone,
        clinic=sender.clinic,
        code=outgoing.code,
        link=link,
        **of_visit,
    )
    subject, _, text = written.partition("\n")
    return subject.strip(), text.strip() + "\n"


@cache
def _plain_environment(language: str) -> Environment:
    """The pages' words without the pages' escaping: in plain text a name with an apostrophe stays a name."""
    return pages.environment(language).overlay(autoescape=False)


def _invitation(
    outgoing: Outgoing, visit: VisitFacts, sender: Sender, *, link: str, now: datetime
) -> Invitation:
    return Invitation(
        uid=f"{visit.encounter_id}@{sender.domain}",
        sequence=visit.sequence,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        clinic_name=sender.clinic.name,
        clinic_phone=sender.clinic.phone,
        organizer=sender.mail_address,
        attendee=outgoing.to,
        link=link,
        written_at=now,
        language=outgoing.language,
    )
