"""Messages between a patient and the clinic, sealed, kept with the visit they belong to."""

from typing import Any

from sqlalchemy import Row, Select, select

from server.care.messages import Message
from server.store import rows
from server.store.database import Tx
from server.store.tables.accounts import accounts
from server.store.tables.messages import messages

FIELDS = ("id", "patient_id", "encounter_id", "sender", "account_id", "text", "sent_at")


async def insert(tx: Tx, message: Message) -> None:
    values = {name: getattr(message, name) for name in FIELDS}
    await tx.run(messages.insert().values(await rows.seal_row(tx, messages, values)))


async def of_encounter(tx: Tx, encounter_id: str) -> list[Message]:
    """Oldest first, as a conversation is read."""
    return await _found(tx, _with_author().where(messages.c.encounter_id == encounter_id))


async def of_patient(tx: Tx, patient_id: str) -> list[Message]:
    """From all visits, oldest first."""
    return await _found(tx, _with_author().where(messages.c.patient_id == patient_id))


def _with_author() -> Select[Any]:
    named = select(messages, accounts.c.name.label("author"))
    return named.outerjoin(accounts, accounts.c.id == messages.c.account_id)


async def _found(tx: Tx, statement: Select[Any]) -> list[Message]:
    found = await tx.all(statement.order_by(messages.c.sent_at, messages.c.id))
    return [await _value(tx, row) for row in found]


async def _value(tx: Tx, row: Row[Any]) -> Message:
    opened = await rows.open_row(tx, messages, row)
    return Message(author=row.author, **{name: opened[name] for name in FIELDS})
