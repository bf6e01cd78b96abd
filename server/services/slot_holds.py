"""Times kept for whoever is booking: nobody else is promised a time while its form is filled in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling import holds
from scheduling.bookings import PractitionerId
from scheduling.holds import Hold, HoldId
from scheduling.interval import Interval
from scheduling.visit_types import VisitType
from server.services import practice
from server.store import accounts
from server.store import slot_holds as store
from server.store.database import Tx

# How the id of a hold begins that keeps a time while it is offered to the wait-list; no form's key does.
OFFERED = "offer-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A time somebody keeps, as the others see it. `by` is empty for somebody on the public page, and for a time that
    is `offered` to the wait-list."""

    practitioner_id: str
    starts_at: datetime
    ends_at: datetime
    held: Interval
    by: str
    until: datetime
    offered: bool = False


async def keep(
    tx: Tx,
    *,
    hold_id: str,
    practitioner_id: str,
    visit_type: str,
    starts_at: datetime,
    held_by: str,
    now: datetime,
    moving: str | None = None,
    interpreter: bool = False,
    lasts: timedelta = holds.HELD_FOR,
) -> Hold:
    """Keeps this time in place of whatever the same form kept before; `moving` is the appointment that would move.

    With an `interpreter` as much is kept as the visit will need. Raises as `holds.hold` does, and
    practice.NoSuchChoice; then what was kept before is kept still.
    """
    kind: VisitType = await practice.visit_type(tx, visit_type)
    if interpreter:
        kind = kind.with_interpreter()
    await release(tx, hold_id, held_by=held_by)
    await store.sweep(tx, now=now)
    calendar = await practice.calendar(
        tx, practitioner_id, patient_id="", kind=kind, at=starts_at, now=now, leave_out=moving
    )
    kept = holds.hold(
        id=HoldId(hold_id),
        practitioner_id=PractitionerId(practitioner_id),
        patient_id=None,
        visit_type=kind,
        starts_at=starts_at,
        held_by=held_by,
        calendar=calendar,
        now=now,
        lasts=lasts,
    )
    await store.insert(tx, kept)
    return kept


async def kept(tx: Tx, hold_id: str, *, now: datetime) -> Hold | None:
    """What a form keeps now."""
    found = await store.by_id(tx, hold_id)
    return found if found is not None and found.counts_at(now) else None


async def release(tx: Tx, hold_id: str, *, held_by: str) -> bool:
    """Gives the time back; nobody gives back what another keeps."""
    known = await store.by_id(tx, hold_id)
    if known is None or known.held_by != held_by:
        return False
    return await store.remove(tx, hold_id)


async def take(tx: Tx, hold_id: str | None, *, held_by: str, now: datetime) -> None:
    """Before a booking in this transaction: one's own hold becomes it, and what has expired is in nobody's way."""
    if hold_id is not None:
        await release(tx, hold_id, held_by=held_by)
    await store.sweep(tx, now=now)


async def kept_between(
    tx: Tx,
    practitioner_ids: Collection[str],
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    leave_out: str = "",
) -> list[Kept]:
    """What others keep of these people's time, earliest first; `leave_out` is one's own form's hold."""
    found = await store.between(tx, practitioner_ids, starts_at=start, ends_at=end, now=now)
    names = await accounts.names(tx) if found else {}
    return [
        Kept(
            practitioner_id=each.practitioner_id,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            held=each.held,
            by=names.get(each.held_by, ""),
            until=each.expires_at,
            offered=each.id.startswith(OFFERED),
        )
        for each in found
        if each.id != leave_out
    ]
