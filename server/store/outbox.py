"""The outbox: messages written in the same transaction as what they tell of, claimed and sent afterwards."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from server.store import rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.outbox import outbox

# Neither sent nor given up.
_WAITING = (outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))


async def insert(
    tx: Tx,
    *,
    kind: str,
    dedupe_key: str,
    patient_id: str | None,
    now: datetime,
    self_booking_id: str | None = None,
    encounter_id: str | None = None,
    account_id: str | None = None,
    link_version: int | None = None,
    channel: str = "email",
    facts: str | None = None,
    expires_at: datetime | None = None,
    due_at: datetime | None = None,
) -> str:
    """Queues one message, due at once unless said otherwise.

    A message with the same `dedupe_key` is queued only once: its id comes back.
    """
    known = await tx.one(select(outbox.c.id).where(outbox.c.dedupe_key == dedupe_key))
    if known is not None:
        return str(known.id)
    values = {
        "id": new_id(),
        "dedupe_key": dedupe_key,
        "kind": kind,
        "patient_id": patient_id,
        "self_booking_id": self_booking_id,
        "encounter_id": encounter_id,
        "account_id": account_id,
        "link_version": link_version,
        "channel": channel,
        "facts": facts,
        "created_at": now,
        "due_at": due_at or now,
        "expires_at": expires_at,
        "attempts": 0,
        "claimed_until": None,
        "sent_at": None,
        "failed_at": None,
        "last_problem": None,
        "gateway": None,
        "gateway_reference": None,
        "delivered_at": None,
    }
    await tx.run(outbox.insert().values(**await rows.seal_row(tx, outbox, values)))
    return str(values["id"])


async def by_dedupe_key(tx: Tx, dedupe_key: str) -> Row[Any] | None:
    return await tx.one(select(outbox).where(outbox.c.dedupe_key == dedupe_key))


async def by_id(tx: Tx, message_id: str) -> Row[Any] | None:
    """Without opening what is sealed in it."""
    return await tx.one(select(outbox).where(outbox.c.id == message_id))


async def facts_of(tx: Tx, message_id: str) -> str | None:
    row = await by_id(tx, message_id)
    return None if row is None else (await rows.open_row(tx, outbox, row))["facts"]


async def known_keys(tx: Tx, dedupe_keys: Collection[str]) -> set[str]:
    """Which of these were queued already."""
    if not dedupe_keys:
        return set()
    statement = select(outbox.c.dedupe_key).where(outbox.c.dedupe_key.in_(dedupe_keys))
    return {row.dedupe_key for row in await tx.all(statement)}


async def known_like(tx: Tx, key_begins: str, *, patient_id: str, since: datetime | None = None) -> bool:
    """Whether a message about this patient whose key begins so was queued, after `since`."""
    # By the patient: in which order keys stand depends on the database, so it may not find their beginnings.
    statement = select(outbox.c.id).where(
        outbox.c.patient_id == patient_id, outbox.c.dedupe_key.startswith(key_begins, autoescape=True)
    )
    if since is not None:
        statement = statement.where(outbox.c.created_at > since)
    return await tx.one(statement.limit(1)) is not None


async def due(tx: Tx, *, now: datetime, limit: int = 20) -> Sequence[Row[Any]]:
    """What may be claimed now, oldest first: neither sent nor given up, and in nobody's hands."""
    statement = (
        select(outbox.c.id)
        .where(
            *_WAITING,
            outbox.c.due_at <= now,
            (outbox.c.claimed_until.is_(None)) | (outbox.c.claimed_until <= now),
        )
        .order_by(outbox.c.due_at, outbox.c.created_at)
        .limit(limit)
    )
    return await tx.all(statement)


async def claim(tx: Tx, message_id: str, *, until: datetime, now: datetime) -> dict[str, Any] | None:
    """The message, ours until `until`; None when somebody else has it."""
    row = await count_try(tx, message_id, until=until, now=now)
    return None if row is None else await rows.open_row(tx, outbox, row)


