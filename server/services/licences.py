"""Licences by state: kept by the administrator, warned of before they end, asked for where a patient's state is known.

A clinic that keeps none here is not asked for any: it goes on as before until it writes the first one down.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.interval import Interval
from scheduling.licences import Licence, licensed_between
from scheduling.visit_types import TEST_CALL
from server.care.access import ADMINISTRATOR
from server.services import tasks
from server.store import audit, patients
from server.store import licences as store
from server.store import practice as practice_store
from server.store.database import Tx

# So many days before the last one somebody is told, the earlier warning first.
WARNED_DAYS = (30, 1)


class NoSuchLicence(Exception):
    """There is no such licence of this practitioner."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A licence as it is written down, with its row's id and its number."""

    id: str
    practitioner_id: str
    number: str
    licence: Licence


async def of(tx: Tx, practitioner_ids: Collection[str]) -> list[Kept]:
    return [_kept(row) for row in await store.of(tx, practitioner_ids)]


async def licensed(
    tx: Tx, practitioner_id: str, *, patient_id: str, visit_type: str
) -> tuple[Interval, ...] | None:
    """When they may treat this patient; None: it is not asked."""
    patient = await patients.by_id(tx, patient_id)
    if patient is None or patient["state"] is None or visit_type == TEST_CALL:
        return None
    if not await store.any_kept(tx):
        return None
    held = [each.licence for each in await of(tx, [practitioner_id])]
    return licensed_between(held, state=patient["state"], zone=patient["time_zone"])


async def any_kept(tx: Tx) -> bool:
    """Whether the clinic keeps anybody's licences here: only then one is asked for."""
    return await store.any_kept(tx)


async def states_on(tx: Tx, practitioner_id: str, *, on: date) -> frozenset[str] | None:
    """Where they may treat on a day; None in a clinic that keeps no licences."""
    if not await store.any_kept(tx):
        return None
    held = [each.licence for each in await of(tx, [practitioner_id])]
    return frozenset(
        each.state for each in held if each.first_on <= on and (each.last_on is None or on <= each.last_on)
    )


async def add(tx: Tx, practitioner_id: str, licence: Licence, *, number: str, by: str, now: datetime) -> str:
    """A renewal is a licence of its own; what was warned of for the one before is settled by it."""
    licence_id = await store.insert(
        tx,
        practitioner_id=practitioner_id,
        state=licence.state,
        number=number,
        first_on=licence.first_on,
        last_on=licence.last_on,
    )
    await _record(tx, practitioner_id, action="licence-added", by=by, now=now)
    for each in await of(tx, [practitioner_id]):
        if each.id != licence_id and _goes_on(each.licence, licence):
            await tasks.withdraw_about(tx, subject_id=each.id, by=by, now=now)
    return licence_id


async def remove(tx: Tx, practitioner_id: str, licence_id: str, *, by: str, now: datetime) -> None:
    """One that was written down by mistake. Raises NoSuchLicence."""
    row = await store.by_id(tx, licence_id)
    if row is None or row.practitioner_id != practitioner_id:
        raise NoSuchLicence
    await store.remove(tx, licence_id)
    await tasks.withdraw_about(tx, subject_id=licence_id, by=by, now=now)
    await _record(tx, practitioner_id, action="licence-removed", by=by, now=now)


async def warn(tx: Tx, *, zone: str, now: datetime) -> int:
    """Opens the administrators' tasks that are due; how many. Each licence is warned of twice, and never again."""
    today = now.astimezone(ZoneInfo(zone)).date()
    opened = 0
    for row in await store.ending(tx, until=today + timedelta(days=max(WARNED_DAYS))):
        days = (row.last_on - today).days
        due = min((each for each in WARNED_DAYS if days <= each), default=None)
        if due is None or (row.warned_days is not None and row.warned_days <= due):
            continue
        await store.set_warned(tx, row.id, due)
        if await _renewed(tx, row) or days < 0:
            continue
        # The earlier warning is said again, not twice.
        await tasks.withdraw_about(tx, subject_id=row.id, by="system", now=now)
        await tasks.open_task(
            tx,
            kind=tasks.LICENCE_ENDS,
            patient_id=None,
            encounter_id=None,
            detail=None,
            by="system",
            now=now,
            owner_role=ADMINISTRATOR,
            subject_id=row.id,
            due_at=datetime.combine(row.last_on, datetime.min.time(), ZoneInfo(zone)),
        )
        opened += 1
    return opened


async def said_of(tx: Tx, licence_id: str) -> tuple[str, Kept] | None:
    """Whose licence a task is about, and the licence; None when it is gone."""
    row = await store.by_id(tx, licence_id)
    person = await practice_store.practitioner(tx, row.practitioner_id) if row else None
    return (person.name, _kept(row)) if row and person else None


async def _renewed(tx: Tx, row: Any) -> bool:
    others = [each for each in await of(tx, [row.practitioner_id]) if each.id != row.id]
    return any(_goes_on(_kept(row).licence, each.licence) for each in others)


def _goes_on(before: Licence, after: Licence) -> bool:
    """Whether `after` leaves no gap behind `before`, and lasts longer."""
    if before.last_on is None or before.state != after.state:
        return False
    longer = after.last_on is None or after.last_on > before.last_on
    return longer and after.first_on <= before.last_on + timedelta(days=1)


def _kept(row: Any) -> Kept:
    licence = Licence(state=row.state, first_on=row.first_on, last_on=row.last_on)
    return Kept(id=row.id, practitioner_id=row.practitioner_id, number=row.number, licence=licence)


async def _record(tx: Tx, practitioner_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="practitioner",
        object_id=practitioner_id,
        patient_id=None,
        now=now,
    )
