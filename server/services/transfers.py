"""Handing a visit over: the patient keeps link and page, the note goes with the visit, the trail says who did it."""

from dataclasses import dataclass, replace
from datetime import datetime

from scheduling.bookings import PractitionerId
from server.care import transfers as care
from server.care.access import Staff
from server.care.encounter import Encounter, call_facts
from server.care.people import Practitioner
from server.care.transfers import ClinicianFacts, Transfer
from server.services import appointments, practice
from server.store import accounts, encounters, notes, presence
from server.store import transfers as store
from server.store.database import Tx
from server.store.ids import new_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """The last one, as the patient is told: who comes, after whom, and whether they are there."""

    comes: str
    goes: str
    joined: bool


async def hand_over(tx: Tx, *, encounter_id: str, to: str, by: Staff, now: datetime) -> Encounter:
    """The visit is `to`'s from now on; who has it already keeps it.

    Raises NoSuchVisit, EncounterOver, NotToHandOver, practice.NoSuchChoice.
    """
    before = await appointments.visit(tx, encounter_id)
    care.must_allow(before)
    clinician = await practice.practitioner(tx, to)
    if not await accounts.may_be_booked(tx, to):
        raise practice.NoSuchChoice(to)
    if before.practitioner_id == to:
        return before
    after = replace(before, practitioner_id=PractitionerId(to), version=before.version + 1)
    await encounters.save(tx, after)
    await store.insert(
        tx,
        Transfer(
            id=new_id(),
            encounter_id=before.id,
            from_practitioner_id=before.practitioner_id,
            to_practitioner_id=to,
            handed_by=by.account_id,
            at=now,
        ),
    )
    note = await notes.by_encounter(tx, encounter_id)
    if note is not None and not note.signed:
        # Whoever goes on with the patient goes on with the draft; its versions say who wrote what.
        await notes.save(tx, replace(note, author_id=clinician.account_id), over=note.version)
    await appointments.record(tx, after, action="handed-over", by=by.account_id, now=now)
    return after


async def joined(tx: Tx, *, encounter_id: str, practitioner_id: str, now: datetime) -> bool:
    """The clinician the visit was handed to is in the call; whether that is news."""
    handed = await store.of_encounter(tx, encounter_id)
    if not handed or handed[-1].joined_at is not None or handed[-1].to_practitioner_id != practitioner_id:
        return False
    await store.joined(tx, handed[-1].id, at=now)
    return True


async def last(tx: Tx, encounter_id: str) -> Handover | None:
    handed = await store.of_encounter(tx, encounter_id)
    if not handed:
        return None
    comes = await practice.practitioner(tx, handed[-1].to_practitioner_id)
    goes = await practice.practitioner(tx, handed[-1].from_practitioner_id)
    return Handover(comes=comes.name, goes=goes.name, joined=handed[-1].joined_at is not None)


async def others(tx: Tx, encounter: Encounter) -> list[Practitioner]:
    """Whom the visit can be handed to, once its patient is there; nobody when it is over."""
    if encounter.over:
        return []
    found = await practice.practitioners(tx)
    return [
        each
        for each in found
        if each.id != encounter.practitioner_id and await accounts.may_be_booked(tx, each.id)
    ]


async def facts_of(tx: Tx, encounter: Encounter) -> tuple[ClinicianFacts, ...]:
    """Who saw the patient from when to when; empty when it was one clinician all the time."""
    handed = await store.of_encounter(tx, encounter.id)
    if not handed:
        return ()
    names = {str(each.id): each.name for each in await practice.practitioners(tx)}
    started = call_facts(encounter, await presence.of_encounter(tx, encounter.id)).started_at
    return care.clinician_facts(handed, names=names, started_at=started, ended_at=encounter.finished_at)
