"""Visits that were handed over, in the order it happened."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from server.care.transfers import Transfer
from server.store.database import Tx
from server.store.tables.transfers import transfers


async def insert(tx: Tx, transfer: Transfer) -> None:
    await tx.run(transfers.insert().values(**asdict(transfer)))


async def of_encounter(tx: Tx, encounter_id: str) -> list[Transfer]:
    statement = select(transfers).where(transfers.c.encounter_id == encounter_id)
    found = await tx.all(statement.order_by(transfers.c.at, transfers.c.id))
    return [Transfer(**row._mapping) for row in found]


async def joined(tx: Tx, transfer_id: str, *, at: datetime) -> None:
    """Once: coming back after a reload is no second beginning."""
    statement = update(transfers).where(transfers.c.id == transfer_id, transfers.c.joined_at.is_(None))
    await tx.run(statement.values(joined_at=at))
