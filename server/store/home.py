"""The patient's own pages: their link, the devices that came through it, and the codes sent to prove them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from server.store import rows
from server.store.database import Tx
from server.store.ids import new_id
from server.store.links import token_hash, token_of_message
from server.store.sessions import cookie_hash
from server.store.tables.home import home_codes, home_devices, home_links
from server.store.tables.patients import patients


def token_for(tx: Tx, *, patient_id: str, version: int) -> str:
    """43 characters safe in an address, 256 bits; the same again for every message that carries it."""
    return token_of_message(tx, f"home|{patient_id}|{version}")


async def newest_link(tx: Tx, patient_id: str) -> Row[Any] | None:
    statement = select(home_links).where(home_links.c.patient_id == patient_id)
    return await tx.one(statement.order_by(home_links.c.version.desc()).limit(1))


async def create_link(tx: Tx, *, patient_id: str, version: int, now: datetime) -> str:
    """Writes the link's row and returns the token. Older links stop working; devices that came in stay in."""
    older = update(home_links).where(home_links.c.patient_id == patient_id, home_links.c.revoked_at.is_(None))
    await tx.run(older.values(revoked_at=now))
    token = token_for(tx, patient_id=patient_id, version=version)
    await tx.run(
        home_links.insert().values(
            id=new_id(),
            patient_id=patient_id,
            version=version,
            token_hash=token_hash(token),
            wrong_dates=0,
            created_at=now,
            revoked_at=None,
        )
    )
    return token


async def link_by_token(tx: Tx, token: str) -> Row[Any] | None:
    """The link, revoked or not; None for a token nobody made."""
    return await tx.one(select(home_links).where(home_links.c.token_hash == token_hash(token)))


async def link_by_id(tx: Tx, link_id: str) -> Row[Any] | None:
    return await tx.one(select(home_links).where(home_links.c.id == link_id))


async def count_wrong_date(tx: Tx, link_id: str) -> None:
    statement = update(home_links).where(home_links.c.id == link_id)
    await tx.run(statement.values(wrong_dates=home_links.c.wrong_dates + 1))


async def add_device(
    tx: Tx, *, patient_id: str, link_id: str, cookie: str, name: str, ends_at: datetime, now: datetime
) -> str:
    values = {
        "id": new_id(),
        "patient_id": patient_id,
        "home_link_id": link_id,
        "cookie_hash": cookie_hash(cookie),
        "name": name,
        "created_at": now,
        "seen_at": now,
        "ends_at": ends_at,
        "born_at": None,
        "remembered_at": None,
        "revoked_at": None,
    }
    await tx.run(home_devices.insert().values(await rows.seal_row(tx, home_devices, values)))
    return str(values["id"])


async def forget_half_open(tx: Tx, link_id: str, *, keep: int) -> None:
    """Removes those that pressed Continue and proved nothing, but for the newest."""
    at_the_door = (home_devices.c.home_link_id == link_id, home_devices.c.born_at.is_(None))
    newest = select(home_devices.c.id).where(*at_the_door).order_by(home_devices.c.created_at.desc())
    await tx.run(delete(home_devices).where(*at_the_door, home_devices.c.id.not_in(newest.limit(keep))))


async def device(tx: Tx, cookie: str, *, now: datetime) -> Row[Any] | None:
    """The living device behind a cookie, proven or not."""
    statement = select(home_devices).where(
        home_devices.c.cookie_hash == cookie_hash(cookie),
        home_devices.c.revoked_at.is_(None),
        home_devices.c.ends_at > now,
    )
    return await tx.one(statement)


async def device_by_id(tx: Tx, device_id: str) -> Row[Any] | None:
    return await tx.one(select(home_devices).where(home_devices.c.id == device_id))


async def mark_device(tx: Tx, device_id: str, **changes: datetime) -> None:
    await tx.run(update(home_devices).where(home_devices.c.id == device_id).values(**changes))


async def devices_of(tx: Tx, patient_id: str, *, now: datetime) -> list[dict[str, Any]]:
    """The remembered ones that can still come in, the one used last first, with their names opened."""
    statement = select(home_devices).where(
        home_devices.c.patient_id == patient_id,
        home_devices.c.remembered_at.is_not(None),
        home_devices.c.revoked_at.is_(None),
        home_devices.c.ends_at > now,
    )
    found = await tx.all(statement.order_by(home_devices.c.seen_at.desc()))
    return [await rows.open_row(tx, home_devices, row) for row in found]


