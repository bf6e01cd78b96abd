"""The figures of the last weeks, of everybody or of one practitioner."""

from datetime import datetime

from server.care import reports as care
from server.care.reports import Week
from server.services import practice
from server.store import reports as store
from server.store.database import Tx


async def weeks(tx: Tx, *, practitioner_id: str, zone: str, now: datetime) -> list[Week]:
    """Oldest first; until now, so that what is still to come is no undecided visit. Raises practice.NoSuchChoice."""
    who = (await practice.practitioner(tx, practitioner_id)).id if practitioner_id else None
    since = care.midnight(care.first_day(now, zone), zone)
    counted = await store.visits(tx, since=since, until=now, practitioner_id=who)
    return care.by_week((care.past(visit, events, now) for visit, events in counted), now=now, zone=zone)
