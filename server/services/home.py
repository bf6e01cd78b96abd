"""The patient's own pages from their door inwards: the link, the date of birth, the code, the devices."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.care import home as care
from server.care.people import EMAIL, SMS
from server.care.safety import PATIENT
from server.services import outgoing, patients
from server.store import audit, sessions
from server.store import home as store
from server.store.database import Tx

# So many browsers may stand at one link's door; whoever presses Continue on one more takes the oldest's place.
HALF_OPEN = 20


class NoSuchDevice(Exception):
    """This patient has no such device."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    id: str
    name: str
    remembered_at: datetime
    seen_at: datetime


async def link_token(tx: Tx, patient_id: str, *, now: datetime) -> str:
    """The token of the patient's link, made if there is none that works."""
    link = await store.newest_link(tx, patient_id)
    if link is not None and _lets_in(link):
        return store.token_for(tx, patient_id=patient_id, version=link.version)
    version = link.version + 1 if link else 1
    return await store.create_link(tx, patient_id=patient_id, version=version, now=now)


async def version_to_mail(tx: Tx, patient_id: str, *, now: datetime) -> int | None:
    """The version of the link that a message may carry, made if there is none; one that wrong dates have closed stays
    closed, and then there is none."""
    link = await store.newest_link(tx, patient_id)
    if link is not None and link.wrong_dates >= care.WRONG_DATES:
        return None
    await link_token(tx, patient_id, now=now)
    link = await store.newest_link(tx, patient_id)
    return link.version if link else None


async def tell_to_look(tx: Tx, patient_id: str, *, about: str, now: datetime) -> None:
    """A word that something new stands on their own pages, and not what; once `about` the same thing."""
    patient = await patients.by_id(tx, patient_id)
    if not patient.channels:
        return
    version = await version_to_mail(tx, patient_id, now=now)
    if version is not None:
        await outgoing.queue_look(tx, patient=patient, version=version, about=about, now=now)


async def tell_of_an_answer(tx: Tx, patient_id: str, *, now: datetime) -> None:
    """A word that the clinic has answered, and none of the answer; one an hour at the most."""
    patient = await patients.by_id(tx, patient_id)
    version = await version_to_mail(tx, patient_id, now=now)
    if version is not None:
        await outgoing.queue_answer(tx, patient=patient, version=version, now=now)


async def known_token(tx: Tx, patient_id: str) -> str | None:
    """The token of the link that works, if there is one; reads only."""
    link = await store.newest_link(tx, patient_id)
    if link is None or not _lets_in(link):
        return None
    return store.token_for(tx, patient_id=patient_id, version=link.version)


def _lets_in(link: Any) -> bool:
    """Neither replaced nor closed by wrong dates."""
    return link.revoked_at is None and int(link.wrong_dates) < care.WRONG_DATES


async def send_link(tx: Tx, patient_id: str, *, by: str, now: datetime) -> None:
    """Sends the link the way they hear from us; a new one when too many wrong dates have closed the old.

    Raises outgoing.NoAddress.
    """
    patient = await patients.by_id(tx, patient_id)
    await link_token(tx, patient_id, now=now)
    link = await store.newest_link(tx, patient_id)
    if link is None or not await outgoing.queue_home(tx, patient=patient, version=link.version, now=now):
        raise outgoing.NoAddress
    await _record(tx, patient_id, action="home-link-sent", by=by, now=now)


async def find_link(tx: Tx, token: str) -> Any:
    """The link's row. Raises LinkUnknown, LinkReplaced, LinkLocked."""
    link = await store.link_by_token(tx, token)
    if link is None:
        raise care.LinkUnknown
    if link.revoked_at is not None:
        raise care.LinkReplaced
    if link.wrong_dates >= care.WRONG_DATES:
        raise care.LinkLocked
    return link


async def enter(
    tx: Tx, *, token: str, cookie: str, visitor_cookie: str, user_agent: str, now: datetime
) -> str:
    """ "Continue" was pressed: `cookie` is this browser's from now on, proven of nothing.

    A browser that gave the date of birth for a visit of the same patient is not asked for it again. Returns the
    patient's language. Raises as find_link.
    """
    link = await find_link(tx, token)
    await store.forget_half_open(tx, link.id, keep=HALF_OPEN)
    device_id = await store.add_device(
        tx,
        patient_id=link.patient_id,
        link_id=link.id,
        cookie=cookie,
        name=care.device_name(user_agent),
        ends_at=now + care.COMING_IN,
        now=now,
    )
    if visitor_cookie and await sessions.has_proven(tx, visitor_cookie, patient_id=link.patient_id, now=now):
        await store.mark_device(tx, device_id, born_at=now)
    return (await patients.by_id(tx, link.patient_id)).language


