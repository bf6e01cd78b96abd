"""The wait-list: who would come earlier, and when that would suit them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.care.refusals import CareRefusal

ANY, MORNING, AFTERNOON = "any", "morning", "afternoon"
PARTS = (ANY, MORNING, AFTERNOON)
NOON = time(12)
# An offer stands so long, counted from the morning for whoever is asleep; never until shortly before the visit.
STANDS_FOR = timedelta(hours=2)
ENDS_BEFORE = timedelta(hours=1)
# Less than this is no time to read a message in.
SHORTEST = timedelta(minutes=20)
SOONEST = ENDS_BEFORE + SHORTEST
# One time is offered to so many at once, whoever has waited longest first.
AT_ONCE = 5
# A visit that begins sooner by less than this is not worth a message.
EARLIER = timedelta(hours=2)
# So far ahead a wish may lie.
FURTHEST = timedelta(days=180)


class NoSuchPlace(CareRefusal):
    """Nobody waits here, or not any more."""


class DaysUnfit(CareRefusal):
    """The last day is not before the first, and not in the past."""


class Faster(CareRefusal):
    """Somebody else said yes first."""


class OfferOver(CareRefusal):
    """The offer stands no more."""


class NothingToOffer(CareRefusal):
    """The time is not free any more, it is too soon to ask anybody, or it suits nobody who waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place on the list. `encounter_id` is the visit that would become earlier; None: a wish without a visit.

    `practitioner_id` None: whoever may. Days and `part` of the day are the patient's own.
    """

    id: str
    patient_id: str
    visit_type: str
    first_on: date
    last_on: date
    asked_by: str
    asked_at: datetime
    encounter_id: str | None = None
    practitioner_id: str | None = None
    part: str = ANY
    ended_at: datetime | None = None
    ended_why: str | None = None

    def suits(self, starts_at: datetime, *, zone: str, before: datetime | None) -> bool:
        """Whether they would come then; `before` is when their visit is now."""
        there = starts_at.astimezone(ZoneInfo(zone))
        if before is not None and starts_at > before - EARLIER:
            return False
        if not self.first_on <= there.date() <= self.last_on:
            return False
        return self.part == ANY or (there.time() < NOON) == (self.part == MORNING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A time somebody on the list was offered. All offers of one time share `round_id`."""

    id: str
    round_id: str
    waiting_id: str
    patient_id: str
    practitioner_id: str
    starts_at: datetime
    offered_by: str
    offered_at: datetime
    expires_at: datetime
    taken_at: datetime | None = None
    closed_at: datetime | None = None

    def stands_at(self, now: datetime) -> bool:
        return self.taken_at is None and self.closed_at is None and now < self.expires_at


def stands_until(*, now: datetime, readable_from: datetime, starts_at: datetime) -> datetime:
    """Until when a time may be offered to somebody who reads of it then. Raises NothingToOffer."""
    until = min(readable_from + STANDS_FOR, starts_at - ENDS_BEFORE)
    if until - readable_from < SHORTEST or until <= now:
        raise NothingToOffer
    return until
