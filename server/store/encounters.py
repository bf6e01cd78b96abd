"""Visits as they happen: one row per Encounter, saved only over the version that was read."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select, update

from server.care.encounter import Encounter, EntryAnswers
from server.store import rows
from server.store.database import Tx
from server.store.tables.encounters import encounters, join_links
from server.store.tables.patients import patients

# The entry's answers have one sealed column, as JSON.
PLAIN = tuple(field.name for field in fields(Encounter) if field.name != "entry")


class StaleEncounter(Exception):
    """Somebody else changed this visit since it was read; nothing was written."""


async def _row(tx: Tx, encounter: Encounter) -> dict[str, Any]:
    values = {name: getattr(encounter, name) for name in PLAIN}
    values["entry_answers"] = _entry_text(encounter.entry) if encounter.entry else None
    return await rows.seal_row(tx, encounters, values)


async def _value(tx: Tx, row: Row[Any]) -> Encounter:
    opened = await rows.open_row(tx, encounters, row)
    entry = _entry(opened["entry_answers"]) if opened["entry_answers"] else None
    return Encounter(entry=entry, **{name: opened[name] for name in PLAIN})


def _entry_text(entry: EntryAnswers) -> str:
    return json.dumps(asdict(entry) | {"agreed_at": entry.agreed_at.isoformat()}, ensure_ascii=False)


def _entry(text: str) -> EntryAnswers:
    answers = json.loads(text)
    return EntryAnswers(**answers | {"agreed_at": datetime.fromisoformat(answers["agreed_at"])})


async def insert(tx: Tx, encounter: Encounter) -> None:
    await tx.run(encounters.insert().values(await _row(tx, encounter)))


async def save(tx: Tx, encounter: Encounter) -> Encounter:
    """Writes a changed visit over the version before it: every change raises `version` by one.

    Raises StaleEncounter. Do not save what the rules handed back unchanged.
    """
    where = (encounters.c.id == encounter.id, encounters.c.version == encounter.version - 1)
    if not await tx.run(update(encounters).where(*where).values(await _row(tx, encounter))):
        raise StaleEncounter(encounter.id)
    return encounter


async def by_id(tx: Tx, encounter_id: str) -> Encounter | None:
    row = await tx.one(select(encounters).where(encounters.c.id == encounter_id))
    return None if row is None else await _value(tx, row)


async def by_ids(tx: Tx, encounter_ids: Collection[str]) -> dict[str, Encounter]:
    found = await tx.all(select(encounters).where(encounters.c.id.in_(encounter_ids)))
    return {row.id: await _value(tx, row) for row in found}


async def by_appointment(tx: Tx, appointment_id: str) -> Encounter | None:
    row = await tx.one(select(encounters).where(encounters.c.appointment_id == appointment_id))
    return None if row is None else await _value(tx, row)


async def between(
    tx: Tx, starts_at: datetime, ends_at: datetime, *, practitioner_id: str | None = None
) -> list[Encounter]:
    """Visits planned to start in [starts_at, ends_at), earliest first."""
    statement = select(encounters).where(
        encounters.c.planned_starts_at >= starts_at, encounters.c.planned_starts_at < ends_at
    )
    if practitioner_id is not None:
        statement = statement.where(encounters.c.practitioner_id == practitioner_id)
    found = await tx.all(statement.order_by(encounters.c.planned_starts_at, encounters.c.id))
    return [await _value(tx, row) for row in found]


async def count_to_come(tx: Tx, now: datetime) -> int:
    """How many visits are neither over nor past."""
    ahead = (encounters.c.planned_ends_at > now, encounters.c.status.not_in(("finished", "cancelled")))
    row = await tx.one(select(func.count()).where(*ahead))
    return int(row[0]) if row else 0


async def to_remind_of(tx: Tx, *, starts_after: datetime, starts_before: datetime) -> Sequence[Row[Any]]:
    """Planned visits in between with what decides over a reminder, nothing of it sealed; `told_at` is when their link
    was made, which is when their patient was told of this time."""
    statement = (
        select(
            encounters.c.id,
            encounters.c.link_version,
            encounters.c.planned_starts_at.label("starts_at"),
            patients.c.id.label("patient_id"),
            patients.c.time_zone,
            patients.c.reached_by,
            patients.c.email.is_not(None).label("has_email"),
            patients.c.phone.is_not(None).label("has_phone"),
            join_links.c.created_at.label("told_at"),
        )
        .join(patients, patients.c.id == encounters.c.patient_id)
        .join(
            join_links,
            and_(
                join_links.c.encounter_id == encounters.c.id,
                join_links.c.seat == "patient",
                join_links.c.version == encounters.c.link_version,
            ),
        )
        .where(
            encounters.c.status == "planned",
            encounters.c.appointment_id.is_not(None),
            encounters.c.planned_starts_at > starts_after,
            encounters.c.planned_starts_at < starts_before,
        )
    )
    return await tx.all(statement.order_by(encounters.c.planned_starts_at, encounters.c.id))


async def last_before(tx: Tx, encounter: Encounter) -> datetime | None:
    """When the patient's visit before this one with the same clinician began, or was to."""
    statement = select(func.max(encounters.c.planned_starts_at)).where(
        encounters.c.patient_id == encounter.patient_id,
        encounters.c.practitioner_id == encounter.practitioner_id,
        encounters.c.status != "cancelled",
        encounters.c.planned_starts_at < encounter.planned_starts_at,
    )
    row = await tx.one(statement)
    return row[0] if row else None


async def with_status(tx: Tx, status: str) -> list[Encounter]:
    """The visits that stand so now: who waits, or what goes on."""
    found = await tx.all(select(encounters).where(encounters.c.status == status))
    return [await _value(tx, row) for row in found]


async def of_patient(tx: Tx, patient_id: str) -> list[Encounter]:
    """All of a patient's visits, earliest first."""
    statement = select(encounters).where(encounters.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(encounters.c.planned_starts_at, encounters.c.id))
    return [await _value(tx, row) for row in found]
