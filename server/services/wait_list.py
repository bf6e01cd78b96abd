"""The wait-list: who stands on it, and the free times that would suit them, whyever those are free.

Nothing here waits for a visit to be cancelled: what is free is looked for anew, so leave that was taken back and hours
that were added count as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from scheduling.bookings import PatientId, PractitionerId, times
from scheduling.diary import Diary
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from server.care.encounter import Encounter
from server.care.people import Patient
from server.care.visit_kinds import Kind, for_patient
from server.care.wait_list import ANY, FURTHEST, SOONEST, DaysUnfit, NoSuchPlace, Offer, Place
from server.services import patients, practice, slot_holds
from server.store import audit, encounters
from server.store import wait_list as store
from server.store.database import Tx
from server.store.ids import new_id

PATIENT = "patient"
# Of one person's free times no more are looked at: the earliest are what they wait for.
LOOKED_AT = 60
# No visit is longer, with its buffers.
AROUND = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Somebody on the list as they stand: the visit that would become earlier, and the offer that is open."""

    place: Place
    patient: Patient
    kind: Kind
    visit: Encounter | None
    offers: tuple[Offer, ...]
    open_offer: Offer | None

    @property
    def before(self) -> datetime | None:
        return self.visit.planned_starts_at if self.visit else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A free time, and everybody on the list whom it suits; who has waited longest comes first."""

    practitioner_id: str
    starts_at: datetime
    people: tuple[Waiting, ...]


async def join(
    tx: Tx,
    *,
    patient_id: str,
    visit_type: str,
    encounter_id: str | None,
    practitioner_id: str | None,
    first_on: date,
    last_on: date,
    part: str = ANY,
    by: str,
    now: datetime,
) -> Place:
    """A place for this visit in the place of the one it had, or for a wish. Raises DaysUnfit, NoSuchChoice."""
    patient = await patients.by_id(tx, patient_id)
    await practice.visit_type(tx, visit_type)
    if practitioner_id is not None:
        await practice.practitioner(tx, practitioner_id)
    today = _today(patient, now)
    if last_on < max(first_on, today) or last_on - today > FURTHEST:
        raise DaysUnfit
    known = await store.of_visit(tx, encounter_id) if encounter_id else None
    if known is not None:
        await store.end(tx, known.id, why="replaced", now=now)
        await close_offers(tx, await store.offers_of(tx, [known.id]), now=now)
    place = Place(
        id=new_id(),
        patient_id=patient_id,
        encounter_id=encounter_id,
        visit_type=visit_type,
        practitioner_id=practitioner_id,
        first_on=first_on,
        last_on=last_on,
        part=part,
        asked_by=by,
        # Whoever only says it otherwise has waited since then.
        asked_at=known.asked_at if known else now,
    )
    await store.insert(tx, place)
    await record(tx, place, action="wait-list-joined", by=by, now=now)
    return place


async def join_for_earlier(tx: Tx, visit: Encounter, *, by: str, now: datetime) -> Place:
    """Any day before this visit, with its clinician. Raises DaysUnfit."""
    patient = await patients.by_id(tx, visit.patient_id)
    return await join(
        tx,
        patient_id=visit.patient_id,
        visit_type=visit.visit_type,
        encounter_id=visit.id,
        practitioner_id=visit.practitioner_id,
        first_on=_today(patient, now),
        last_on=visit.planned_starts_at.astimezone(ZoneInfo(patient.time_zone)).date(),
        by=by,
        now=now,
    )


async def leave(tx: Tx, place_id: str, *, why: str, by: str, now: datetime) -> Place:
    """What they were offered stays open for the others, or is free again when there are none. Raises NoSuchPlace."""
    place = await store.by_id(tx, place_id)
    if place is None:
        raise NoSuchPlace
    if await store.end(tx, place_id, why=why, now=now):
        await record(tx, place, action="wait-list-left", by=by, now=now)
        await close_offers(tx, await store.offers_of(tx, [place_id]), now=now)
    return place


async def close_offers(tx: Tx, offers: Sequence[Offer], *, now: datetime) -> None:
    """Those that stand are over; a time that nobody can say yes to any more is free again."""
    for each in offers:
        if each.stands_at(now):
            await store.close_offer(tx, each.id, now=now)
            if not any(other.stands_at(now) for other in await store.offers_in(tx, each.round_id)):
                await slot_holds.release(tx, each.round_id, held_by="")


async def come_back(tx: Tx, place_id: str, *, by: str, now: datetime) -> None:
    """The place as it was, with its turn. Raises NoSuchPlace."""
    place = await store.by_id(tx, place_id)
    if place is None or (place.encounter_id and await store.of_visit(tx, place.encounter_id)):
        raise NoSuchPlace
    if await store.reopen(tx, place_id):
        await record(tx, place, action="wait-list-joined", by=by, now=now)


async def of_visit(tx: Tx, encounter_id: str) -> Place | None:
    return await store.of_visit(tx, encounter_id)


async def place_of(tx: Tx, place_id: str) -> Place | None:
    """Also one that was given up."""
    return await store.by_id(tx, place_id)


async def everybody(tx: Tx, *, now: datetime) -> list[Waiting]:
    """Who waits now, longest first: not whose visit has begun or is cancelled, nor whose last day is over."""
    places = await store.open_ones(tx)
    offers = await store.offers_of(tx, [each.id for each in places])
    kinds = {kind.code: kind for kind in await practice.every_visit_type(tx)}
    people = await patients.by_ids(tx, [each.patient_id for each in places])
    visits = await encounters.by_ids(tx, [each.encounter_id for each in places if each.encounter_id])
    found = []
    for place in places:
        theirs = tuple(each for each in offers if each.waiting_id == place.id)
        visit = visits.get(place.encounter_id) if place.encounter_id else None
        waiting = Waiting(
            place=with_whom(place, visit),
            patient=people[PatientId(place.patient_id)],
            kind=kinds[place.visit_type],
            visit=visit,
            offers=theirs,
            open_offer=next((each for each in theirs if each.stands_at(now)), None),
        )
        if still_waits(waiting, now):
            found.append(waiting)
    return found


def with_whom(place: Place, visit: Encounter | None) -> Place:
    """Who asked by link waits for whoever sees them, also when that is somebody else by now."""
    if visit is None or place.asked_by != PATIENT:
        return place
    return replace(place, practitioner_id=visit.practitioner_id)


def still_waits(waiting: Waiting, now: datetime) -> bool:
    visit = waiting.visit
    ahead = visit is None or (visit.status == "planned" and visit.planned_starts_at > now)
    return ahead and waiting.place.last_on >= _today(waiting.patient, now)


async def openings(tx: Tx, *, now: datetime) -> list[Opening]:
    return await openings_for(tx, await everybody(tx, now=now), now=now)


async def openings_for(tx: Tx, waiting: Sequence[Waiting], *, now: datetime) -> list[Opening]:
    """For everybody without an open offer the earliest time that would suit them, with whom else it would suit."""
    suiting = await _suiting_all(tx, waiting, now=now)
    found: dict[tuple[str, datetime], Opening] = {}
    for _, slots in suiting:
        key = next(iter(slots), None)
        if key is not None and not found.keys() & slots:
            people = tuple(other for other, theirs in suiting if key in theirs)
            found[key] = Opening(practitioner_id=key[0], starts_at=key[1], people=people)
    return sorted(found.values(), key=lambda each: each.starts_at)


async def suited_by(tx: Tx, practitioner_id: str, starts_at: datetime, *, now: datetime) -> list[Waiting]:
    """Everybody on the list whom this time would suit, longest waiting first; nobody when it is not free."""
    suiting = await _suiting_all(tx, await everybody(tx, now=now), now=now, about=starts_at)
    return [each for each, slots in suiting if (practitioner_id, starts_at) in slots]


async def _suiting_all(
    tx: Tx, everyone: Sequence[Waiting], *, now: datetime, about: datetime | None = None
) -> list[tuple[Waiting, dict[tuple[str, datetime], None]]]:
    """Everybody without an open offer, with what would suit them: what the clinic has free is read once for all."""
    waiting = [each for each in everyone if each.open_offer is None]
    spans = [_span(each, now=now, about=about) for each in waiting]
    looked = [span for span in spans if span is not None]
    if not looked:
        return []
    ids = [each.id for each in await practice.practitioners(tx)]
    start, end = min(each.start for each in looked), max(each.end for each in looked)
    diaries = await practice.diaries(tx, ids, start=start - AROUND, end=end + AROUND)
    kept = await slot_holds.kept_between(tx, ids, start=start, end=end + AROUND, now=now)
    return [
        (each, await _suiting(tx, each, span, diaries, kept, now=now))
        for each, span in zip(waiting, spans, strict=True)
        if span is not None
    ]


def _span(waiting: Waiting, *, now: datetime, about: datetime | None) -> Interval | None:
    """When to look for a time for them; None: never."""
    place, zone = waiting.place, ZoneInfo(waiting.patient.time_zone)
    if waiting.visit is None and waiting.kind.retired:
        # A visit that is booked keeps its kind; a new one is not booked.
        return None
    # Sooner than that nobody could be asked by a message; who is free now stands on the board.
    start = max(now + SOONEST, datetime.combine(place.first_on, time(), zone))
    end = datetime.combine(place.last_on + timedelta(days=1), time(), zone)
    if about is not None:
        start, end = max(start, about), min(end, about + timedelta(hours=4))
    return Interval(start=start.astimezone(UTC), end=end.astimezone(UTC)) if start < end else None


async def _suiting(
    tx: Tx,
    waiting: Waiting,
    span: Interval,
    diaries: Sequence[Diary],
    kept: Sequence[slot_holds.Kept],
    *,
    now: datetime,
) -> dict[tuple[str, datetime], None]:
    """Practitioner and start of the free times that would suit them, in order; what they were offered is not new."""
    place, patient = waiting.place, waiting.patient
    visit = for_patient(waiting.kind, patient)
    own = waiting.visit.appointment_id if waiting.visit else None
    sought = await practice.as_known(tx, patient, now=now, leave_out=own)
    theirs = [each for each in diaries if place.practitioner_id in (None, each.id)]
    if waiting.visit is not None:
        sought = replace(sought, own=PractitionerId(waiting.visit.practitioner_id))
        # The time their visit holds now would be free.
        held = times(visit, waiting.visit.planned_starts_at)[1]
        theirs = [replace(each, busy=tuple(busy for busy in each.busy if busy != held)) for each in theirs]
    sought = await practice.as_asked(tx, sought, kind=waiting.kind)
    wanted = Wanted(kind=waiting.kind, patient=sought, start=span.start, end=span.end)
    known = {(each.practitioner_id, each.starts_at) for each in waiting.offers}
    fit = (
        slot
        for slot in find(wanted, theirs, now=now)
        if place.suits(slot.starts_at, zone=patient.time_zone, before=waiting.before)
        and (slot.practitioner_id, slot.starts_at) not in known
        and not _is_kept(slot, times(visit, slot.starts_at)[1], kept)
    )
    return {(slot.practitioner_id, slot.starts_at): None for slot in islice(fit, LOOKED_AT)}


def _is_kept(slot: Slot, held: Interval, kept: Sequence[slot_holds.Kept]) -> bool:
    return any(k.practitioner_id == slot.practitioner_id and k.held.overlaps(held) for k in kept)


def _today(patient: Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.time_zone)).date()


async def record(tx: Tx, place: Place, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="wait-list",
        object_id=place.id,
        patient_id=place.patient_id,
        now=now,
    )
