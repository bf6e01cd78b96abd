"""What patients say of their calls: of each visit what they said last."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from server.care.call_quality import Rating
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.encounters import call_ratings

BETWEEN = " "


async def put(tx: Tx, encounter_id: str, rating: Rating) -> None:
    """In place of what was said before."""
    await tx.run(delete(call_ratings).where(call_ratings.c.encounter_id == encounter_id))
    await tx.run(
        call_ratings.insert().values(
            id=new_id(),
            encounter_id=encounter_id,
            word=rating.word,
            troubles=BETWEEN.join(rating.troubles),
            at=rating.at,
        )
    )


async def of_encounter(tx: Tx, encounter_id: str) -> Rating | None:
    mine = select(call_ratings).where(call_ratings.c.encounter_id == encounter_id)
    # Two windows at the same moment may leave two.
    row = await tx.one(mine.order_by(call_ratings.c.at.desc(), call_ratings.c.id.desc()).limit(1))
    return None if row is None else _rating(row)


async def since(tx: Tx, moment: datetime) -> dict[str, Rating]:
    """Those given since then, by visit."""
    given = select(call_ratings).where(call_ratings.c.at >= moment)
    rows = await tx.all(given.order_by(call_ratings.c.at, call_ratings.c.id))
    return {row.encounter_id: _rating(row) for row in rows}


def _rating(row: Row[Any]) -> Rating:
    return Rating(word=row.word, troubles=tuple(row.troubles.split()), at=row.at)
