""" "I lost my link": what was asked, until it is answered; only a keyed hash of what was typed is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from server.store.database import Tx
from server.store.ids import new_id
from server.store.patients import search_terms
from server.store.sealing import keyed_hash
from server.store.tables.outbox import lost_links
from server.store.tables.patients import patient_search

# A burst of questions is answered in turns.
AT_ONCE = 50


async def insert(tx: Tx, *, email: str | None, phone: str | None, now: datetime) -> None:
    """The same work whether anybody is known by it or not."""
    [term] = search_terms(name="", email=email, phone=phone)
    token = keyed_hash(tx.keyring.key_for("search"), term)
    await tx.run(lost_links.insert().values(id=new_id(), token=token, asked_at=now))


async def waiting(tx: Tx) -> Sequence[Row[Any]]:
    return await tx.all(select(lost_links).order_by(lost_links.c.asked_at).limit(AT_ONCE))


async def done(tx: Tx, lost_link_id: str) -> bool:
    """False when somebody else has answered it."""
    return bool(await tx.run(delete(lost_links).where(lost_links.c.id == lost_link_id)))


async def patients_known_by(tx: Tx, token: bytes) -> list[str]:
    """Ids of the patients with this address, or a number that ends so: a family may share one."""
    statement = select(patient_search.c.patient_id).where(patient_search.c.token == token)
    return sorted({row.patient_id for row in await tx.all(statement)})
