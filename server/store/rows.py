"""Between rows and values: seals the columns a table marks as sealed on the way in, opens them on the way out.

A row knows its own id and its patient's, which is all a seal is bound to; so nobody above ever handles a key.
"""

from typing import Any

from sqlalchemy import Row, Table

from server.store import sealing
from server.store.database import Tx


def sealed_columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.info.get("sealed"))


async def seal_row(tx: Tx, table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """`values` with every sealed column's text sealed. Needs `id`, and `patient_id` unless the row is a patient."""
    row_id, patient_id = values["id"], values.get("patient_id") or values["id"]
    sealed = dict(values)
    for name in sealed_columns(table):
        if values.get(name) is not None:
            key = await tx.keyring.patient_key(tx, patient_id)
            where = sealing.place(table=table.name, column=name, row_id=row_id, patient_id=patient_id)
            sealed[name] = sealing.seal(key, values[name], where)
    return sealed


async def open_row(tx: Tx, table: Table, row: Row[Any]) -> dict[str, Any]:
    """The row as a dict with its sealed columns as text. The row must carry `id` and, if it has one, `patient_id`."""
    values = dict(row._mapping)
    patient_id = values.get("patient_id") or values["id"]
    for name in sealed_columns(table):
        if values.get(name) is not None:
            key = await tx.keyring.patient_key(tx, patient_id)
            where = sealing.place(table=table.name, column=name, row_id=values["id"], patient_id=patient_id)
            values[name] = sealing.unseal(key, values[name], where)
    return values
