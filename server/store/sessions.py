"""Staff sessions and visitors' sessions: rows found by the hash of a cookie."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.accounts import account_roles, accounts, sessions, sign_in_steps
from server.store.tables.encounters import encounters, visitor_sessions
from server.store.tables.guests import guest_sessions
from server.store.tables.practice import practitioners

# Writing "seen" on every request would make every page a write.
SEEN_EVERY = timedelta(minutes=1)


def new_cookie() -> str:
    return secrets.token_urlsafe(32)


def cookie_hash(cookie: str) -> bytes:
    # A sender may put bytes into it that are no text; they are those of no session.
    return hashlib.sha256(cookie.encode(errors="surrogateescape")).digest()


async def open_session(tx: Tx, *, account_id: str, cookie: str, ends_at: datetime, now: datetime) -> None:
    await tx.run(
        sessions.insert().values(
            id=new_id(),
            cookie_hash=cookie_hash(cookie),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            ends_at=ends_at,
        )
    )


async def staff_session(tx: Tx, cookie: str, *, idle: timedelta, now: datetime) -> Row[Any] | None:
    """The session with its account and practitioner, or None when it ended, idled out or was disabled."""
    statement = (
        select(
            sessions.c.id,
            sessions.c.seen_at,
            accounts.c.id.label("account_id"),
            accounts.c.name,
            practitioners.c.id.label("practitioner_id"),
            practitioners.c.time_zone,
        )
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .outerjoin(practitioners, practitioners.c.account_id == accounts.c.id)
        .where(
            sessions.c.cookie_hash == cookie_hash(cookie),
            sessions.c.ends_at > now,
            sessions.c.seen_at > now - idle,
            accounts.c.disabled_at.is_(None),
        )
    )
    return await tx.one(statement)


async def roles_of(tx: Tx, account_id: str) -> frozenset[str]:
    rows = await tx.all(select(account_roles.c.role).where(account_roles.c.account_id == account_id))
    return frozenset(row.role for row in rows)


async def seen(tx: Tx, session_id: str, now: datetime) -> None:
    await tx.run(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))


async def seen_together(tx: Tx, session_ids: Iterable[str], now: datetime) -> None:
    """As `seen`, for every session with an open page."""
    await tx.run(update(sessions).where(sessions.c.id.in_(list(session_ids))).values(seen_at=now))


async def end_session(tx: Tx, cookie: str) -> None:
    await tx.run(delete(sessions).where(sessions.c.cookie_hash == cookie_hash(cookie)))


async def end_sessions_of(tx: Tx, account_id: str) -> None:
    """And every sign-in that is half done: it began with what no longer counts."""
    await tx.run(delete(sessions).where(sessions.c.account_id == account_id))
    await tx.run(delete(sign_in_steps).where(sign_in_steps.c.account_id == account_id))


async def end_all(tx: Tx) -> int:
    """Everybody's, with every sign-in that is half done; how many sessions there were."""
    await tx.run(delete(sign_in_steps))
    return await tx.run(delete(sessions))


async def end_all_visitors(tx: Tx) -> int:
    """Every browser has to come in through its link again; how many there were."""
    return await tx.run(delete(visitor_sessions))


async def forget_ended(tx: Tx, now: datetime) -> None:
    """Rows nobody can use any more."""
    await tx.run(delete(sessions).where(sessions.c.ends_at <= now))


async def all_of(tx: Tx, account_id: str, *, idle: timedelta, now: datetime) -> Sequence[Row[Any]]:
    """The account's living sessions, the one used last first."""
    statement = select(sessions.c.id, sessions.c.created_at, sessions.c.seen_at).where(
        sessions.c.account_id == account_id, sessions.c.ends_at > now, sessions.c.seen_at > now - idle
    )
    return await tx.all(statement.order_by(sessions.c.seen_at.desc()))


async def touch(tx: Tx, cookie: str, now: datetime) -> bool:
    """Counts as use of the session, for what stays open without requests; False once it was ended."""
    statement = update(sessions).where(sessions.c.cookie_hash == cookie_hash(cookie))
    return await tx.run(statement.values(seen_at=now)) > 0


async def open_visitor_session(
    tx: Tx, *, cookie: str, encounter_id: str, join_link_id: str, ends_at: datetime, now: datetime
) -> None:
    """Idempotent for one cookie and visit: pressing Continue twice keeps what was already proven."""
    if await visitor_session(tx, cookie, encounter_id=encounter_id, now=now):
        return
    await tx.run(
        visitor_sessions.insert().values(
            id=new_id(),
            cookie_hash=cookie_hash(cookie),
            encounter_id=encounter_id,
            join_link_id=join_link_id,
            created_at=now,
            ends_at=ends_at,
            verified_at=None,
            admitted_at=None,
        )
    )


