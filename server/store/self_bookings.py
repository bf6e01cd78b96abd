"""Requests from the public page, sealed with a key of each one's own."""

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, or_, select, update

from server.care.people import NewPatient
from server.care.self_booking import SelfBooking, Status
from server.store import links, rows
from server.store.database import Tx
from server.store.sealing import keyed_hash
from server.store.tables.keys import patient_keys
from server.store.tables.outbox import outbox
from server.store.tables.self_bookings import self_bookings

FIELDS = tuple(field.name for field in fields(SelfBooking))


def token_for(tx: Tx, self_booking_id: str) -> str:
    """43 characters safe in an address, 256 bits."""
    return links.token_of_message(tx, f"self-booking|{self_booking_id}")


async def insert(tx: Tx, request: SelfBooking) -> None:
    await tx.keyring.create_patient_key(tx, request.id)
    values = {
        **await _sealed(tx, request),
        "address_token": _address_token(tx, request.person),
        "person_token": _person_token(tx, request.person),
        "link_hash": links.token_hash(token_for(tx, request.id)),
    }
    await tx.run(self_bookings.insert().values(values))


async def save(tx: Tx, request: SelfBooking, *, was: Status) -> bool:
    """False when somebody else changed it first."""
    statement = update(self_bookings).where(self_bookings.c.id == request.id, self_bookings.c.status == was)
    return bool(await tx.run(statement.values(await _sealed(tx, request))))


async def by_id(tx: Tx, self_booking_id: str) -> SelfBooking | None:
    row = await tx.one(select(self_bookings).where(self_bookings.c.id == self_booking_id))
    return None if row is None else await _value(tx, row)


async def by_token(tx: Tx, token: str) -> SelfBooking | None:
    row = await tx.one(select(self_bookings).where(self_bookings.c.link_hash == links.token_hash(token)))
    return None if row is None else await _value(tx, row)


async def of_person(tx: Tx, person: NewPatient, *, statuses: tuple[Status, ...]) -> list[SelfBooking]:
    """Those of the same address and date of birth, the oldest first."""
    statement = select(self_bookings).where(
        self_bookings.c.person_token == _person_token(tx, person), self_bookings.c.status.in_(statuses)
    )
    found = await tx.all(statement.order_by(self_bookings.c.asked_at, self_bookings.c.id))
    return [await _value(tx, row) for row in found]


async def count_to_address(tx: Tx, person: NewPatient, *, since: datetime) -> int:
    """How many letters this address was sent, or is to be sent, without having asked for any."""
    row = await tx.one(
        select(func.count()).where(
            self_bookings.c.address_token == _address_token(tx, person),
            self_bookings.c.asked_at > since,
            self_bookings.c.proved_at.is_(None),
        )
    )
    return int(row[0]) if row else 0


async def forget(tx: Tx, *, unproved_before: datetime, answered_before: datetime) -> int:
    """How many went, with the letters about them and their keys. What still waits for an answer stays."""
    old = or_(
        and_(self_bookings.c.proved_at.is_(None), self_bookings.c.asked_at < unproved_before),
        and_(self_bookings.c.status != "waiting", self_bookings.c.asked_at < answered_before),
    )
    ids = [row.id for row in await tx.all(select(self_bookings.c.id).where(old))]
    await tx.run(delete(outbox).where(outbox.c.self_booking_id.in_(ids)))
    await tx.run(delete(patient_keys).where(patient_keys.c.id.in_(ids)))
    return await tx.run(delete(self_bookings).where(self_bookings.c.id.in_(ids)))


def _address_token(tx: Tx, person: NewPatient) -> bytes:
    return keyed_hash(tx.keyring.key_for("search"), f"self-booking|{(person.email or '').casefold()}")


def _person_token(tx: Tx, person: NewPatient) -> bytes:
    who = f"{(person.email or '').casefold()}|{person.date_of_birth.isoformat()}"
    return keyed_hash(tx.keyring.key_for("search"), f"self-booking|{who}")


async def _sealed(tx: Tx, request: SelfBooking) -> dict[str, Any]:
    person = asdict(request.person) | {"date_of_birth": request.person.date_of_birth.isoformat()}
    values = {name: getattr(request, name) for name in FIELDS} | {"person": json.dumps(person)}
    return await rows.seal_row(tx, self_bookings, values)


async def _value(tx: Tx, row: Row[Any]) -> SelfBooking:
    opened = await rows.open_row(tx, self_bookings, row)
    person = json.loads(opened["person"])
    known = NewPatient(**person | {"date_of_birth": date.fromisoformat(person["date_of_birth"])})
    return SelfBooking(**{name: opened[name] for name in FIELDS} | {"person": known})
