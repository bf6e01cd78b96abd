"""What was done about a visit, in the order it happened."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import select

from server.care.visit_actions import VisitAction
from server.store import accounts, rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.visit_actions import visit_actions

FIELDS = ("encounter_id", "patient_id", "kind", "at", "account_id", "outcome", "words")


async def append(tx: Tx, action: VisitAction) -> None:
    values = {name: value for name, value in asdict(action).items() if name in FIELDS}
    sealed = await rows.seal_row(tx, visit_actions, {"id": new_id(), **values})
    await tx.run(visit_actions.insert().values(sealed))


async def of_visits(tx: Tx, encounter_ids: Collection[str]) -> dict[str, list[VisitAction]]:
    """By visit, oldest first, with the names of those who did it."""
    statement = select(visit_actions).where(visit_actions.c.encounter_id.in_(sorted(encounter_ids)))
    found = await tx.all(statement.order_by(visit_actions.c.at, visit_actions.c.id))
    names = await accounts.names(tx) if found else {}
    by_visit: dict[str, list[VisitAction]] = {}
    for row in found:
        opened = await rows.open_row(tx, visit_actions, row)
        values = {name: opened[name] for name in FIELDS}
        action = VisitAction(**values, author=names.get(row.account_id or ""))
        by_visit.setdefault(row.encounter_id, []).append(action)
    return by_visit
