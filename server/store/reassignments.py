"""Who covers for whom: one row each time a visit is given on, none ever changed."""

from typing import Any

from sqlalchemy import select

from server.store import rows
from server.store.database import Tx
from server.store.tables.reassignments import reassignments


async def insert(tx: Tx, values: dict[str, Any]) -> None:
    await tx.run(reassignments.insert().values(await rows.seal_row(tx, reassignments, values)))


async def of_visit(tx: Tx, encounter_id: str) -> list[dict[str, Any]]:
    """Oldest first."""
    statement = select(reassignments).where(reassignments.c.encounter_id == encounter_id)
    found = await tx.all(statement.order_by(reassignments.c.at, reassignments.c.id))
    return [await rows.open_row(tx, reassignments, row) for row in found]
