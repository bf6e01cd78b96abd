"""The search finds what trying every instant finds, at every change of every zone's clock from 2024 to 2037.

Zones whose clocks show the same at every instant are tried as one; the first test is what makes that honest.
"""

from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import wall
from scheduling.diary import Diary, Patient
from scheduling.find import Wanted, find
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Absence, Hours, Schedule
from scheduling.visit_types import VisitType
from tests.calendars import searches
from tests.naive_search import search
from tests.zones import FIRST, LAST, Clock, clocks

# A machine that has much else to do takes several times as long.
pytestmark = pytest.mark.timeout(1800)
EXAMPLES = 3000
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KIND = VisitType(code="x", name="x", length=30 * MINUTE, buffer_after=10 * MINUTE)


def stretches_of(clock: Clock) -> list[tuple[int, int, int]]:
    """As `wall.stretches` is to say it."""
    starts = [(FIRST, clock.ahead), *clock.changes, (LAST, clock.ahead)]
    return [
        (wall.floor(start), wall.floor(end), ahead // MINUTE) for (start, ahead), (end, _) in pairwise(starts)
    ]


def seamless(stretches: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Without the seams between years, where nothing changes."""
    found: list[tuple[int, int, int]] = []
    for start, end, ahead in stretches:
        if found and found[-1][2] == ahead:
            found[-1] = (found[-1][0], end, ahead)
        else:
            found.append((start, end, ahead))
    return found


def test_of_every_zone_every_change_is_known_and_no_zone_is_left_out() -> None:
    """All that the search knows of a zone are its stretches: zones alike in them are alike in everything."""
    known = {name: clock for clock, names in clocks().items() for name in names}

    assert known.keys() == available_timezones()
    for name, clock in known.items():
        found = wall.stretches(name, wall.floor(FIRST), wall.floor(LAST))
        assert seamless(found) == stretches_of(clock), name


def test_every_clock_is_ahead_by_quarters_of_an_hour() -> None:
    for clock in clocks():
        for ahead in (clock.ahead, *(each for _, each in clock.changes)):
            assert ahead % (15 * MINUTE) == timedelta(), clock


def night(zone: str, change: datetime) -> list[Diary]:
    """Open all day; open on the wall from an hour before the change until after it; away until the middle of it."""
    on_wall = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    shown = (on_wall - 90 * MINUTE).time(), (on_wall + 90 * MINUTE).time()
    spans = [shown] if shown[0] < shown[1] else [(shown[0], time(0)), (time(0), shown[1])]
    busy = Interval(start=change - 10 * MINUTE, end=change + 25 * MINUTE)
    leave = Absence(starts=on_wall - 5 * HOUR, ends=on_wall - 30 * MINUTE, time_zone=zone)
    return [
        diary("all-day", zone, [(time(0), time(0))], busy=(busy,)),
        diary("night", zone, spans),
        diary("away", zone, [(time(0), time(0))], leave=(leave,)),
        diary("whole-hour", zone, [((on_wall - 15 * MINUTE).time(), time(0))]),
    ]


def diary(
    name: str,
    zone: str,
    spans: list[tuple[time, time]],
    *,
    busy: tuple[Interval, ...] = (),
    leave: tuple[Absence, ...] = (),
) -> Diary:
    hours = tuple(
        Hours(weekday=day, opens=opens, closes=closes) for day in range(7) for opens, closes in spans
    )
    schedule = Schedule(practitioner_id=name, time_zone=zone, hours=hours, leave=leave)
    first_on = FIRST.date()
    return Diary(schedule=schedule, name=name, busy=busy, licences=(Licence(state="AZ", first_on=first_on),))


def test_around_every_change_of_every_clock_the_search_finds_what_trying_every_instant_finds() -> None:
    tried = 0
    for clock, names in clocks().items():
        patient = Patient(time_zone=names[0], state="AZ")
        for change, _ in clock.changes:
            start, end = change - 4 * HOUR, change + 5 * HOUR
            wanted = Wanted(kind=KIND, patient=patient, start=start, end=end)
            people = night(names[0], change)

            found = list(find(wanted, people, now=FIRST))

            assert found == search(wanted, people, now=FIRST), (names, change)
            assert {slot.practitioner_id for slot in found} >= {"all-day", "away"}, (names, change)
            tried += 1
    assert tried > 800


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_in_random_calendars_of_all_zones_the_search_finds_what_trying_every_instant_finds(
    data: st.DataObject,
) -> None:
    clock, names = data.draw(st.sampled_from([each for each in clocks().items() if each[0].changes]))
    change, _ = data.draw(st.sampled_from(clock.changes))
    zones = st.one_of(st.sampled_from(names), st.sampled_from(sorted(available_timezones())))

    wanted, diaries, now = data.draw(searches(change, zones))

    assert list(find(wanted, diaries, now=now)) == search(wanted, diaries, now=now)
