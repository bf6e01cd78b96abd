"""Practitioners' calendars elsewhere: the sealed address, how the last fetch went, and the busy times it brought."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from scheduling.interval import Interval
from server.store import sealing
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.practice import busy_feeds, busy_times

PURPOSE = "busy-feed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """`problem` is a word for why the last try failed; what `fetched_at` brought is kept meanwhile."""

    id: str
    practitioner_id: str
    url: str
    tried_at: datetime | None
    fetched_at: datetime | None
    problem: str | None


async def busy_of(tx: Tx, practitioner_ids: Collection[str]) -> Sequence[Row[Any]]:
    statement = select(busy_times).where(busy_times.c.practitioner_id.in_(practitioner_ids))
    return await tx.all(statement.order_by(busy_times.c.starts_at))


async def put(tx: Tx, practitioner_id: str, *, url: str) -> None:
    """The practitioner's calendar from now on; what the one before said is forgotten."""
    await remove(tx, practitioner_id)
    row_id = new_id()
    sealed = sealing.seal(tx.keyring.key_for(PURPOSE), url, _where(row_id, practitioner_id))
    values = {"id": row_id, "practitioner_id": practitioner_id, "url": sealed}
    await tx.run(busy_feeds.insert().values(**values, tried_at=None, fetched_at=None, problem=None))


async def remove(tx: Tx, practitioner_id: str) -> bool:
    """With the times it brought. False when there was none."""
    await tx.run(delete(busy_times).where(busy_times.c.practitioner_id == practitioner_id))
    return bool(await tx.run(delete(busy_feeds).where(busy_feeds.c.practitioner_id == practitioner_id)))


async def every(tx: Tx) -> list[Feed]:
    return [_value(tx, row) for row in await tx.all(select(busy_feeds).order_by(busy_feeds.c.id))]


async def of_practitioner(tx: Tx, practitioner_id: str) -> Feed | None:
    row = await tx.one(select(busy_feeds).where(busy_feeds.c.practitioner_id == practitioner_id))
    return None if row is None else _value(tx, row)


async def keep(tx: Tx, feed: Feed, busy: Iterable[Interval], *, now: datetime) -> bool:
    """What a fetch brought, in place of what was known. False when the address was changed meanwhile."""
    statement = update(busy_feeds).where(busy_feeds.c.id == feed.id)
    if not await tx.run(statement.values(tried_at=now, fetched_at=now, problem=None)):
        return False
    await tx.run(delete(busy_times).where(busy_times.c.practitioner_id == feed.practitioner_id))
    rows = [
        {
            "id": new_id(),
            "practitioner_id": feed.practitioner_id,
            "starts_at": each.start,
            "ends_at": each.end,
        }
        for each in busy
    ]
    await tx.run_each(busy_times.insert(), rows)
    return True


async def failed(tx: Tx, feed: Feed, *, problem: str, now: datetime) -> None:
    """The busy times known last stay."""
    statement = update(busy_feeds).where(busy_feeds.c.id == feed.id)
    await tx.run(statement.values(tried_at=now, problem=problem))


def _value(tx: Tx, row: Row[Any]) -> Feed:
    where = _where(row.id, row.practitioner_id)
    return Feed(
        id=row.id,
        practitioner_id=row.practitioner_id,
        url=sealing.unseal(tx.keyring.key_for(PURPOSE), row.url, where),
        tried_at=row.tried_at,
        fetched_at=row.fetched_at,
        problem=row.problem,
    )


def _where(row_id: str, practitioner_id: str) -> bytes:
    return sealing.place(table="busy_feeds", column="url", row_id=row_id, patient_id=practitioner_id)
