"""Threads between patients and the clinic, sealed."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from server.care.asking import About, ThreadEntry
from server.store import rows
from server.store.database import Tx
from server.store.tables.accounts import accounts
from server.store.tables.asking import thread_entries

FIELDS = tuple(field.name for field in fields(ThreadEntry) if field.name != "author")
# Answered by nobody yet.
_OPEN = (thread_entries.c.sender == "patient", thread_entries.c.settled_at.is_(None))


async def insert(tx: Tx, entry: ThreadEntry, *, sending: str) -> None:
    values = {name: value for name, value in asdict(entry).items() if name != "author"}
    sealed = await rows.seal_row(tx, thread_entries, values)
    await tx.run(thread_entries.insert().values(**sealed, sending=sending))


async def sent_already(tx: Tx, patient_id: str, sending: str) -> ThreadEntry | None:
    """What came with this sending before."""
    row = await tx.one(
        _with_author().where(thread_entries.c.patient_id == patient_id, thread_entries.c.sending == sending)
    )
    return None if row is None else await _value(tx, row)


async def of_patient(tx: Tx, patient_id: str) -> list[ThreadEntry]:
    """The whole thread, oldest first."""
    return await _found(tx, _with_author().where(thread_entries.c.patient_id == patient_id))


async def open_ones(tx: Tx, about: About) -> list[ThreadEntry]:
    """Everybody's questions that wait for this side, oldest first."""
    return await _found(tx, _with_author().where(thread_entries.c.about == about, *_OPEN))


async def has_unread_answer(tx: Tx, patient_id: str) -> bool:
    """Whether the clinic wrote something the patient has not had before them."""
    statement = select(thread_entries.c.id).where(
        thread_entries.c.patient_id == patient_id,
        thread_entries.c.sender == "clinic",
        thread_entries.c.read_at.is_(None),
    )
    return await tx.one(statement.limit(1)) is not None


async def settle(tx: Tx, ids: Iterable[str], *, now: datetime) -> None:
    statement = update(thread_entries).where(thread_entries.c.id.in_(sorted(ids)))
    await tx.run(statement.values(settled_at=now))


async def hand_on(tx: Tx, ids: Iterable[str], *, to: About) -> None:
    statement = update(thread_entries).where(thread_entries.c.id.in_(sorted(ids)))
    await tx.run(statement.values(about=to))


async def mark_read(tx: Tx, ids: Iterable[str], *, by: str, now: datetime) -> None:
    """The first time stays."""
    statement = update(thread_entries).where(
        thread_entries.c.id.in_(sorted(ids)), thread_entries.c.read_at.is_(None)
    )
    await tx.run(statement.values(read_at=now, read_by=by))


def _with_author() -> Select[Any]:
    named = select(thread_entries, accounts.c.name.label("author"))
    return named.outerjoin(accounts, accounts.c.id == thread_entries.c.account_id)


async def _found(tx: Tx, statement: Select[Any]) -> list[ThreadEntry]:
    found = await tx.all(statement.order_by(thread_entries.c.sent_at, thread_entries.c.id))
    return [await _value(tx, row) for row in found]


async def _value(tx: Tx, row: Row[Any]) -> ThreadEntry:
    opened = await rows.open_row(tx, thread_entries, row)
    return ThreadEntry(author=row.author, **{name: opened[name] for name in FIELDS})
