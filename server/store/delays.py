"""Word to a patient that their visit begins late."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from sqlalchemy import and_, exists, or_, select

from server.care.delays import Delay
from server.store import rows
from server.store.database import Tx
from server.store.tables.encounters import delays, encounters, join_links
from server.store.tables.reassignments import reassignments
from server.store.tables.transfers import transfers

FIELDS = tuple(field.name for field in fields(Delay))


async def insert(tx: Tx, delay: Delay) -> None:
    await tx.run(delays.insert().values(**await rows.seal_row(tx, delays, asdict(delay))))


async def newest(tx: Tx, encounter_ids: Sequence[str]) -> dict[str, Delay]:
    """The last one of each visit, as it stands: what was said before it got its time, or whoever holds it, is over."""
    link = and_(
        join_links.c.encounter_id == encounters.c.id,
        join_links.c.seat == "patient",
        join_links.c.version == encounters.c.link_version,
    )
    given = [
        exists().where(each.c.encounter_id == delays.c.encounter_id, each.c.at > delays.c.said_at)
        for each in (transfers, reassignments)
    ]
    statement = (
        select(delays)
        .join(encounters, encounters.c.id == delays.c.encounter_id)
        .outerjoin(join_links, link)
        .where(
            delays.c.encounter_id.in_(encounter_ids),
            or_(join_links.c.created_at.is_(None), join_links.c.created_at <= delays.c.said_at),
            *(~each for each in given),
        )
    )
    found = await tx.all(statement.order_by(delays.c.said_at, delays.c.id))
    return {row.encounter_id: _value(await rows.open_row(tx, delays, row)) for row in found}


def _value(values: dict[str, object]) -> Delay:
    return Delay(**{name: values[name] for name in FIELDS})  # type: ignore[arg-type]
