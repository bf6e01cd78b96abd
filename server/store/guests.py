"""Invitations to a seat in one visit, and the browsers that came through their links.

A token is an HMAC over the invitation's random id, so that it can be mailed later; the database holds its SHA-256 only.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from server.care.guests import Invitation
from server.store import links, rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.sessions import cookie_hash
from server.store.tables.guests import guest_sessions, invitations

NAMES = tuple(field.name for field in fields(Invitation))


def token_for(tx: Tx, invitation_id: str) -> str:
    """43 characters safe in an address, 256 bits."""
    return links.token_of_message(tx, f"guest|{invitation_id}")


async def insert(tx: Tx, invitation: Invitation) -> None:
    values = {name: getattr(invitation, name) for name in NAMES}
    values["token_hash"] = links.token_hash(token_for(tx, invitation.id))
    await tx.run(invitations.insert().values(**await rows.seal_row(tx, invitations, values)))


async def _value(tx: Tx, row: Row[Any]) -> Invitation:
    opened = await rows.open_row(tx, invitations, row)
    return Invitation(**{name: opened[name] for name in NAMES})


async def by_id(tx: Tx, invitation_id: str) -> Invitation | None:
    row = await tx.one(select(invitations).where(invitations.c.id == invitation_id))
    return None if row is None else await _value(tx, row)


async def by_token(tx: Tx, token: str) -> Invitation | None:
    """Withdrawn or not; None for a token nobody made."""
    row = await tx.one(select(invitations).where(invitations.c.token_hash == links.token_hash(token)))
    return None if row is None else await _value(tx, row)


async def of_encounter(tx: Tx, encounter_id: str) -> list[Invitation]:
    """The first one first, withdrawn ones too."""
    statement = select(invitations).where(invitations.c.encounter_id == encounter_id)
    found = await tx.all(statement.order_by(invitations.c.created_at, invitations.c.id))
    return [await _value(tx, row) for row in found]


async def of_patient(tx: Tx, patient_id: str) -> list[Invitation]:
    """In all their visits, the first one first."""
    statement = select(invitations).where(invitations.c.patient_id == patient_id)
    found = await tx.all(statement.order_by(invitations.c.created_at, invitations.c.id))
    return [await _value(tx, row) for row in found]


async def count(tx: Tx, encounter_id: str) -> int:
    row = await tx.one(select(func.count()).where(invitations.c.encounter_id == encounter_id))
    return int(row[0]) if row else 0


async def revoke(tx: Tx, invitation_id: str, *, now: datetime) -> None:
    statement = update(invitations).where(
        invitations.c.id == invitation_id, invitations.c.revoked_at.is_(None)
    )
    await tx.run(statement.values(revoked_at=now))


async def name_themselves(
    tx: Tx, invitation: Invitation, *, session_id: str, name: str, now: datetime
) -> None:
    sealed = await rows.seal_row(
        tx, invitations, {"id": invitation.id, "patient_id": invitation.patient_id, "said_name": name}
    )
    mine = update(invitations).where(invitations.c.id == invitation.id)
    await tx.run(mine.values(said_name=sealed["said_name"]))
    session = update(guest_sessions).where(guest_sessions.c.id == session_id)
    await tx.run(session.values(introduced_at=now))


async def open_session(tx: Tx, *, cookie: str, invitation_id: str, ends_at: datetime, now: datetime) -> None:
    """Idempotent for one cookie and invitation: pressing Continue twice keeps what was already said."""
    if await session(tx, cookie, invitation_id=invitation_id, now=now):
        return
    # One that has run out is no seat any more, and would be in the way of the new one.
    await tx.run(
        delete(guest_sessions).where(
            guest_sessions.c.cookie_hash == cookie_hash(cookie),
            guest_sessions.c.invitation_id == invitation_id,
        )
    )
    await tx.run(
        guest_sessions.insert().values(
            id=new_id(),
            cookie_hash=cookie_hash(cookie),
            invitation_id=invitation_id,
            created_at=now,
            ends_at=ends_at,
            introduced_at=None,
            admitted_at=None,
        )
    )


async def session(tx: Tx, cookie: str, *, invitation_id: str, now: datetime) -> Row[Any] | None:
    """This browser's, as long as the invitation stands."""
    statement = (
        select(guest_sessions)
        .join(invitations, invitations.c.id == guest_sessions.c.invitation_id)
        .where(
            guest_sessions.c.cookie_hash == cookie_hash(cookie),
            guest_sessions.c.invitation_id == invitation_id,
            guest_sessions.c.ends_at > now,
        )
    )
    return await tx.one(statement)


async def let_in(tx: Tx, session_id: str, *, at: datetime | None) -> None:
    """This browser is let in; with None it has to be let in again."""
    await tx.run(update(guest_sessions).where(guest_sessions.c.id == session_id).values(admitted_at=at))


async def let_nobody_in(tx: Tx, *, encounter_id: str, seat: str) -> None:
    """Whoever sits there has to be let in again, from whatever browser."""
    ids = select(invitations.c.id).where(
        invitations.c.encounter_id == encounter_id, invitations.c.seat == seat
    )
    statement = update(guest_sessions).where(guest_sessions.c.invitation_id.in_(ids))
    await tx.run(statement.values(admitted_at=None))


async def forget_sessions(tx: Tx, *, before: datetime) -> int:
    """How many browsers were let in no longer since then, and are forgotten."""
    return await tx.run(delete(guest_sessions).where(guest_sessions.c.ends_at < before))


async def end_all(tx: Tx, *, now: datetime) -> int:
    """No link and no browser lets any guest in any more; how many browsers there were."""
    await tx.run(update(invitations).where(invitations.c.revoked_at.is_(None)).values(revoked_at=now))
    return await tx.run(delete(guest_sessions))
