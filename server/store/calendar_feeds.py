"""Addresses for calendars that follow a clinician's visits: one per clinician is open at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.store import links
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.calendars import calendar_feeds


def token_for(tx: Tx, *, practitioner_id: str, version: int) -> str:
    """43 characters safe in an address, 256 bits."""
    return links.token_of_message(tx, f"calendar|{practitioner_id}|{version}")


async def newest(tx: Tx, practitioner_id: str) -> Row[Any] | None:
    """The clinician's last address, open or closed."""
    statement = select(calendar_feeds).where(calendar_feeds.c.practitioner_id == practitioner_id)
    return await tx.one(statement.order_by(calendar_feeds.c.version.desc()).limit(1))


async def insert(tx: Tx, *, practitioner_id: str, version: int, shows: str, now: datetime) -> str:
    token = token_for(tx, practitioner_id=practitioner_id, version=version)
    values = {
        "id": new_id(),
        "practitioner_id": practitioner_id,
        "version": version,
        "token_hash": links.token_hash(token),
        "shows": shows,
        "created_at": now,
    }
    await tx.run(calendar_feeds.insert().values(values))
    return token


async def by_token(tx: Tx, token: str) -> Row[Any] | None:
    """The open address with this token; None for a closed one and for one nobody made."""
    found = calendar_feeds.c.token_hash == links.token_hash(token)
    return await tx.one(select(calendar_feeds).where(found, calendar_feeds.c.revoked_at.is_(None)))


async def show(tx: Tx, feed_id: str, *, shows: str) -> None:
    await tx.run(update(calendar_feeds).where(calendar_feeds.c.id == feed_id).values(shows=shows))


async def close(tx: Tx, practitioner_id: str, *, now: datetime) -> int:
    """How many were open."""
    theirs = (calendar_feeds.c.practitioner_id == practitioner_id, calendar_feeds.c.revoked_at.is_(None))
    return await tx.run(update(calendar_feeds).where(*theirs).values(revoked_at=now))


async def fetched(tx: Tx, feed_id: str, *, now: datetime) -> None:
    await tx.run(update(calendar_feeds).where(calendar_feeds.c.id == feed_id).values(fetched_at=now))
