"""When the clinic itself is open: when somebody answers its telephone, whoever sees patients then."""

from datetime import datetime

from scheduling.schedule import Hours, Schedule
from server.services import practice
from server.services.weekly_hours import WeeklyHours
from server.store import absences, audit
from server.store import practice as store
from server.store.database import Tx


async def hours(tx: Tx) -> WeeklyHours:
    """The usual week; empty until an administrator has written one."""
    return tuple((row.weekday, row.opens, row.closes) for row in await store.opening_week(tx))


async def set_hours(tx: Tx, hours: WeeklyHours, *, time_zone: str, by: str, now: datetime) -> None:
    """The usual week from now on, by the wall clock of `time_zone`. An empty one: nothing is said about it any more."""
    await store.set_opening_week(tx, hours, time_zone=time_zone)
    await audit.append(
        tx,
        actor=by,
        action="opening-changed",
        object_kind="clinic",
        object_id="clinic",
        patient_id=None,
        now=now,
    )


async def schedule(tx: Tx) -> Schedule | None:
    """The opening hours less the days on which the clinic is closed; None where nobody wrote any."""
    rows = await store.opening_week(tx)
    if not rows:
        return None
    return Schedule(
        practitioner_id="",
        time_zone=rows[0].time_zone,
        hours=tuple(Hours(weekday=row.weekday, opens=row.opens, closes=row.closes) for row in rows),
        closures=tuple(practice.absence(row) for row in await absences.closures(tx)),
    )