async def visitor_session(tx: Tx, cookie: str, *, encounter_id: str, now: datetime) -> Row[Any] | None:
    statement = select(visitor_sessions).where(
        visitor_sessions.c.cookie_hash == cookie_hash(cookie),
        visitor_sessions.c.encounter_id == encounter_id,
        visitor_sessions.c.ends_at > now,
    )
    return await tx.one(statement)


async def entered(tx: Tx, encounter_ids: Iterable[str]) -> dict[str, datetime]:
    """When a browser was last let see each of these visits."""
    statement = (
        select(visitor_sessions.c.encounter_id, func.max(visitor_sessions.c.created_at).label("at"))
        .where(visitor_sessions.c.encounter_id.in_(list(encounter_ids)))
        .group_by(visitor_sessions.c.encounter_id)
    )
    return {row.encounter_id: row.at for row in await tx.all(statement)}


async def verify_visitor(tx: Tx, session_id: str, now: datetime) -> None:
    statement = update(visitor_sessions).where(visitor_sessions.c.id == session_id)
    await tx.run(statement.values(verified_at=now))


async def admit_visitor(tx: Tx, session_id: str, now: datetime) -> None:
    statement = update(visitor_sessions).where(visitor_sessions.c.id == session_id)
    await tx.run(statement.values(admitted_at=now))


async def was_admitted(tx: Tx, session_id: str) -> bool:
    row = await tx.one(select(visitor_sessions.c.admitted_at).where(visitor_sessions.c.id == session_id))
    return row is not None and row.admitted_at is not None


async def admitted_besides(tx: Tx, session_id: str, *, encounter_id: str) -> bool:
    """Whether another browser than this one was let into the visit."""
    statement = select(visitor_sessions.c.id).where(
        visitor_sessions.c.encounter_id == encounter_id,
        visitor_sessions.c.id != session_id,
        visitor_sessions.c.admitted_at.is_not(None),
    )
    return await tx.one(statement.limit(1)) is not None


async def link_of(tx: Tx, session_id: str) -> str:
    """The join link a visitor's session came through."""
    row = await tx.one(select(visitor_sessions.c.join_link_id).where(visitor_sessions.c.id == session_id))
    return str(row.join_link_id) if row else ""


async def has_proven(tx: Tx, cookie: str, *, patient_id: str, now: datetime) -> bool:
    """Whether this browser gave the right date of birth for a visit of this patient."""
    statement = (
        select(visitor_sessions.c.id)
        .join(encounters, encounters.c.id == visitor_sessions.c.encounter_id)
        .where(
            visitor_sessions.c.cookie_hash == cookie_hash(cookie),
            visitor_sessions.c.verified_at.is_not(None),
            visitor_sessions.c.ends_at > now,
            encounters.c.patient_id == patient_id,
        )
    )
    return await tx.one(statement.limit(1)) is not None


async def proven_as(tx: Tx, cookie: str, now: datetime) -> set[str]:
    """The patients whose date of birth this browser gave for a visit, while it may still come back to that."""
    statement = (
        select(encounters.c.patient_id)
        .join(visitor_sessions, encounters.c.id == visitor_sessions.c.encounter_id)
        .where(
            visitor_sessions.c.cookie_hash == cookie_hash(cookie),
            visitor_sessions.c.verified_at.is_not(None),
            visitor_sessions.c.ends_at > now,
        )
    )
    return {row.patient_id for row in await tx.all(statement.distinct())}


async def end_unadmitted(tx: Tx, encounter_id: str) -> int:
    """Every browser that came through a link of this visit and was not let in has to come by a newer one."""
    statement = delete(visitor_sessions).where(
        visitor_sessions.c.encounter_id == encounter_id, visitor_sessions.c.admitted_at.is_(None)
    )
    return await tx.run(statement)


async def is_ours(tx: Tx, cookie: str, now: datetime) -> bool:
    """Whether we gave this visitor's cookie out: one a browser brings along unknown is never taken up."""
    for table in (visitor_sessions, guest_sessions):
        statement = select(table.c.id).where(
            table.c.cookie_hash == cookie_hash(cookie), table.c.ends_at > now
        )
        if await tx.one(statement.limit(1)) is not None:
            return True
    return False