async def prove(tx: Tx, *, device_id: str, born: date, now: datetime) -> bool:
    """Compares the date of birth; a wrong one is counted on the link, whatever browser it came from.

    Returns False instead of raising, because the count must be committed; see `tries_left`.
    """
    if await tries_left(tx, device_id) == 0:
        return False
    device = await _device(tx, device_id)
    expected = (await patients.by_id(tx, device.patient_id)).date_of_birth
    right = hmac.compare_digest(expected.isoformat().encode(), born.isoformat().encode())
    if right:
        await store.mark_device(tx, device_id, born_at=now)
    else:
        await store.count_wrong_date(tx, device.home_link_id)
    action = "home-identity-proven" if right else "home-identity-refused"
    await _record(tx, device.patient_id, action=action, by=PATIENT, now=now)
    return right


async def tries_left(tx: Tx, device_id: str) -> int:
    """None are left on a link that was replaced."""
    link = await store.link_by_id(tx, (await _device(tx, device_id)).home_link_id)
    if link is None or link.revoked_at is not None:
        return 0
    return max(0, care.WRONG_DATES - int(link.wrong_dates))


async def ways(tx: Tx, patient_id: str, *, sms: bool) -> dict[str, str]:
    """Where a code can go: channel → address or number, so much of it shown that its owner knows it again."""
    patient = await patients.by_id(tx, patient_id)
    found = {}
    if patient.email:
        name, _, domain = patient.email.partition("@")
        # Joined, so that no line breaks inside the address.
        found[EMAIL] = f"{name[:1]}…\N{WORD JOINER}@{domain}"
    if sms and patient.phone:
        found[SMS] = f"…{patient.phone[-2:]}"
    return found


async def send_code(tx: Tx, *, device_id: str, channel: str, sms: bool, now: datetime) -> None:
    """A new code, the ones before it void. Raises NoWayToSend, TooManyCodes."""
    device = await _device(tx, device_id)
    if channel not in await ways(tx, device.patient_id, sms=sms):
        raise care.NoWayToSend
    if await store.codes_since(tx, device.patient_id, now - timedelta(hours=1)) >= care.CODES_AN_HOUR:
        raise care.TooManyCodes
    code_id = await store.add_code(
        tx,
        patient_id=device.patient_id,
        device_id=device_id,
        channel=channel,
        code=f"{secrets.randbelow(10**6):06d}",
        ends_at=now + care.CODE_LIVES,
        now=now,
    )
    await outgoing.queue_code(tx, patient_id=device.patient_id, code_id=code_id, channel=channel, now=now)
    await _record(tx, device.patient_id, action="home-code-sent", by=PATIENT, now=now)


async def sent_to(tx: Tx, device_id: str, *, now: datetime) -> str | None:
    """The channel of the code that can be typed in now, if one was sent."""
    code = await store.newest_code(tx, device_id)
    return str(code["channel"]) if code is not None and _alive(code, now) else None


async def remember(tx: Tx, *, device_id: str, code: str, now: datetime) -> bool:
    """The six digits. Right: this device comes in by itself from now on. A wrong one is counted."""
    device = await _device(tx, device_id)
    sent = await store.newest_code(tx, device_id)
    if sent is None or not _alive(sent, now):
        return False
    typed = "".join(code.split())
    if not hmac.compare_digest(sent["code"].encode(), typed.encode()):
        await store.count_wrong_code(tx, sent["id"])
        await _record(tx, device.patient_id, action="home-code-refused", by=PATIENT, now=now)
        return False
    if not await store.use_code(tx, sent["id"], now=now):
        return False
    await store.mark_device(tx, device_id, remembered_at=now, ends_at=now + care.REMEMBERED)
    await _record(tx, device.patient_id, action="home-device-remembered", by=PATIENT, now=now)
    return True


def _alive(code: dict[str, Any], now: datetime) -> bool:
    return code["used_at"] is None and code["ends_at"] > now and code["wrong"] < care.WRONG_CODES


async def devices(tx: Tx, patient_id: str, *, now: datetime) -> list[Device]:
    """Those that come in by themselves, the one used last first."""
    return [
        Device(id=row["id"], name=row["name"], remembered_at=row["remembered_at"], seen_at=row["seen_at"])
        for row in await store.devices_of(tx, patient_id, now=now)
    ]


async def forget(tx: Tx, device_id: str, *, patient_id: str, by: str, now: datetime) -> None:
    """The device has to come in through the link again. Raises NoSuchDevice."""
    row = await store.device_by_id(tx, device_id)
    if row is None or row.patient_id != patient_id:
        raise NoSuchDevice(device_id)
    if await store.revoke_device(tx, device_id, now=now):
        await _record(tx, patient_id, action="home-device-forgotten", by=by, now=now)


async def forget_all(tx: Tx, patient_id: str, *, by: str, now: datetime) -> None:
    """Every device, and the link itself: a phone was lost, or a link went astray."""
    await store.revoke_all_devices(tx, patient_id, now=now)
    link = await store.newest_link(tx, patient_id)
    if link is not None:
        await store.create_link(tx, patient_id=patient_id, version=link.version + 1, now=now)
    await _record(tx, patient_id, action="home-closed", by=by, now=now)


async def _device(tx: Tx, device_id: str) -> Any:
    row = await store.device_by_id(tx, device_id)
    if row is None:
        raise NoSuchDevice(device_id)
    return row


async def _record(tx: Tx, patient_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="patient",
        object_id=patient_id,
        patient_id=patient_id,
        now=now,
    )
