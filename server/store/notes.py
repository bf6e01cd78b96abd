"""Consult notes: the note as it stands, every version that was saved, and the addenda."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.care.consult_note import Addendum, ConsultNote
from server.store import rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.notes import note_addenda, note_versions, notes

PLAIN = (
    "id",
    "patient_id",
    "encounter_id",
    "author_id",
    "visit_type",
    "status",
    "version",
    "created_at",
    "saved_at",
    "signed_at",
    "signed_by",
)


class StaleRow(Exception):
    """The note was changed since it was read; nothing was written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """One version as it was saved."""

    version: int
    body: dict[str, Any]
    saved_by: str
    saved_at: datetime


async def insert(tx: Tx, note: ConsultNote) -> None:
    await tx.run(notes.insert().values(await _row(tx, note)))


async def save(tx: Tx, note: ConsultNote, *, over: int) -> None:
    """Writes `note` over version `over`. Raises StaleRow; the database itself refuses a change after signing."""
    where = (notes.c.id == note.id, notes.c.version == over)
    if not await tx.run(update(notes).where(*where).values(await _row(tx, note))):
        raise StaleRow(note.id)


async def keep_version(tx: Tx, note: ConsultNote, *, by: str, page: str, sequence: int) -> None:
    """The version's row; `page` and `sequence` recognise a save that was sent twice."""
    values = {
        "id": new_id(),
        "note_id": note.id,
        "patient_id": note.patient_id,
        "version": note.version,
        "body": _text(note),
        "saved_by": by,
        "saved_at": note.saved_at,
        "page": page,
        "sequence": sequence,
    }
    await tx.run(note_versions.insert().values(await rows.seal_row(tx, note_versions, values)))


async def saved_as(tx: Tx, note_id: str, *, page: str, sequence: int) -> Saved | None:
    """What this page saved under this number, if it did."""
    statement = select(note_versions).where(
        note_versions.c.note_id == note_id,
        note_versions.c.page == page,
        note_versions.c.sequence == sequence,
    )
    row = await tx.one(statement)
    return None if row is None else await _saved(tx, row)


async def by_id(tx: Tx, note_id: str) -> ConsultNote | None:
    return await _one(tx, notes.c.id == note_id)


async def by_encounter(tx: Tx, encounter_id: str) -> ConsultNote | None:
    return await _one(tx, notes.c.encounter_id == encounter_id)


async def of_patient(tx: Tx, patient_id: str) -> list[ConsultNote]:
    """In the order they were begun."""
    statement = select(notes).where(notes.c.patient_id == patient_id).order_by(notes.c.created_at, notes.c.id)
    return [await _value(tx, row) for row in await tx.all(statement)]


async def drafts_of(tx: Tx, author_id: str) -> list[ConsultNote]:
    """Unsigned notes of this author, the oldest first."""
    statement = select(notes).where(notes.c.author_id == author_id, notes.c.signed_at.is_(None))
    return [await _value(tx, row) for row in await tx.all(statement.order_by(notes.c.created_at))]


async def versions(tx: Tx, note_id: str) -> list[Saved]:
    """Every version, the newest first."""
    statement = select(note_versions).where(note_versions.c.note_id == note_id)
    found = await tx.all(statement.order_by(note_versions.c.version.desc()))
    return [await _saved(tx, row) for row in found]


async def add_addendum(tx: Tx, note: ConsultNote, addendum: Addendum) -> None:
    values = {
        "id": addendum.id,
        "note_id": note.id,
        "patient_id": note.patient_id,
        "author_id": addendum.author_id,
        "reason": addendum.reason,
        "text": addendum.text,
        "added_at": addendum.added_at,
    }
    await tx.run(note_addenda.insert().values(await rows.seal_row(tx, note_addenda, values)))
    await tx.run(update(notes).where(notes.c.id == note.id).values(status=note.status))


async def _saved(tx: Tx, row: Row[Any]) -> Saved:
    opened = await rows.open_row(tx, note_versions, row)
    return Saved(
        version=opened["version"],
        body=json.loads(opened["body"]),
        saved_by=opened["saved_by"],
        saved_at=opened["saved_at"],
    )


async def _one(tx: Tx, condition: Any) -> ConsultNote | None:
    row = await tx.one(select(notes).where(condition))
    return None if row is None else await _value(tx, row)


async def _value(tx: Tx, row: Row[Any]) -> ConsultNote:
    opened = await rows.open_row(tx, notes, row)
    statement = select(note_addenda).where(note_addenda.c.note_id == opened["id"])
    added = await tx.all(statement.order_by(note_addenda.c.added_at, note_addenda.c.id))
    addenda = [await rows.open_row(tx, note_addenda, each) for each in added]
    return ConsultNote(
        body=json.loads(opened["body"]),
        addenda=tuple(
            Addendum(
                id=a["id"],
                author_id=a["author_id"],
                reason=a["reason"],
                text=a["text"],
                added_at=a["added_at"],
            )
            for a in addenda
        ),
        **{name: opened[name] for name in PLAIN},
    )


async def _row(tx: Tx, note: ConsultNote) -> dict[str, Any]:
    values = {name: getattr(note, name) for name in PLAIN}
    return await rows.seal_row(tx, notes, values | {"body": _text(note)})


def _text(note: ConsultNote) -> str:
    return json.dumps(note.body, ensure_ascii=False)