async def count_try(tx: Tx, message_id: str, *, until: datetime, now: datetime) -> Row[Any] | None:
    """As `claim`, without opening what is sealed in it: zero rows changed means that somebody else has it."""
    free = (outbox.c.claimed_until.is_(None)) | (outbox.c.claimed_until <= now)
    statement = update(outbox).where(outbox.c.id == message_id, free, *_WAITING)
    if not await tx.run(statement.values(claimed_until=until, attempts=outbox.c.attempts + 1)):
        return None
    return await by_id(tx, message_id)


async def mark_sent(
    tx: Tx, message_id: str, *, now: datetime, gateway: int | None = None, reference: str = ""
) -> None:
    """Nothing more once its gateway has reported of it: that came after it was taken."""
    statement = update(outbox).where(outbox.c.id == message_id, outbox.c.sent_at.is_(None))
    values = {"sent_at": now, "failed_at": None, "claimed_until": None, "last_problem": None}
    await tx.run(statement.values(gateway=gateway, gateway_reference=reference or None, **values))


async def taken_by(tx: Tx, gateway: int, *, number: str, reference: str) -> Row[Any] | None:
    """The text message this gateway speaks of, by our number or by its own, also before we wrote down who took it."""
    tried = (outbox.c.channel == "sms", outbox.c.attempts > 0)
    own = (outbox.c.id == number) & ((outbox.c.gateway == gateway) | (outbox.c.gateway.is_(None)))
    theirs = (outbox.c.gateway_reference == reference) & (outbox.c.gateway == gateway)
    found = own if number else theirs
    return await tx.one(select(outbox).where(*tried, found).limit(1))


async def handing_over(tx: Tx, *, now: datetime) -> bool:
    """Whether a text message is on its way to a gateway just now."""
    statement = select(outbox.c.id).where(*_WAITING, outbox.c.channel == "sms", outbox.c.claimed_until > now)
    return await tx.one(statement.limit(1)) is not None


async def mark_delivered(tx: Tx, message_id: str, *, now: datetime) -> bool:
    """Whatever was said of it before; False when that was known."""
    statement = update(outbox).where(outbox.c.id == message_id, outbox.c.delivered_at.is_(None))
    sent = func.coalesce(outbox.c.sent_at, now)
    values = {"delivered_at": now, "failed_at": None, "claimed_until": None, "last_problem": None}
    return bool(await tx.run(statement.values(sent_at=sent, **values)))


async def mark_undelivered(tx: Tx, message_id: str, *, problem: str, now: datetime) -> bool:
    """It was taken and no phone will have it. False when that was known, or a phone has it after all."""
    still = (outbox.c.delivered_at.is_(None), outbox.c.failed_at.is_(None))
    statement = update(outbox).where(outbox.c.id == message_id, *still)
    sent = func.coalesce(outbox.c.sent_at, now)
    return bool(
        await tx.run(
            statement.values(sent_at=sent, failed_at=now, claimed_until=None, last_problem=problem[:200])
        )
    )


async def try_again(
    tx: Tx, message_id: str, *, at: datetime, problem: str, gateway: int | None = None
) -> None:
    statement = update(outbox).where(outbox.c.id == message_id)
    values = {"due_at": at, "claimed_until": None, "last_problem": problem[:200], "gateway": gateway}
    await tx.run(statement.values(values))


async def put_off(tx: Tx, message_id: str, *, until: datetime) -> None:
    """It was claimed too early, which is no try."""
    statement = update(outbox).where(outbox.c.id == message_id)
    await tx.run(statement.values(due_at=until, claimed_until=None, attempts=outbox.c.attempts - 1))


async def overtake(tx: Tx, message_id: str) -> None:
    """Given up, and something newer has taken its place: nobody is told of it any more."""
    statement = update(outbox).where(outbox.c.id == message_id, outbox.c.failed_at.is_not(None))
    await tx.run(statement.values(last_problem="stale"))


async def give_up(tx: Tx, message_id: str, *, problem: str, now: datetime) -> bool:
    """False when its gateway has reported meanwhile that it had taken it."""
    statement = update(outbox).where(outbox.c.id == message_id, outbox.c.sent_at.is_(None))
    return bool(await tx.run(statement.values(failed_at=now, claimed_until=None, last_problem=problem[:200])))


