"""What one invented patient's past is made of. Days count back from today, so that it always looks recent.

Clinicians do things on working days, at their own wall's time; patients on any day, at theirs.
"""

from dataclasses import dataclass, field
from datetime import time, timedelta

# So many days ago, at this time.
Moment = tuple[int, time]

LOW = {"suicidality": "no", "risk_level": "low"}
AT_HOME = {
    "identity_checked": "yes",
    "consent": "yes",
    "privacy": "yes",
    "emergency_plan": "Emergency contact confirmed. If the call drops we ring the number given, then the contact.",
}
# The journal's questions about safety, answered by somebody who is well.
QUIET = {"unusual": "no", "more": "0"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """`minutes` is how long the call took; `messages` as (who, text); `body` is the consult note's."""

    days_ago: int
    hour: int
    visit_type: str
    minutes: int
    where: str
    with_whom: str = "Nobody"
    body: dict[str, str] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    signed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`days` are the sessions', counted from today: -6 was six days ago, 4 is in four days."""

    made: Moment
    days: tuple[int, ...]
    moved: Moment | None = None
    moved_to: tuple[int, ...] = ()

    @property
    def kept(self) -> tuple[int, ...]:
        """The days as they stand today."""
        return self.moved_to or self.days


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One version of a journal entry, written `days_after` the entry was begun."""

    at: time
    body: dict[str, str]
    days_after: int = 0
    shared: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Held on its planned day. Without pages, its journal entry was begun and left empty."""

    done: time
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A journal entry of the patient's own."""

    days_ago: int
    pages: tuple[Page, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A measure that was handed in: one digit an item, in the form's order."""

    at: Moment
    code: str
    answers: str
    difficulty: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """ "Something feels wrong", and what was added to it."""

    at: Moment
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """What a clinician did about an answer to item 9: took the task, rang, wrote it down, and in time lifted."""

    rang: Moment
    taken_after: timedelta
    noted_after: timedelta
    note: dict[str, str]
    lifted: Moment
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """All that happened to one patient, by the key of the guest. What one part says, the others agree with."""

    guest: str
    visits: tuple[Visit, ...] = ()
    plan: Plan | None = None
    sessions: tuple[Session, ...] = ()
    entries: tuple[Entry, ...] = ()
    measures: tuple[Filled, ...] = ()
    press: Press | None = None
    alarm: Alarm | None = None
