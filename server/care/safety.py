"""Holds: anything unusual stops the course at once, and only a clinician with a reason lets it go on.

After clinical.md §5.1 to §5.4: pausing is automatic; resuming is never automatic and never by the patient.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from scheduling.bookings import PatientId
from server.care.access import CLINICIAN, Staff
from server.care.refusals import CareRefusal
from server.care.words import N_

PATIENT = "patient"
# A press is told with its own time when it came later than a tap takes to arrive.
ARRIVES_WITHIN = timedelta(minutes=1)
HoldKind = Literal["something-wrong", "patient-stop", "self-harm", "unusual", "need-help", "clinician"]
# What opened it, as clinicians read it.
KINDS: dict[str, str] = {
    "something-wrong": N_("The patient pressed “Something feels wrong”"),
    "patient-stop": N_("The patient pressed “Stop treatment”"),
    "self-harm": N_("Thoughts of death or self-harm (PHQ-9 item 9)"),
    "need-help": N_("The patient pressed “I need help now”"),
    "unusual": N_("Something unusual after a session (journal)"),
    "clinician": N_("A clinician put it on hold"),
}
# What a patient's own buttons may open.
PRESSED_BY_PATIENT = ("something-wrong", "patient-stop")


class ReasonMissing(CareRefusal):
    """A hold is put on and lifted with a reason."""


class AlreadyLifted(CareRefusal):
    """Somebody else lifted it; the first name stays."""


class NotForThisRole(CareRefusal):
    """Only a clinician lifts a hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """`opened_by` is "patient" or an account's id; `pressed_at` is a phone's own time of the press."""

    id: str
    patient_id: PatientId
    kind: str
    opened_by: str
    opened_at: datetime
    pressed_at: datetime
    event_id: str
    # Item 9's answer, 1 to 3.
    level: int = 0
    words: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    @property
    def open(self) -> bool:
        return self.lifted_at is None

    @property
    def came_late(self) -> bool:
        """Pressed without a connection: the clinic heard of it some time after the press."""
        return self.opened_at - self.pressed_at > ARRIVES_WITHIN


def on_hold(holds: Iterable[Hold]) -> bool:
    """A course is on hold as long as one hold is open."""
    return any(hold.open for hold in holds)


def lift(hold: Hold, *, by: Staff, reason: str, now: datetime) -> Hold:
    """Raises NotForThisRole, AlreadyLifted, ReasonMissing."""
    if CLINICIAN not in by.roles:
        raise NotForThisRole
    if not hold.open:
        raise AlreadyLifted
    if not reason.strip():
        raise ReasonMissing
    return replace(hold, lifted_at=now, lifted_by=by.account_id, lift_reason=reason.strip())
