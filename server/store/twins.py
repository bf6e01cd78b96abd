"""What was said of two records that may be one person's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.twins import patient_twins


async def of_patient(tx: Tx, patient_id: str) -> Sequence[Row[Any]]:
    theirs = or_(patient_twins.c.one_id == patient_id, patient_twins.c.other_id == patient_id)
    return await tx.all(select(patient_twins).where(theirs).order_by(patient_twins.c.said_at))


async def say(tx: Tx, one: str, other: str, *, standing: str, by: str, now: datetime) -> None:
    """The last word about this pair, whichever of the two is named first."""
    first, second = sorted((one, other))
    said = {"standing": standing, "said_by": by, "said_at": now}
    pair = (patient_twins.c.one_id == first, patient_twins.c.other_id == second)
    if not await tx.run(update(patient_twins).where(*pair).values(**said)):
        await tx.run(patient_twins.insert().values(id=new_id(), one_id=first, other_id=second, **said))
