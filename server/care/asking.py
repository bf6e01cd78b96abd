"""Ask the clinic: one thread for each patient, between visits. What is practical goes to the front desk, what is about
care to the patient's clinician, and only the latter is part of the chart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from server.care.access import CLINICIAN, FRONT_DESK
from server.care.refusals import CareRefusal

About = Literal["practical", "clinical"]
Kind = Literal["words", "to-clinician", "to-desk", "closed"]
PRACTICAL: About = "practical"
CLINICAL: About = "clinical"
# Who answers what.
ROLE: dict[About, str] = {PRACTICAL: FRONT_DESK, CLINICAL: CLINICIAN}
OTHER: dict[About, About] = {PRACTICAL: CLINICAL, CLINICAL: PRACTICAL}
HANDED_ON: dict[About, Kind] = {PRACTICAL: "to-desk", CLINICAL: "to-clinician"}
# One word about answers within this time, however many there are.
TOLD_AGAIN_AFTER = timedelta(hours=1)
SATURDAY = 5


class NothingAsked(CareRefusal):
    """No question is open on this side: somebody else answered or passed it on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerTimes:
    """Within how many working days each side usually answers; `zone` is the clinic's."""

    practical: int
    clinical: int
    zone: str

    def days(self, about: About) -> int:
        return self.practical if about == PRACTICAL else self.clinical


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadEntry:
    """A message, or what was done with a question. `sender` is "patient" or "clinic".

    `text` of a question that was handed on is the name of whoever answers it, if that is known. `settled_at`, of a
    patient's message: when it was answered, or closed without. `read_at`: when the other side first had it before them.
    """

    id: str
    patient_id: str
    about: About
    kind: Kind
    sender: Literal["patient", "clinic"]
    account_id: str | None
    text: str
    sent_at: datetime
    settled_at: datetime | None = None
    read_at: datetime | None = None
    read_by: str | None = None
    author: str | None = None

    @property
    def open(self) -> bool:
        """A question nobody has answered, closed or handed to the other side yet."""
        return self.sender == "patient" and self.settled_at is None


def about_of(chosen: str) -> About | None:
    """What the patient said it is about; None when they chose nothing that can be chosen."""
    return next((about for about in ROLE if about == chosen), None)


def open_on(thread: Iterable[ThreadEntry], about: About) -> list[ThreadEntry]:
    """The questions that wait for this side, oldest first."""
    return [entry for entry in thread if entry.open and entry.about == about]


def seen_by(thread: Sequence[ThreadEntry], newest_seen: str) -> list[ThreadEntry]:
    """The entries on a page that ended with `newest_seen`: an answer to these is none to later ones."""
    at = next((n for n, entry in enumerate(thread) if entry.id == newest_seen), -1)
    return list(thread[: at + 1])


def for_the_desk(thread: Iterable[ThreadEntry]) -> list[ThreadEntry]:
    """What the front desk may read: the practical, and that it handed something to the clinician."""
    return [entry for entry in thread if entry.about == PRACTICAL or entry.kind == HANDED_ON[CLINICAL]]


def of_the_chart(thread: Iterable[ThreadEntry]) -> list[ThreadEntry]:
    """What belongs to the record of care: words about it, on both sides."""
    return [entry for entry in thread if entry.about == CLINICAL and entry.kind == "words"]


def due_at(asked_at: datetime, *, days: int, zone: str) -> datetime:
    """The same time of day so many working days later; what is asked at a weekend counts from Monday's beginning."""
    at = asked_at.astimezone(ZoneInfo(zone))
    if at.weekday() >= SATURDAY:
        at = datetime.combine(_next_working_day(at), time(), tzinfo=at.tzinfo)
    for _ in range(days):
        at = _next_working_day(at)
    return at.astimezone(asked_at.tzinfo)


def _next_working_day(at: datetime) -> datetime:
    following = at + timedelta(days=1)
    return _next_working_day(following) if following.weekday() >= SATURDAY else following
