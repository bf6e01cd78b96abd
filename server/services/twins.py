"""One person with two records: found by what is alike, flagged in both, and never made one by a program."""

from dataclasses import dataclass
from datetime import datetime

from server.care.people import NewPatient, Patient
from server.services import patients, safety
from server.store import accounts, audit, encounters
from server.store import patients as patients_store
from server.store import twins as store
from server.store.database import Tx

FLAGGED, PARTED = "flagged", "parted"
NAME, EMAIL, PHONE = "name", "email", "phone"
# So many letters of a word of the name are compared: Katherine and Kathryn begin alike.
LETTERS = 3
# Of those whose names begin alike so many are looked at; a record is opened for each.
LOOKED_AT = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Twin:
    """Another record that may be the same person's. `alike` is by what; `flagged_by` is None until somebody did.

    `visit_id` is their newest visit's, for the desk, which knows patients by their visits; `on_hold` is what must not
    be overlooked in either.
    """

    patient: Patient
    alike: tuple[str, ...]
    flagged_by: str | None
    flagged_at: datetime | None
    visit_id: str | None
    on_hold: bool


def alike(one: Patient | NewPatient, other: Patient) -> tuple[str, ...]:
    """What speaks for one person: born on the same day with names that begin alike, the same address or number."""
    found = []
    if one.date_of_birth == other.date_of_birth and _beginnings(one.name) & _beginnings(other.name):
        found.append(NAME)
    if one.email and other.email and one.email.casefold() == other.email.casefold():
        found.append(EMAIL)
    if patients.same_number(one.phone or "", other.phone or ""):
        found.append(PHONE)
    return tuple(found)


async def flagged(tx: Tx, patient_id: str) -> list[Twin]:
    """Those that somebody flagged, whatever is alike by now."""
    mine = await patients.by_id(tx, patient_id)
    said = [row for row in await store.of_patient(tx, patient_id) if row.standing == FLAGGED]
    names = await accounts.names(tx) if said else {}
    found = []
    for row in said:
        other = await patients.by_id(tx, row.other_id if row.one_id == patient_id else row.one_id)
        found.append(await _twin(tx, mine, other, by=names.get(row.said_by, ""), at=row.said_at))
    return found


async def likely(tx: Tx, patient_id: str) -> list[Twin]:
    """Those that are alike and of whom nobody has said anything yet."""
    mine = await patients.by_id(tx, patient_id)
    known = {patient_id}
    for row in await store.of_patient(tx, patient_id):
        known |= {row.one_id, row.other_id}
    return [await _twin(tx, mine, each) for each in await like(tx, mine) if each.id not in known]


async def like(tx: Tx, one: Patient | NewPatient) -> list[Patient]:
    """Everybody who is alike, by name; also to somebody who has no record yet."""
    found: dict[str, Patient] = {}
    begins = sorted(_beginnings(one.name))
    # All together too: those are few where more names begin alike than are looked at.
    for each in (" ".join(begins), *begins, one.email or "", one.phone or ""):
        for other in await patients.find(tx, each, limit=LOOKED_AT):
            if alike(one, other):
                found[other.id] = other
    return sorted(found.values(), key=lambda each: each.name.casefold())


async def say(tx: Tx, patient_id: str, other_id: str, *, one_person: bool, by: str, now: datetime) -> None:
    """Flags both records, or parts them; on both trails. Raises NoSuchPatient, also for a record and itself."""
    if patient_id == other_id:
        raise patients.NoSuchPatient(other_id)
    for each in (patient_id, other_id):
        await patients.by_id(tx, each)
    standing = FLAGGED if one_person else PARTED
    await store.say(tx, patient_id, other_id, standing=standing, by=by, now=now)
    for mine, theirs in ((patient_id, other_id), (other_id, patient_id)):
        await audit.append(
            tx,
            actor=by,
            action=f"twin-{standing}",
            object_kind="patient",
            object_id=theirs,
            patient_id=mine,
            now=now,
        )


async def _twin(
    tx: Tx, mine: Patient, other: Patient, *, by: str | None = None, at: datetime | None = None
) -> Twin:
    visits = await encounters.of_patient(tx, other.id)
    return Twin(
        patient=other,
        alike=alike(mine, other),
        flagged_by=by,
        flagged_at=at,
        visit_id=visits[-1].id if visits else None,
        on_hold=await safety.is_on_hold(tx, other.id),
    )


def _beginnings(name: str) -> set[str]:
    return {word[:LETTERS] for word in patients_store.words_of(name) if len(word) >= LETTERS}
