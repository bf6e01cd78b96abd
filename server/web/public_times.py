"""Free times as the public page offers them: what can be chosen, by day where the reader is; or why there is none."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduling.bookings import PractitionerId
from scheduling.diary import Patient as Sought
from server.care.people import Practitioner
from server.care.visit_kinds import Kind
from server.services import practice
from server.store.database import Tx
from server.web import free_times
from server.web.free_times import Choice, Offer, day_of

# Nobody is licensed where they live, nobody speaks their language, or everything is taken.
NO_LICENCE, NO_LANGUAGE, NOTHING_FREE = "licence", "language", "taken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A clinician's times on one day: `first` are those on the hour, so that a phone shows a few; `more` the others."""

    person: Practitioner
    first: list[Choice]
    more: list[Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    on: date
    rows: list[Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicTimes:
    """`later`: from when to look on; `earlier`: whether these are not the first days. `why` nothing is offered."""

    days: list[Day]
    later: date | None
    earlier: bool
    why: str = ""


async def public_times(
    tx: Tx, *, kind: Kind, who: Sought, since: date, now: datetime, key: str
) -> PublicTimes:
    """From `since` on, in the visitor's zone. What the form with this `key` keeps counts as free."""
    people = {person.id: person for person in await practice.practitioners(tx)}
    today = day_of(now, who.time_zone)
    offer = await free_times.offer(
        tx,
        practitioner_ids=list(people),
        kind=kind,
        since=max(since, today),
        zone=who.time_zone,
        now=now,
        hold_id=key,
        patient=who,
    )
    days = []
    for day in offer.days:
        rows = []
        for row in day.rows:
            free = [choice for choice in row.choices if choice.kept is None]
            if free:
                rows.append(_row(people[PractitionerId(row.practitioner_id)], free, who.time_zone))
        if rows:
            days.append(Day(on=day.on, rows=rows))
    return PublicTimes(
        days=days, later=offer.later, earlier=since > today, why="" if days or offer.later else _why(offer)
    )


def _row(person: Practitioner, free: list[Choice], zone: str) -> Row:
    """Where nothing is free on the hour, all of it."""
    first = [each for each in free if each.starts_at.astimezone(ZoneInfo(zone)).minute == 0] or free
    return Row(person=person, first=first, more=[each for each in free if each not in first])


def _why(offer: Offer) -> str:
    """The reason that is nearest to a time: whoever is licensed and speaks the language is only taken."""
    whys = {each.why for each in offer.not_offered} - {"kind"}
    if whys and whys <= {"licence", "language"}:
        return NO_LICENCE if whys == {"licence"} else NO_LANGUAGE
    return NOTHING_FREE
