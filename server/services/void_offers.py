"""Offers nobody could say yes to any more: their time is given back at once, and not when they would have ended.

Called by whatever changes what an offer rests on; what changes by itself (a visit that begins, another calendar) is
looked for by the job of the wait-list.
"""

from datetime import datetime

from scheduling import bookings
from scheduling.refusals import SchedulingRefusal
from server.care.encounter import Encounter
from server.care.visit_kinds import for_patient
from server.care.wait_list import Offer, Place
from server.services import patients, practice, wait_list
from server.store import encounters
from server.store import wait_list as store
from server.store.database import Tx


async def close(tx: Tx, *, now: datetime) -> int:
    """How many offers were void; one query where none stands."""
    void = [each for each in await store.standing(tx, now=now) if not await _can_be_taken(tx, each, now=now)]
    await wait_list.close_offers(tx, void, now=now)
    for each in void:
        place = await store.by_id(tx, each.waiting_id)
        if place is not None:
            await wait_list.record(tx, place, action="wait-list-offer-back", by="system", now=now)
    return len(void)


def is_wanted(offer: Offer, place: Place, visit: Encounter | None) -> bool:
    """Whether it is what they wait for also as their visit stands by now: earlier, and with whom they see."""
    if place.ended_at is not None:
        return False
    if wait_list.with_whom(place, visit).practitioner_id not in (None, offer.practitioner_id):
        return False
    return visit is None or (visit.status == "planned" and visit.planned_starts_at > offer.starts_at)


async def _can_be_taken(tx: Tx, offer: Offer, *, now: datetime) -> bool:
    """Whether a yes would be let through now, as `wait_offers.take` would ask."""
    place = await store.by_id(tx, offer.waiting_id)
    visit = await encounters.by_id(tx, place.encounter_id) if place and place.encounter_id else None
    if place is None or not is_wanted(offer, place, visit):
        return False
    patient = await patients.by_id(tx, place.patient_id)
    kind = for_patient(
        await practice.visit_type(tx, visit.visit_type if visit else place.visit_type), patient
    )
    if visit is None and kind.retired:
        return False
    stays = visit is not None and visit.practitioner_id == offer.practitioner_id
    if not stays and not kind.may_be_held_by(offer.practitioner_id):
        return False
    calendar = await practice.calendar(
        tx,
        offer.practitioner_id,
        patient_id=place.patient_id,
        kind=kind,
        at=offer.starts_at,
        now=now,
        leave_out=visit.appointment_id if visit else None,
        own_hold=offer.round_id,
    )
    try:
        bookings.check(visit_type=kind, starts_at=offer.starts_at, calendar=calendar, now=now)
    except SchedulingRefusal:
        return False
    return True
