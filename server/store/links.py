"""Join links. A token is an HMAC over visit, seat and version, so a reminder can carry the same link again;
the database holds its SHA-256 only. A text message carries the token's beginning, which finds the whole."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.encounters import encounters, join_links

# 132 bits of the token: nobody guesses them, and a text message has no room for more.
SHORT = 22


def token_for(tx: Tx, *, encounter_id: str, seat: str, version: int) -> str:
    """43 characters safe in an address, 256 bits."""
    return token_of_message(tx, f"{encounter_id}|{seat}|{version}")


def token_of_message(tx: Tx, message: str) -> str:
    """A link's token over what it leads to. No two kinds of link may write the same message."""
    mac = hmac.new(tx.keyring.key_for("link"), message.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def create(tx: Tx, *, encounter_id: str, seat: str, version: int, now: datetime) -> str:
    """Writes the link's row and returns the token. Older versions of the same seat stop working."""
    await revoke(tx, encounter_id=encounter_id, seat=seat, now=now)
    token = token_for(tx, encounter_id=encounter_id, seat=seat, version=version)
    await tx.run(
        join_links.insert().values(
            id=new_id(),
            encounter_id=encounter_id,
            seat=seat,
            version=version,
            token_hash=token_hash(token),
            short_hash=token_hash(token[:SHORT]),
            wrong_dates=0,
            created_at=now,
            revoked_at=None,
        )
    )
    return token


async def revoke(tx: Tx, *, encounter_id: str, seat: str, now: datetime) -> None:
    await tx.run(
        update(join_links)
        .where(
            join_links.c.encounter_id == encounter_id,
            join_links.c.seat == seat,
            join_links.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


async def by_token(tx: Tx, token: str) -> Row[Any] | None:
    """The link, revoked or not, with its visit's status; None for a token nobody made."""
    statement = (
        select(join_links, encounters.c.status)
        .join(encounters, encounters.c.id == join_links.c.encounter_id)
        .where(join_links.c.token_hash == token_hash(token))
    )
    return await tx.one(statement)


async def by_short(tx: Tx, short: str) -> Row[Any] | None:
    """The link whose token begins so, revoked or not."""
    return await tx.one(select(join_links).where(join_links.c.short_hash == token_hash(short)))


async def by_id(tx: Tx, join_link_id: str) -> Row[Any] | None:
    return await tx.one(select(join_links).where(join_links.c.id == join_link_id))


async def count_wrong_date(tx: Tx, join_link_id: str) -> None:
    statement = update(join_links).where(join_links.c.id == join_link_id)
    await tx.run(statement.values(wrong_dates=join_links.c.wrong_dates + 1))


async def wrong_dates(tx: Tx, *, encounter_id: str, seat: str) -> int:
    """How often a wrong date of birth was given through the link that is valid now."""
    statement = select(join_links.c.wrong_dates).where(
        join_links.c.encounter_id == encounter_id,
        join_links.c.seat == seat,
        join_links.c.revoked_at.is_(None),
    )
    row = await tx.one(statement)
    return int(row.wrong_dates) if row else 0
