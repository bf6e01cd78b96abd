"""One practitioner's week as it is: when they see patients, what is booked, what is taken, and why a day is closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.interval import Interval
from scheduling.schedule import Absence
from server.services import practice
from server.services.board import Card, bounds_of, of_practitioner
from server.store.database import Tx

DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfWeek:
    """`away` is leave, `closed` the clinic's closure; both may cover a part of the day only."""

    on: date
    hours: list[Interval]
    away: list[Absence]
    closed: list[Absence]
    elsewhere: list[Interval]
    visits: list[Card]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


async def week_of(tx: Tx, practitioner_id: str, *, monday: date, now: datetime) -> list[DayOfWeek]:
    """In the practitioner's own zone. Raises NoSuchChoice."""
    schedule = await practice.schedule_of(tx, practitioner_id)
    zone = schedule.time_zone
    start, end = bounds_of(monday, zone)[0], bounds_of(monday + timedelta(days=DAYS - 1), zone)[1]
    visits = await of_practitioner(tx, practitioner_id, start=start, end=end, now=now)
    days = []
    for on in (monday + timedelta(days=n) for n in range(DAYS)):
        begins, ends = bounds_of(on, zone)
        whole = Interval(start=begins, end=ends)
        days.append(
            DayOfWeek(
                on=on,
                hours=schedule.open_between(begins, ends),
                away=[each for each in schedule.leave if each.meets(whole)],
                closed=[each for each in schedule.closures if each.meets(whole)],
                elsewhere=[each for each in schedule.elsewhere if each.overlaps(whole)],
                visits=[
                    v for v in visits if v.encounter.planned_starts_at.astimezone(ZoneInfo(zone)).date() == on
                ],
            )
        )
    return days
