"""Places on the wait-list, and the offers made to them."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.care.wait_list import Faster, Offer, Place
from server.store import links
from server.store.database import ConstraintBroken, Tx
from server.store.tables.wait_list import wait_list, wait_offers

PLACE = tuple(field.name for field in fields(Place))
OFFER = tuple(field.name for field in fields(Offer))


def _place(row: Row[Any]) -> Place:
    return Place(**{name: getattr(row, name) for name in PLACE})


def _offer(row: Row[Any]) -> Offer:
    return Offer(**{name: getattr(row, name) for name in OFFER})


def token_for(tx: Tx, offer_id: str) -> str:
    """22 characters, 132 bits: short enough for a text message."""
    return links.token_of_message(tx, f"offer|{offer_id}")[: links.SHORT]


async def insert(tx: Tx, place: Place) -> None:
    await tx.run(wait_list.insert().values(**{name: getattr(place, name) for name in PLACE}))


async def by_id(tx: Tx, place_id: str) -> Place | None:
    row = await tx.one(select(wait_list).where(wait_list.c.id == place_id))
    return None if row is None else _place(row)


async def open_ones(tx: Tx) -> list[Place]:
    """Whoever has waited longest first."""
    statement = select(wait_list).where(wait_list.c.ended_at.is_(None))
    return [_place(row) for row in await tx.all(statement.order_by(wait_list.c.asked_at, wait_list.c.id))]


async def of_visit(tx: Tx, encounter_id: str) -> Place | None:
    """The place that is not given up."""
    mine = (wait_list.c.encounter_id == encounter_id, wait_list.c.ended_at.is_(None))
    row = await tx.one(select(wait_list).where(*mine))
    return None if row is None else _place(row)


async def end(tx: Tx, place_id: str, *, why: str, now: datetime) -> bool:
    """False when it had ended already."""
    mine = (wait_list.c.id == place_id, wait_list.c.ended_at.is_(None))
    return bool(await tx.run(update(wait_list).where(*mine).values(ended_at=now, ended_why=why)))


async def reopen(tx: Tx, place_id: str) -> bool:
    mine = (wait_list.c.id == place_id, wait_list.c.ended_at.is_not(None))
    return bool(await tx.run(update(wait_list).where(*mine).values(ended_at=None, ended_why=None)))


async def insert_offer(tx: Tx, offer: Offer) -> None:
    values = {name: getattr(offer, name) for name in OFFER}
    values["token_hash"] = links.token_hash(token_for(tx, offer.id))
    await tx.run(wait_offers.insert().values(**values))


async def offer_by_id(tx: Tx, offer_id: str) -> Offer | None:
    row = await tx.one(select(wait_offers).where(wait_offers.c.id == offer_id))
    return None if row is None else _offer(row)


async def offer_by_token(tx: Tx, token: str) -> Offer | None:
    """Whether it stands or not; None for a token nobody made."""
    row = await tx.one(select(wait_offers).where(wait_offers.c.token_hash == links.token_hash(token)))
    return None if row is None else _offer(row)


async def offers_of(tx: Tx, place_ids: Collection[str]) -> list[Offer]:
    """All that were ever made to these places, newest first."""
    statement = select(wait_offers).where(wait_offers.c.waiting_id.in_(place_ids))
    found = await tx.all(statement.order_by(wait_offers.c.offered_at.desc(), wait_offers.c.id))
    return [_offer(row) for row in found]


async def offers_in(tx: Tx, round_id: str) -> list[Offer]:
    found = await tx.all(select(wait_offers).where(wait_offers.c.round_id == round_id))
    return [_offer(row) for row in found]


async def standing(tx: Tx, *, now: datetime) -> list[Offer]:
    """All that somebody could say yes to now."""
    open_ones = (wait_offers.c.taken_at.is_(None), wait_offers.c.closed_at.is_(None))
    found = await tx.all(select(wait_offers).where(wait_offers.c.expires_at > now, *open_ones))
    return [_offer(row) for row in found]


async def close_offer(tx: Tx, offer_id: str, *, now: datetime) -> None:
    mine = (wait_offers.c.id == offer_id, wait_offers.c.taken_at.is_(None))
    await tx.run(update(wait_offers).where(*mine).values(closed_at=now))


async def was_taken(tx: Tx, round_id: str) -> bool:
    taken = (wait_offers.c.round_id == round_id, wait_offers.c.taken_at.is_not(None))
    return await tx.one(select(wait_offers.c.id).where(*taken)) is not None


async def take(tx: Tx, offer: Offer, *, now: datetime) -> None:
    """This one is taken and all others of its round are closed. Raises Faster: the database's own answer."""
    mine = (wait_offers.c.id == offer.id, wait_offers.c.taken_at.is_(None), wait_offers.c.closed_at.is_(None))
    try:
        if not await tx.run(update(wait_offers).where(*mine).values(taken_at=now)):
            raise Faster
    except ConstraintBroken as problem:
        raise Faster from problem
    await close_round(tx, offer.round_id, now=now)


async def close_round(tx: Tx, round_id: str, *, now: datetime) -> None:
    others = (wait_offers.c.round_id == round_id, wait_offers.c.taken_at.is_(None))
    await tx.run(update(wait_offers).where(*others, wait_offers.c.closed_at.is_(None)).values(closed_at=now))
