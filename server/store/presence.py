"""Who was in a visit's room when: the events that everything about a call is worked out from."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select

from server.care.encounter import TWO, PresenceEvent
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.encounters import encounters, presence_events


async def append(tx: Tx, *, encounter_id: str, event: PresenceEvent) -> None:
    values = {"encounter_id": encounter_id, "seat": event.seat, "kind": event.kind, "at": event.at}
    await tx.run(presence_events.insert().values(id=new_id(), **values))


async def of_patient(tx: Tx, patient_id: str, *, kinds: Iterable[str]) -> dict[str, list[PresenceEvent]]:
    """The events of these kinds in all their visits, in the order they happened, by visit."""
    statement = select(presence_events).join(encounters, encounters.c.id == presence_events.c.encounter_id)
    statement = statement.where(encounters.c.patient_id == patient_id, presence_events.c.kind.in_(kinds))
    found: dict[str, list[PresenceEvent]] = {}
    for row in await tx.all(statement.order_by(presence_events.c.at, presence_events.c.id)):
        found.setdefault(row.encounter_id, []).append(PresenceEvent(seat=row.seat, kind=row.kind, at=row.at))
    return found


async def of_guests(
    tx: Tx, encounter_ids: Collection[str], *, ends: Iterable[str]
) -> dict[str, list[PresenceEvent]]:
    """The events of every seat but the two whose visit it is, and those that end it for all, by visit."""
    statement = select(presence_events).where(presence_events.c.encounter_id.in_(sorted(encounter_ids)))
    of_others = presence_events.c.seat.not_in(sorted(TWO))
    statement = statement.where(or_(of_others, presence_events.c.kind.in_(sorted(ends))))
    found: dict[str, list[PresenceEvent]] = {}
    for row in await tx.all(statement.order_by(presence_events.c.at, presence_events.c.id)):
        found.setdefault(row.encounter_id, []).append(PresenceEvent(seat=row.seat, kind=row.kind, at=row.at))
    return found


async def of_encounter(tx: Tx, encounter_id: str) -> list[PresenceEvent]:
    """In the order they happened."""
    statement = select(presence_events).where(presence_events.c.encounter_id == encounter_id)
    found = await tx.all(statement.order_by(presence_events.c.at, presence_events.c.id))
    return [PresenceEvent(seat=row.seat, kind=row.kind, at=row.at) for row in found]
