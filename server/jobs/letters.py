"""Letters to patients: the templates' words in the patient's language, with the calendar entry that goes along."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment

from server.jobs.invitations import CANCEL, REQUEST, Invitation, calendar_of
from server.notify import Letter
from server.services.outgoing import Outgoing
from server.web import pages
from server.web.settings import ClinicFacts

WITHOUT_CALENDAR = frozenset({"now"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What every letter of this clinic has in common."""

    clinic: ClinicFacts
    base_url: str
    mail_address: str

    @property
    def domain(self) -> str:
        return self.mail_address.rpartition("@")[2]


def letter_for(outgoing: Outgoing, sender: Sender, *, now: datetime) -> Letter:
    """The letter `outgoing` asks for; its kind names the template."""
    link = f"{sender.base_url}/visit/join/{outgoing.token}"
    subject, text = words_of(outgoing, sender, link)
    method = CANCEL if outgoing.kind == "cancelled" else REQUEST
    calendar = None
    if outgoing.kind not in WITHOUT_CALENDAR:
        calendar = calendar_of(_invitation(outgoing, sender, link=link, now=now), method=method)
    return Letter(
        number=outgoing.message_id,
        to=outgoing.patient_email,
        subject=subject,
        text=text,
        written_at=now,
        calendar=calendar,
        method=method,
    )


def words_of(outgoing: Outgoing, sender: Sender, link: str) -> tuple[str, str]:
    """(subject, text): the template's first line, and the rest."""
    template = _plain_environment(outgoing.language).get_template(f"messages/{outgoing.kind}.txt")
    written = template.render(
        patient_name=outgoing.patient_name,
        patient_zone=outgoing.patient_zone,
        practitioner_name=outgoing.practitioner_name,
        starts_at=outgoing.starts_at,
        phone_visit=outgoing.mode == "phone",
        clinic=sender.clinic,
        link=link,
    )
    subject, _, text = written.partition("\n")
    return subject.strip(), text.strip() + "\n"


@cache
def _plain_environment(language: str) -> Environment:
    """The pages' words without the pages' escaping: in plain text a name with an apostrophe stays a name."""
    return pages.environment(language).overlay(autoescape=False)


def _invitation(outgoing: Outgoing, sender: Sender, *, link: str, now: datetime) -> Invitation:
    return Invitation(
        uid=f"{outgoing.encounter_id}@{sender.domain}",
        sequence=outgoing.sequence,
        starts_at=outgoing.starts_at,
        ends_at=outgoing.ends_at,
        clinic_name=sender.clinic.name,
        clinic_phone=sender.clinic.phone,
        organizer=sender.mail_address,
        attendee=outgoing.patient_email,
        link=link,
        written_at=now,
        language=outgoing.language,
    )
