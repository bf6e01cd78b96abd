"""Practitioners' calendars elsewhere: whose address is kept, and what the last fetch of it said."""

from datetime import datetime

from scheduling.interval import Interval
from server.store import audit
from server.store import feeds as store
from server.store.database import Tx
from server.store.feeds import Feed

__all__ = ["Feed"]


async def of_practitioner(tx: Tx, practitioner_id: str) -> Feed | None:
    return await store.of_practitioner(tx, practitioner_id)


async def every(tx: Tx) -> list[Feed]:
    return await store.every(tx)


async def set_address(tx: Tx, practitioner_id: str, url: str, *, by: str, now: datetime) -> None:
    """The calendar to follow from now on; an empty address forgets it and the times it brought."""
    known = await store.of_practitioner(tx, practitioner_id)
    if url == (known.url if known else ""):
        return
    if url:
        await store.put(tx, practitioner_id, url=url)
    else:
        await store.remove(tx, practitioner_id)
    await audit.append(
        tx,
        actor=by,
        action="feed-changed",
        object_kind="practitioner",
        object_id=practitioner_id,
        patient_id=None,
        now=now,
    )


async def keep(tx: Tx, feed: Feed, busy: list[Interval], *, now: datetime) -> bool:
    """False when the address was changed while it was fetched."""
    return await store.keep(tx, feed, busy, now=now)


async def failed(tx: Tx, feed: Feed, *, problem: str, now: datetime) -> None:
    await store.failed(tx, feed, problem=problem, now=now)