async def hurry(tx: Tx, encounter_id: str, *, now: datetime) -> None:
    """What was put off for this visit is due now."""
    statement = update(outbox).where(outbox.c.encounter_id == encounter_id, *_WAITING)
    await tx.run(statement.values(due_at=now))


async def withdraw(tx: Tx, encounter_id: str, *, now: datetime) -> None:
    """Whatever still waits for this visit is overtaken by what happened since, and must not go out."""
    statement = update(outbox).where(outbox.c.encounter_id == encounter_id, *_WAITING)
    await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def withdraw_of_request(tx: Tx, self_booking_id: str, *, now: datetime) -> None:
    """The same of what waits for somebody who booked online."""
    statement = update(outbox).where(outbox.c.self_booking_id == self_booking_id, *_WAITING)
    await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def withdraw_texts(tx: Tx, encounter_id: str, *, now: datetime) -> None:
    """The text messages that still wait for this visit: one about several visits says it instead."""
    mine = (outbox.c.encounter_id == encounter_id, outbox.c.channel == "sms")
    statement = update(outbox).where(*mine, *_WAITING)
    await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def withdraw_kind(tx: Tx, *, patient_id: str, kind: str, now: datetime) -> None:
    """Whatever of this kind still waits for this patient: a newer one says it all."""
    statement = update(outbox).where(outbox.c.patient_id == patient_id, outbox.c.kind == kind, *_WAITING)
    await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def withdraw_before(tx: Tx, before: datetime, *, now: datetime) -> None:
    """Whatever was written earlier and still waits must not go out any more, whomever it is for."""
    statement = update(outbox).where(outbox.c.created_at < before, *_WAITING)
    await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def withdraw_others(tx: Tx, kinds: Collection[str], *, now: datetime) -> int:
    """What is already due must not go out any more, unless it is of one of these kinds; how many they were."""
    statement = update(outbox).where(outbox.c.kind.not_in(kinds), outbox.c.due_at <= now, *_WAITING)
    return await tx.run(statement.values(failed_at=now, last_problem="stale"))


async def count_waiting(tx: Tx) -> int:
    row = await tx.one(select(func.count()).where(*_WAITING))
    return int(row[0]) if row else 0


async def newest_of_kind(tx: Tx, *, patient_id: str, kind: str) -> datetime | None:
    """When the patient's newest message of this kind was written."""
    statement = select(outbox.c.created_at).where(outbox.c.patient_id == patient_id, outbox.c.kind == kind)
    row = await tx.one(statement.order_by(outbox.c.created_at.desc()).limit(1))
    return None if row is None else row.created_at


async def last_due_of_kind(tx: Tx, *, patient_id: str, kind: str) -> datetime | None:
    """When the last of the patient's messages of this kind is or was to go out."""
    statement = select(outbox.c.due_at).where(outbox.c.patient_id == patient_id, outbox.c.kind == kind)
    row = await tx.one(statement.order_by(outbox.c.due_at.desc()).limit(1))
    return None if row is None else row.due_at


# What became of a message, without a word of what was written.
_DELIVERY = (
    outbox.c.id,
    outbox.c.encounter_id,
    outbox.c.kind,
    outbox.c.channel,
    outbox.c.created_at,
    outbox.c.due_at,
    outbox.c.attempts,
    outbox.c.sent_at,
    outbox.c.delivered_at,
    outbox.c.failed_at,
    outbox.c.last_problem,
)


async def of_visits(tx: Tx, encounter_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Their delivery states, oldest first."""
    statement = select(*_DELIVERY).where(outbox.c.encounter_id.in_(encounter_ids))
    return await tx.all(statement.order_by(outbox.c.created_at, outbox.c.id))


async def of_kind(tx: Tx, *, patient_id: str, kind: str) -> Sequence[Row[Any]]:
    """The patient's messages of this kind, oldest first."""
    statement = select(*_DELIVERY).where(outbox.c.patient_id == patient_id, outbox.c.kind == kind)
    return await tx.all(statement.order_by(outbox.c.created_at, outbox.c.id))
