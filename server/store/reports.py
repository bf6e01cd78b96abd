"""What reports count: visits of a span with their events. Two statements, and nothing sealed is opened."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import select

from server.care.encounter import Encounter, PresenceEvent
from server.store.database import Tx
from server.store.tables.encounters import encounters, presence_events

# What the patient answered and what was tested is nothing a report asks for.
COUNTED = tuple(
    encounters.c[field.name] for field in fields(Encounter) if field.name not in ("entry", "device_test")
)
TWO = ("patient", "clinician")


async def visits(
    tx: Tx, *, since: datetime, until: datetime, practitioner_id: str | None
) -> list[tuple[Encounter, list[PresenceEvent]]]:
    """Those planned to start in [since, until], each with its events in order."""
    which = [encounters.c.planned_starts_at >= since, encounters.c.planned_starts_at <= until]
    if practitioner_id is not None:
        which.append(encounters.c.practitioner_id == practitioner_id)
    counted = await tx.all(select(*COUNTED).where(*which).order_by(encounters.c.planned_starts_at))
    seen = await tx.all(
        select(presence_events)
        .join(encounters, encounters.c.id == presence_events.c.encounter_id)
        .where(*which, presence_events.c.seat.in_(TWO))
        .order_by(presence_events.c.at, presence_events.c.id)
    )
    events: dict[str, list[PresenceEvent]] = {}
    for row in seen:
        events.setdefault(row.encounter_id, []).append(PresenceEvent(seat=row.seat, kind=row.kind, at=row.at))
    return [(Encounter(**row._mapping), events.get(row.id, [])) for row in counted]
