"""Filled-in measures, sealed. No score is stored: it follows from the answers."""

import json
from typing import Any

from sqlalchemy import Row, select, update

from server.care.measures import MeasureResponse
from server.store import rows
from server.store.database import Tx
from server.store.tables.measures import measure_responses

PLAIN = (
    "id",
    "patient_id",
    "instrument",
    "status",
    "version",
    "begun_at",
    "saved_at",
    "completed_at",
)


class StaleResponse(Exception):
    """Another page answered since this was read; impossible within one write transaction."""


async def _row(tx: Tx, response: MeasureResponse) -> dict[str, Any]:
    values = {name: getattr(response, name) for name in PLAIN}
    values["answers"] = json.dumps(dict(response.answers))
    return await rows.seal_row(tx, measure_responses, values)


async def _value(tx: Tx, row: Row[Any]) -> MeasureResponse:
    opened = await rows.open_row(tx, measure_responses, row)
    return MeasureResponse(
        answers=json.loads(opened["answers"]), **{name: getattr(row, name) for name in PLAIN}
    )


async def insert(tx: Tx, response: MeasureResponse) -> None:
    await tx.run(measure_responses.insert().values(await _row(tx, response)))


async def save(tx: Tx, response: MeasureResponse) -> None:
    """Writes a changed response over the version before it. Raises StaleResponse."""
    where = (measure_responses.c.id == response.id, measure_responses.c.version == response.version - 1)
    if not await tx.run(update(measure_responses).where(*where).values(await _row(tx, response))):
        raise StaleResponse(response.id)


async def of_patient(tx: Tx, patient_id: str) -> list[MeasureResponse]:
    """Oldest first, those in progress included."""
    statement = select(measure_responses).where(measure_responses.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(measure_responses.c.begun_at, measure_responses.c.id))
    return [await _value(tx, row) for row in found]
