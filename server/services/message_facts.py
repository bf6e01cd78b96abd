"""What a message is made of when it leaves: the facts as they stand at that moment."""

from dataclasses import dataclass
from datetime import datetime

from server.services.calendar_mail import OwnVisit


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitFacts:
    """The visit a message tells of. `token` leads to it; `sequence` rises with every change of it.

    `before` is when the patient's last visit with the same clinician was, and `delay` how much later this one begins,
    as one says it: nothing, minutes, or words that stay in the house. `with_words`: the desk wrote some beside this.
    """

    encounter_id: str
    practitioner_name: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    token: str
    sequence: int
    before: datetime | None = None
    delay: int | None = None
    with_words: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationFacts:
    """What a guest is told of the visit they are invited to."""

    role: str
    practitioner_name: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFacts:
    """What somebody is told of the visit they asked for online."""

    practitioner_name: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferFacts:
    """A free time and until when it may be taken; `instead_of` is when their visit is now, if they have one."""

    practitioner_name: str
    starts_at: datetime
    until: datetime
    instead_of: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Everything a message is made of. `to` is an e-mail address, or a number when `channel` is "sms".

    `visit` for the kinds that tell a patient of one, `visits` for an overview, `own` for those that tell a clinician,
    `token` for the link to the patient's own pages, `code` for a code.
    """

    message_id: str
    kind: str
    channel: str
    to: str
    name: str
    zone: str
    language: str
    attempts: int
    visit: VisitFacts | None = None
    visits: tuple[VisitFacts, ...] = ()
    offer: OfferFacts | None = None
    token: str = ""
    code: str = ""
    invitation: InvitationFacts | None = None
    request: RequestFacts | None = None
    own: OwnVisit | None = None
    # The place of the gateway that may already have it; nobody else may be asked then.
    gateway: int | None = None
