"""A free time offered to those who wait: kept for them meanwhile, and the first yes has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings import times
from scheduling.interval import Interval
from scheduling.refusals import SchedulingRefusal
from scheduling.reminders import QuietHours
from server.care.encounter import Encounter
from server.care.visit_kinds import for_patient
from server.care.wait_list import (
    AT_ONCE,
    Faster,
    NoSuchPlace,
    NothingToOffer,
    Offer,
    OfferOver,
    Place,
    stands_until,
)
from server.services import appointments, moving, outgoing, slot_holds, void_offers, wait_list
from server.services.moving import Another
from server.services.wait_list import PATIENT, Waiting
from server.store import encounters
from server.store import wait_list as store
from server.store.database import Tx
from server.store.ids import new_id

# Why somebody else sees them: the record wants a reason.
WHY_ANOTHER = "An earlier time from the wait-list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """An offer as its page shows it. `standing` is "open", "yours", "faster" or "over"."""

    offer: Offer
    place: Place
    visit: Encounter | None
    standing: str


async def offer(
    tx: Tx, *, practitioner_id: str, starts_at: datetime, by: str, quiet: QuietHours, now: datetime
) -> list[Offer]:
    """One message to each of those who have waited longest, and the time kept until the last offer ends.

    Raises NothingToOffer.
    """
    suited = await wait_list.suited_by(tx, practitioner_id, starts_at, now=now)
    asked = askable(suited, starts_at, quiet=quiet, now=now)
    if not asked:
        raise NothingToOffer
    first = asked[0][0]
    round_id = slot_holds.OFFERED + new_id()
    try:
        await slot_holds.keep(
            tx,
            hold_id=round_id,
            practitioner_id=practitioner_id,
            visit_type=first.kind.code,
            starts_at=starts_at,
            held_by="",
            now=now,
            interpreter=first.patient.interpreter_language is not None,
            lasts=max(until for _, until in asked) - now,
        )
    except SchedulingRefusal as problem:
        raise NothingToOffer from problem
    made = []
    for waiting, until in asked:
        one = Offer(
            id=new_id(),
            round_id=round_id,
            waiting_id=waiting.place.id,
            patient_id=waiting.patient.id,
            practitioner_id=practitioner_id,
            starts_at=starts_at,
            offered_by=by,
            offered_at=now,
            expires_at=until,
        )
        await store.insert_offer(tx, one)
        await outgoing.queue_offer(tx, offer=one, patient=waiting.patient, now=now)
        await wait_list.record(tx, waiting.place, action="wait-list-offered", by=by, now=now)
        made.append(one)
    return made


def askable(
    suited: Sequence[Waiting], starts_at: datetime, *, quiet: QuietHours, now: datetime
) -> list[tuple[Waiting, datetime]]:
    """Whom a message about this time would go to now, and until when each could say yes."""
    asked = [
        (each, until)
        for each in suited
        if (until := _until(each, starts_at, quiet=quiet, now=now)) is not None
    ]
    return _together(asked, starts_at)


def _until(waiting: Waiting, starts_at: datetime, *, quiet: QuietHours, now: datetime) -> datetime | None:
    """None for somebody who cannot be written to, or not in time: the desk rings them."""
    patient = waiting.patient
    if not patient.channels:
        return None
    try:
        # Counted from the morning for whoever is asleep now, also where a letter comes at night.
        by_day = quiet.morning_after(now, patient.time_zone)
        return stands_until(now=now, readable_from=by_day, starts_at=starts_at)
    except NothingToOffer:
        return None


def _together(asked: list[tuple[Waiting, datetime]], starts_at: datetime) -> list[tuple[Waiting, datetime]]:
    """Of those who fit into what is kept for the first of them so many at once; who waits twice is asked once."""
    found: dict[str, tuple[Waiting, datetime]] = {}
    for waiting, until in asked:
        if _held(asked[0][0], starts_at).contains(_held(waiting, starts_at)):
            found.setdefault(waiting.patient.id, (waiting, until))
    return list(found.values())[:AT_ONCE]


def _held(waiting: Waiting, starts_at: datetime) -> Interval:
    return times(for_patient(waiting.kind, waiting.patient), starts_at)[1]


async def seen(tx: Tx, token: str, *, now: datetime) -> Seen:
    """Raises NoSuchPlace."""
    found = await store.offer_by_token(tx, token)
    place = await store.by_id(tx, found.waiting_id) if found else None
    if found is None or place is None:
        raise NoSuchPlace
    visit = await encounters.by_id(tx, place.encounter_id) if place.encounter_id else None
    standing = "open"
    if found.taken_at is not None:
        standing = "yours" if _still_stands(found, visit) else "over"
    elif await store.was_taken(tx, found.round_id):
        standing = "faster"
    elif not found.stands_at(now) or not void_offers.is_wanted(found, place, visit):
        standing = "over"
    return Seen(offer=found, place=place, visit=visit, standing=standing)


def _still_stands(offer: Offer, visit: Encounter | None) -> bool:
    """Whether the visit that was moved there is there still; one that was booked by a yes is not looked for."""
    return visit is None or (visit.status != "cancelled" and visit.planned_starts_at == offer.starts_at)


async def take(tx: Tx, token: str, *, now: datetime) -> Place:
    """The first yes: their visit moves there, or one is booked. Said twice by the same person it is the same yes.

    Raises NoSuchPlace, Faster, OfferOver, and as `moving.reschedule` and `appointments.book` do.
    """
    found = await seen(tx, token, now=now)
    if found.standing == "yours":
        return found.place
    if found.standing == "faster":
        raise Faster
    if found.standing == "over":
        raise OfferOver
    one, place = found.offer, found.place
    await store.take(tx, one, now=now)
    await slot_holds.release(tx, one.round_id, held_by="")
    await store.end(tx, place.id, why="taken", now=now)
    await wait_list.record(tx, place, action="wait-list-taken", by=PATIENT, now=now)
    if found.visit is None:
        await appointments.book(
            tx,
            patient_id=place.patient_id,
            practitioner_id=one.practitioner_id,
            visit_type=place.visit_type,
            starts_at=one.starts_at,
            mode="video",
            booked_by=place.asked_by,
            now=now,
        )
        return place
    other = one.practitioner_id != found.visit.practitioner_id
    await moving.reschedule(
        tx,
        found.visit.id,
        starts_at=one.starts_at,
        was_at=found.visit.planned_starts_at,
        # Only the desk puts somebody down for anybody, and answers for who it is.
        by=place.asked_by if other else PATIENT,
        now=now,
        another=Another(practitioner_id=one.practitioner_id, reason=WHY_ANOTHER) if other else None,
    )
    return place


async def withdraw(tx: Tx, round_id: str, *, by: str, now: datetime) -> None:
    """The desk needs the time itself: nobody can say yes any more, and it is free again.

    Raises OfferOver for a round nobody made.
    """
    offers = await store.offers_in(tx, round_id)
    if not offers:
        raise OfferOver
    for each in offers:
        place = await store.by_id(tx, each.waiting_id)
        if place is not None and each.stands_at(now):
            await wait_list.record(tx, place, action="wait-list-offer-back", by=by, now=now)
    await store.close_round(tx, round_id, now=now)
    await slot_holds.release(tx, round_id, held_by="")
