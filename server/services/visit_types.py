"""The kinds of visit as the administrator changes them. One that is retired stays for the visits there were."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scheduling.find import Slot
from server.care.visit_kinds import Kind
from server.services import practice, void_offers
from server.store import audit
from server.store import practice as store
from server.store.database import Tx


class CodeTaken(Exception):
    """There is a kind of this name already, booked or retired."""


class LastVisitType(Exception):
    """Without this one nothing could be booked any more."""


async def add(tx: Tx, kind: Kind, *, by: str, now: datetime) -> None:
    """Raises CodeTaken."""
    if await store.visit_type(tx, kind.code) is not None:
        raise CodeTaken
    await store.insert_visit_type(tx, practice.row_of(kind))
    await store.set_holders(tx, kind.code, kind.held_by)
    await _record(tx, kind.code, action="visit-type-added", by=by, now=now)


async def change(tx: Tx, kind: Kind, *, by: str, now: datetime) -> None:
    """For visits booked from now on; those that are booked keep their times. Raises NoSuchChoice."""
    await practice.visit_type(tx, kind.code)
    await store.change_visit_type(tx, kind.code, practice.row_of(kind))
    await store.set_holders(tx, kind.code, kind.held_by)
    await _record(tx, kind.code, action="visit-type-changed", by=by, now=now)
    await void_offers.close(tx, now=now)


async def retire(tx: Tx, code: str, *, by: str, now: datetime) -> None:
    """Raises NoSuchChoice, LastVisitType."""
    kind = await practice.visit_type(tx, code)
    if kind.retired:
        return
    if [each.code for each in await practice.visit_types(tx)] == [code]:
        raise LastVisitType
    await store.change_visit_type(tx, code, {"retired_at": now})
    await _record(tx, code, action="visit-type-retired", by=by, now=now)
    await void_offers.close(tx, now=now)


async def bring_back(tx: Tx, code: str, *, by: str, now: datetime) -> None:
    """Raises NoSuchChoice."""
    if (await practice.visit_type(tx, code)).retired:
        await store.change_visit_type(tx, code, {"retired_at": None})
        await _record(tx, code, action="visit-type-returned", by=by, now=now)


async def free_as(tx: Tx, kind: Kind, *, start: datetime, end: datetime, now: datetime) -> list[Slot]:
    """The free times everybody would have if `kind` were as it is here. Nothing is changed."""
    people: Iterable[str] = (person.id for person in await practice.practitioners(tx))
    as_booked = replace(kind, retired=False)
    return await practice.free_times(
        tx, practitioner_ids=list(people), kind=as_booked, start=start, end=end, now=now
    )


async def _record(tx: Tx, code: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx, actor=by, action=action, object_kind="visit-type", object_id=code, patient_id=None, now=now
    )