async def revoke_device(tx: Tx, device_id: str, *, now: datetime) -> bool:
    statement = update(home_devices).where(
        home_devices.c.id == device_id, home_devices.c.revoked_at.is_(None)
    )
    return bool(await tx.run(statement.values(revoked_at=now)))


async def revoke_all_devices(tx: Tx, patient_id: str, *, now: datetime) -> int:
    statement = update(home_devices).where(
        home_devices.c.patient_id == patient_id, home_devices.c.revoked_at.is_(None)
    )
    return await tx.run(statement.values(revoked_at=now))


async def add_code(
    tx: Tx, *, patient_id: str, device_id: str, channel: str, code: str, ends_at: datetime, now: datetime
) -> str:
    """Sealed and not hashed: six digits would be found from their hash at once, and the postman needs them."""
    values = {
        "id": new_id(),
        "patient_id": patient_id,
        "device_id": device_id,
        "channel": channel,
        "code": code,
        "wrong": 0,
        "created_at": now,
        "ends_at": ends_at,
        "used_at": None,
    }
    await tx.run(home_codes.insert().values(await rows.seal_row(tx, home_codes, values)))
    return str(values["id"])


async def newest_code(tx: Tx, device_id: str) -> dict[str, Any] | None:
    statement = select(home_codes).where(home_codes.c.device_id == device_id)
    row = await tx.one(statement.order_by(home_codes.c.created_at.desc(), home_codes.c.id).limit(1))
    return None if row is None else await rows.open_row(tx, home_codes, row)


async def code_by_id(tx: Tx, code_id: str) -> dict[str, Any] | None:
    row = await tx.one(select(home_codes).where(home_codes.c.id == code_id))
    return None if row is None else await rows.open_row(tx, home_codes, row)


async def codes_since(tx: Tx, patient_id: str, since: datetime) -> int:
    """How many codes were made for this patient since then, on whatever device."""
    statement = select(func.count()).where(
        home_codes.c.patient_id == patient_id, home_codes.c.created_at > since
    )
    row = await tx.one(statement)
    return int(row[0]) if row else 0


async def count_wrong_code(tx: Tx, code_id: str) -> None:
    statement = update(home_codes).where(home_codes.c.id == code_id)
    await tx.run(statement.values(wrong=home_codes.c.wrong + 1))


async def use_code(tx: Tx, code_id: str, *, now: datetime) -> bool:
    """False when it was used before."""
    statement = update(home_codes).where(home_codes.c.id == code_id, home_codes.c.used_at.is_(None))
    return bool(await tx.run(statement.values(used_at=now)))


async def end_all_devices(tx: Tx, *, now: datetime) -> int:
    """Everybody's, with every code that was sent; how many were remembered."""
    await tx.run(delete(home_codes))
    living = (home_devices.c.revoked_at.is_(None), home_devices.c.ends_at > now)
    remembered = select(func.count()).where(*living, home_devices.c.remembered_at.is_not(None))
    row = await tx.one(remembered)
    await tx.run(update(home_devices).where(home_devices.c.revoked_at.is_(None)).values(revoked_at=now))
    return int(row[0]) if row else 0


async def withdraw_all_links(tx: Tx, *, jump: int, now: datetime) -> list[str]:
    """Every link there is, and every one that may have been made since this copy of the database was taken.

    A token follows from its version, so each patient's next version has to be one that was never used: what is
    written is a link that nobody has, `jump` versions on, already withdrawn. Returns whose link was still valid.
    """
    had_one = []
    for patient in await tx.all(select(patients.c.id)):
        patient_id, newest = patient.id, await newest_link(tx, patient.id)
        if newest is not None and newest.revoked_at is None:
            had_one.append(patient_id)
        await create_link(
            tx, patient_id=patient_id, version=(newest.version if newest else 0) + jump, now=now
        )
        withdrawn = update(home_links).where(
            home_links.c.patient_id == patient_id, home_links.c.revoked_at.is_(None)
        )
        # One that wrong dates of birth have closed stays closed until the clinic sends another.
        wrong_dates = newest.wrong_dates if newest else 0
        await tx.run(withdrawn.values(revoked_at=now, wrong_dates=wrong_dates))
    return had_one
