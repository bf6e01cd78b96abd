"""Holds: anything unusual stops the course at once, and only a clinician with a reason lets it go on.

After clinical.md §5.1 to §5.4: pausing is automatic; resuming is never automatic and never by the patient.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling.bookings import PatientId
from server.care.access import CLINICIAN, Staff
from server.care.refusals import CareRefusal
from server.care.words import N_

PATIENT = "patient"
# A press is told with its own time when it came later than a tap takes to arrive.
ARRIVES_WITHIN = timedelta(minutes=1)
BY_A_CLINICIAN, NEED_HELP, TOO_SOON, LOST_TOUCH = "clinician", "need-help", "too-soon", "lost-touch"
# What opened it, as clinicians read it.
KINDS: dict[str, str] = {
    "something-wrong": N_("The patient pressed “Something feels wrong”"),
    "patient-stop": N_("The patient pressed “Stop treatment”"),
    "self-harm": N_("Thoughts of death or self-harm (PHQ-9 item 9)"),
    NEED_HELP: N_("The patient pressed “I need help now”"),
    "unusual": N_("Something unusual after a session (journal)"),
    TOO_SOON: N_("A session was held too soon after the one before"),
    LOST_TOUCH: N_("The patient did not come to a check-in after a session"),
    BY_A_CLINICIAN: N_("A clinician put it on hold"),
}
# What waits for a clinician besides: a hold's kind, or one of these.
REPLY, SAID_SAFE, WELFARE_CALL, NO_ANSWER = "reply", "said-safe", "welfare-call", "no-answer"
ASKED, PROGRAMME = "asked", "programme"
ASKS: dict[str, str] = KINDS | {
    REPLY: N_("The patient wrote about being on hold"),
    SAID_SAFE: N_("The patient pressed “I am safe for now” with no hold open"),
    WELFARE_CALL: N_("The patient did not come: call today to ask how they are"),
    NO_ANSWER: N_("What the patient was to do is missing, and the front desk did not reach them"),
    ASKED: N_("The patient asked a question"),
    PROGRAMME: N_("The front desk changed the programme: look at the session days"),
}
# What a patient's own buttons may open.
PRESSED_BY_PATIENT = ("something-wrong", "patient-stop")
# What "I am safe for now" answers.
ABOUT_HARM = ("self-harm", NEED_HELP)
# So long after it somebody who does not come is called the same day.
AT_RISK_FOR = timedelta(days=30)


class ReasonMissing(CareRefusal):
    """A hold is put on and lifted with a reason."""


class AlreadyLifted(CareRefusal):
    """Somebody else lifted it; the first name stays."""


class NotForThisRole(CareRefusal):
    """Only a clinician lifts a hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """`opened_by` is "patient" or an account's id; `pressed_at` is a phone's own time of the press.

    `words` are the opener's own: a clinician's reason never reaches the patient, whose `reply` to it stands apart.
    """

    id: str
    patient_id: PatientId
    kind: str
    opened_by: str
    opened_at: datetime
    pressed_at: datetime
    # Item 9's answer, 1 to 3.
    level: int = 0
    words: str | None = None
    reply: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    @property
    def open(self) -> bool:
        return self.lifted_at is None

    @property
    def came_late(self) -> bool:
        return _late(self.pressed_at, self.opened_at)

    @property
    def by_patient(self) -> bool:
        return self.opened_by == PATIENT

    @property
    def told(self) -> str | None:
        """What the patient wrote, and nobody else."""
        return self.words if self.by_patient else self.reply

    @property
    def reason(self) -> str | None:
        """What the clinician who put the course on hold wrote, for clinicians only."""
        return None if self.by_patient else self.words


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One time that it rang. The same `id` again is this one, and changes nothing (clinical.md §5.3, I5)."""

    id: str
    patient_id: PatientId
    hold_id: str
    pressed_at: datetime
    received_at: datetime
    level: int = 0

    @property
    def came_late(self) -> bool:
        return _late(self.pressed_at, self.received_at)


def _late(pressed_at: datetime, heard_at: datetime) -> bool:
    """Pressed without a connection: the clinic heard of it some time after the press."""
    return heard_at - pressed_at > ARRIVES_WITHIN


def on_hold(holds: Iterable[Hold]) -> bool:
    """A course is on hold as long as one hold is open."""
    return any(hold.open for hold in holds)


def at_risk(holds: Iterable[Hold], now: datetime) -> bool:
    """Whether a hold about death or harm is open, or was a short while ago."""
    about = [hold for hold in holds if hold.kind in ABOUT_HARM]
    return any(hold.lifted_at is None or now - hold.lifted_at < AT_RISK_FOR for hold in about)


def say(hold: Hold, words: str) -> Hold:
    """What the patient adds, after what they said before. Raises AlreadyLifted."""
    if not hold.open:
        raise AlreadyLifted
    said = "\n\n".join(filter(None, (hold.told, words.strip())))
    return replace(hold, words=said) if hold.by_patient else replace(hold, reply=said)


def lift(hold: Hold, *, by: Staff, reason: str, now: datetime) -> Hold:
    """Raises NotForThisRole, AlreadyLifted, ReasonMissing."""
    if CLINICIAN not in by.roles:
        raise NotForThisRole
    if not hold.open:
        raise AlreadyLifted
    if not reason.strip():
        raise ReasonMissing
    return replace(hold, lifted_at=now, lifted_by=by.account_id, lift_reason=reason.strip())
