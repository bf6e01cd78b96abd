"""Finding a time: 50 practitioners, 8 weeks, beside the search one writes first.

What a page needs is the next 60 starts across everybody, from the values as the store gives them; that is the figure.
The naive search of the same run tries every quarter hour of every practitioner, and gives the same starts in the same
order (checked). Said beside it: the whole answer, ours and its.
"""

import json
import random
import statistics
import sys
import time as clock
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Absence, DayException, Hours, Schedule
from scheduling.visit_types import VisitType

PRACTITIONERS = 50
WEEKS = 8
FIRST = 60
RUNS = 15
NAIVE_RUNS = 3
# The clocks go back in the middle of the eight weeks.
MONDAY = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 12, 7, tzinfo=UTC)
STEP = timedelta(minutes=15)
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")
STATES = ("NY", "AZ", "CA", "CO")
CHECK_IN = VisitType(
    code="check-in",
    name="Check-in",
    length=timedelta(minutes=30),
    buffer_before=timedelta(minutes=5),
    buffer_after=timedelta(minutes=10),
    minimum_notice=timedelta(hours=2),
)


def clinic(rng: random.Random) -> list[Diary]:
    """Office hours with a lunch break, six to ten bookings a day, an external calendar, a week off for a third."""
    return [practitioner(rng, number) for number in range(PRACTITIONERS)]


def practitioner(rng: random.Random, number: int) -> Diary:
    zone = rng.choice(ZONES)
    days = rng.sample(range(5), rng.choice((4, 5, 5)))
    opens = time(rng.choice((8, 9, 10)))
    hours = [Hours(weekday=day, opens=opens, closes=time(12, 30)) for day in days]
    hours += [Hours(weekday=day, opens=time(13, 15), closes=time(rng.choice((16, 17, 18)))) for day in days]
    off = MONDAY + timedelta(days=rng.randrange(WEEKS * 7))
    leave = Absence.whole_days(first_on=off, last_on=off + timedelta(days=6), time_zone=zone)
    return Diary(
        schedule=Schedule(
            practitioner_id=f"p{number:02}",
            time_zone=zone,
            hours=tuple(hours),
            exceptions=(DayException(on=MONDAY + timedelta(days=rng.randrange(56)), closed=True),),
            leave=(leave,) if rng.random() < 1 / 3 else (),
            elsewhere=tuple(booked(rng, zone, at_most=1)),
        ),
        name=f"Dr. {number:02}",
        busy=tuple(booked(rng, zone, at_most=10)),
        languages=frozenset({"en"} if rng.random() < 0.6 else {"en", "es"}),
        licences=tuple(
            Licence(
                state=state, first_on=date(2024, 1, 1), last_on=MONDAY + timedelta(days=rng.randrange(400))
            )
            for state in rng.sample(STATES, 3)
        ),
    )


def booked(rng: random.Random, zone: str, *, at_most: int) -> list[Interval]:
    """Visits of half an hour and an hour with their buffers, on the quarter hours of the working day."""
    found = []
    for day in range(WEEKS * 7):
        for hour in rng.sample(range(8, 18), rng.randint(at_most * 6 // 10, at_most)):
            wall = datetime.combine(MONDAY + timedelta(days=day), time(hour, rng.choice((0, 15, 30, 45))))
            start = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            length = timedelta(minutes=rng.choice((40, 40, 40, 75)))
            if not found or start >= found[-1].end:
                found.append(Interval(start=start, end=start + length))
    return found


def naive(wanted: Wanted, diaries: list[Diary], *, now: datetime) -> list[Slot]:
    """Every quarter hour, everybody, every busy time; then sorted."""
    kind, found = wanted.visit, []
    start = max(wanted.start, now + kind.minimum_notice)
    for diary in diaries:
        taken = [*diary.busy, *diary.schedule.elsewhere]
        load = sum(
            (min(b.end, wanted.end) - max(b.start, wanted.start)).total_seconds()
            for b in diary.busy
            if b.end > wanted.start and b.start < wanted.end
        )
        at = datetime.combine(start.date(), time(), UTC)
        while at + kind.length <= wanted.end:
            if at >= start and open_for(diary, at, at + kind.length) and licensed(diary, wanted, at):
                held = Interval(start=at - kind.buffer_before, end=at + kind.length + kind.buffer_after)
                if not any(held.overlaps(other) for other in taken):
                    slot = Slot(starts_at=at, ends_at=at + kind.length, practitioner_id=diary.id)
                    found.append((at, load, diary.name, slot))
            at += STEP
    return [slot for *_, slot in sorted(found)]


def open_for(diary: Diary, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(diary.schedule.time_zone)
    opens, closes = (each.astimezone(zone).replace(tzinfo=None) for each in (start, end))
    if any(opens < each.ends and each.starts < closes for each in diary.schedule.leave):
        return False
    if any(each.on == opens.date() for each in diary.schedule.exceptions):
        return False
    return any(
        each.weekday == opens.weekday() and each.opens <= opens.time() and closes.time() <= each.closes
        for each in diary.schedule.hours
        if opens.date() == closes.date()
    )


def licensed(diary: Diary, wanted: Wanted, at: datetime) -> bool:
    on = at.astimezone(ZoneInfo(wanted.patient.time_zone)).date()
    return any(
        each.state == wanted.patient.state and each.first_on <= on <= (each.last_on or on)
        for each in diary.licences
    )


def ms(work: Callable[[], object], runs: int) -> float:
    took = []
    for _ in range(runs):
        began = clock.perf_counter()
        work()
        took.append((clock.perf_counter() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    diaries = clinic(random.Random(7))
    end = datetime.combine(MONDAY + timedelta(weeks=WEEKS), time(), UTC)
    patient = Patient(time_zone="America/Phoenix", state="AZ", language="en")
    wanted = Wanted(kind=CHECK_IN, patient=patient, start=NOW, end=end)
    everything = list(find(wanted, diaries, now=NOW))
    assert everything == naive(wanted, diaries, now=NOW)
    first = ms(lambda: list(islice(find(wanted, diaries, now=NOW), FIRST)), RUNS)
    whole = ms(lambda: list(find(wanted, diaries, now=NOW)), RUNS)
    slow = ms(lambda: naive(wanted, diaries, now=NOW), NAIVE_RUNS)
    print(f"{sum(len(each.busy) for each in diaries)} bookings, {len(everything)} free starts")
    print(f"first {FIRST}: {first:.1f} ms   all: {whole:.1f} ms   naive, all: {slow:.0f} ms")
    print(f"all against all: ratio {whole / slow:.4f}")
    result = {
        "name": "slots",
        "ratio": round(first / slow, 4),
        "ours": round(first, 2),
        "peer": round(slow, 1),
        "peer_name": "every quarter hour of everybody, tried one by one",
        "unit": f"ms for the next {FIRST} starts of {PRACTITIONERS} practitioners in {WEEKS} weeks",
        "runs": RUNS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
