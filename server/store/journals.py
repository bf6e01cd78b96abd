"""Journal entries with their versions, sealed."""

import json
from typing import Any

from sqlalchemy import Row, select, update

from server.care.journal import JournalEntry, JournalVersion
from server.store import rows
from server.store.database import Tx
from server.store.tables.journals import journal_entries, journal_versions


class StaleEntry(Exception):
    """Another page saved this version since it was read; impossible within one write transaction."""


async def insert(tx: Tx, entry: JournalEntry) -> None:
    values = {name: getattr(entry, name) for name in ("id", "patient_id", "session_id", "begun_at")}
    await tx.run(journal_entries.insert().values(**values))
    for version in entry.versions:
        await add_version(tx, entry, version)


async def add_version(tx: Tx, entry: JournalEntry, version: JournalVersion) -> None:
    await tx.run(journal_versions.insert().values(await _row(tx, entry, version)))


async def save_newest(tx: Tx, entry: JournalEntry, *, over: int) -> None:
    """Writes the newest version over its edit `over`; the database itself refuses one that was shared.

    Raises StaleEntry.
    """
    newest = entry.newest
    where = (journal_versions.c.id == newest.id, journal_versions.c.edit == over)
    if not await tx.run(update(journal_versions).where(*where).values(await _row(tx, entry, newest))):
        raise StaleEntry(entry.id)


async def _row(tx: Tx, entry: JournalEntry, version: JournalVersion) -> dict[str, Any]:
    values = {
        "id": version.id,
        "entry_id": entry.id,
        "patient_id": entry.patient_id,
        "version": version.version,
        "edit": version.edit,
        "body": json.dumps(dict(version.body), ensure_ascii=False),
        "saved_at": version.saved_at,
        "shared_at": version.shared_at,
    }
    return await rows.seal_row(tx, journal_versions, values)


async def by_id(tx: Tx, entry_id: str) -> JournalEntry | None:
    row = await tx.one(select(journal_entries).where(journal_entries.c.id == entry_id))
    return None if row is None else await _value(tx, row)


async def of_session(tx: Tx, session_id: str) -> JournalEntry | None:
    """The entry that was begun with "Session done"."""
    statement = select(journal_entries).where(journal_entries.c.session_id == session_id)
    row = await tx.one(statement.order_by(journal_entries.c.begun_at).limit(1))
    return None if row is None else await _value(tx, row)


async def of_patient(tx: Tx, patient_id: str) -> list[JournalEntry]:
    """Oldest first. Two statements however many there are: a long journal is read at every look at a chart."""
    statement = select(journal_entries).where(journal_entries.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(journal_entries.c.begun_at, journal_entries.c.id))
    written = select(journal_versions).where(journal_versions.c.patient_id == patient_id)
    versions: dict[str, list[JournalVersion]] = {row.id: [] for row in found}
    for row in await tx.all(written.order_by(journal_versions.c.version)):
        versions[row.entry_id].append(await _version(tx, row))
    return [_entry(row, versions[row.id]) for row in found]


async def _value(tx: Tx, row: Row[Any]) -> JournalEntry:
    statement = select(journal_versions).where(journal_versions.c.entry_id == row.id)
    found = await tx.all(statement.order_by(journal_versions.c.version))
    return _entry(row, [await _version(tx, each) for each in found])


def _entry(row: Row[Any], versions: list[JournalVersion]) -> JournalEntry:
    return JournalEntry(
        id=row.id,
        patient_id=row.patient_id,
        session_id=row.session_id,
        begun_at=row.begun_at,
        versions=tuple(versions),
    )


async def _version(tx: Tx, row: Row[Any]) -> JournalVersion:
    opened = await rows.open_row(tx, journal_versions, row)
    return JournalVersion(
        id=row.id,
        version=row.version,
        edit=row.edit,
        saved_at=row.saved_at,
        shared_at=row.shared_at,
        body=json.loads(opened["body"]),
    )
