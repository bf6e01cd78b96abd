"""Word to a patient that their visit begins late."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from sqlalchemy import select

from server.care.delays import Delay
from server.store import rows
from server.store.database import Tx
from server.store.tables.encounters import delays

FIELDS = tuple(field.name for field in fields(Delay))


async def insert(tx: Tx, delay: Delay) -> None:
    await tx.run(delays.insert().values(**await rows.seal_row(tx, delays, asdict(delay))))


async def by_id(tx: Tx, delay_id: str) -> Delay | None:
    row = await tx.one(select(delays).where(delays.c.id == delay_id))
    return None if row is None else _value(await rows.open_row(tx, delays, row))


async def newest(tx: Tx, encounter_ids: Sequence[str]) -> dict[str, Delay]:
    """The last one of each visit."""
    statement = select(delays).where(delays.c.encounter_id.in_(encounter_ids))
    found = await tx.all(statement.order_by(delays.c.said_at, delays.c.id))
    return {row.encounter_id: _value(await rows.open_row(tx, delays, row)) for row in found}


def _value(values: dict[str, object]) -> Delay:
    return Delay(**{name: values[name] for name in FIELDS})  # type: ignore[arg-type]
