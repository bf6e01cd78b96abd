"""Random calendars around an instant, for the search to be tried on: strategies of hypothesis."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from scheduling.diary import Diary, Patient
from scheduling.find import Wanted
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Absence, DayException, Hours, Schedule
from scheduling.visit_types import VisitType

NAMES = ("Okafor", "Reyes", "Reyes", "Singh")
STATES = ("AZ", "NY")
HOUR = timedelta(hours=1)


def five_minutes(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low * 12, high * 12).map(lambda number: timedelta(minutes=5 * number))


def some_minutes(*numbers: int) -> st.SearchStrategy[timedelta]:
    return st.sampled_from(numbers).map(lambda number: timedelta(minutes=number))


times = st.integers(0, 287).map(lambda number: time(number // 12, number % 12 * 5))
# Most clocks change at night, and hours there are where a search goes wrong.
night_times = st.integers(0, 48).map(lambda number: time(number // 12, number % 12 * 5))
spans_of_day = st.one_of(
    st.just((time(0), time(0))),
    st.just((time(0), time(0))),
    st.tuples(times, times).map(lambda pair: (min(pair), max(pair))),
    st.tuples(night_times, night_times).map(lambda pair: (min(pair), max(pair))),
    st.tuples(times, st.just(time(0))),
)


def days(around: datetime) -> st.SearchStrategy[date]:
    return st.integers(-2, 2).map(lambda number: around.date() + timedelta(days=number))


def rarely_not(draw: st.DrawFn) -> bool:
    """Four times in five: with too many conditions at once, nothing is ever free."""
    return draw(st.integers(0, 4)) > 0


@st.composite
def absences(draw: st.DrawFn, around: datetime, zones: st.SearchStrategy[str]) -> Absence:
    starts = around.replace(tzinfo=None) + draw(five_minutes(-30, 30))
    return Absence(starts=starts, ends=starts + draw(five_minutes(0, 9)), time_zone=draw(zones))


@st.composite
def exceptions(draw: st.DrawFn, around: datetime) -> DayException:
    on, closed = draw(days(around)), draw(st.booleans())
    if closed and draw(st.booleans()):
        return DayException(on=on, closed=True)
    opens, closes = draw(spans_of_day)
    return DayException(on=on, closed=closed, opens=opens, closes=closes)


@st.composite
def busy_times(draw: st.DrawFn, around: datetime) -> tuple[Interval, ...]:
    """At any minute; some overlap, as overbooked ones do."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        start = around + timedelta(minutes=draw(st.integers(-1800, 1800)))
        found.append(Interval(start=start, end=start + timedelta(minutes=draw(st.integers(1, 200)))))
    return tuple(found)


@st.composite
def schedules(
    draw: st.DrawFn, around: datetime, number: int, zone: str, zones: st.SearchStrategy[str]
) -> Schedule:
    hours = [
        Hours(weekday=draw(st.integers(0, 6)), opens=opens, closes=closes)
        for opens, closes in draw(st.lists(spans_of_day, max_size=5))
    ]
    if rarely_not(draw):
        opens, closes = draw(spans_of_day)
        hours += [Hours(weekday=day, opens=opens, closes=closes) for day in range(7)]
    return Schedule(
        practitioner_id=f"p{number}",
        time_zone=zone,
        hours=tuple(hours),
        exceptions=tuple(draw(st.lists(exceptions(around), max_size=2))),
        leave=() if rarely_not(draw) else (draw(absences(around, st.just(zone))),),
        closures=() if rarely_not(draw) else (draw(absences(around, zones)),),
        elsewhere=() if rarely_not(draw) else draw(busy_times(around)),
    )


@st.composite
def licences(draw: st.DrawFn, around: datetime) -> Licence:
    first_on = draw(days(around))
    last_on = draw(st.none() | st.integers(0, 3).map(lambda number: first_on + timedelta(days=number)))
    return Licence(state=draw(st.sampled_from(STATES)), first_on=first_on, last_on=last_on)


@st.composite
def diaries(draw: st.DrawFn, around: datetime, number: int, zones: st.SearchStrategy[str]) -> Diary:
    return Diary(
        schedule=draw(schedules(around, number, draw(zones), zones)),
        name=draw(st.sampled_from(NAMES)),
        busy=draw(busy_times(around)),
        languages=frozenset(draw(st.sets(st.sampled_from(("en", "es"))))),
        licences=tuple(draw(st.lists(licences(around), max_size=3))),
    )


@st.composite
def patients(draw: st.DrawFn, around: datetime, zones: st.SearchStrategy[str]) -> Patient:
    return Patient(
        time_zone=draw(zones),
        state=None if rarely_not(draw) else draw(st.sampled_from(STATES)),
        language=None if rarely_not(draw) else draw(st.sampled_from(("en", "es"))),
        interpreter=draw(st.booleans()),
        own=draw(st.sampled_from((None, "p0", "p2"))),  # type: ignore[arg-type]
        busy=() if rarely_not(draw) else draw(busy_times(around)),
    )


kinds = st.builds(
    VisitType,
    code=st.just("x"),
    name=st.just("x"),
    length=some_minutes(10, 20, 30, 60),
    buffer_before=some_minutes(0, 0, 5, 7),
    buffer_after=some_minutes(0, 10, 15, 31),
    minimum_notice=some_minutes(0, 0, 0, 60, 600),
    horizon=st.sampled_from((None, None, None, timedelta(hours=10), timedelta(hours=30))),
    held_by=st.sampled_from((frozenset[str](), frozenset[str](), frozenset({"p0", "p1"}))),
)


@st.composite
def searches(
    draw: st.DrawFn, around: datetime, zones: st.SearchStrategy[str], *, people: int = 3
) -> tuple[Wanted, list[Diary], datetime]:
    """What is wanted, of whom, and now."""
    start = around + draw(five_minutes(-20, 5)) + timedelta(seconds=draw(st.sampled_from((0, 0, 1, 59))))
    wanted = Wanted(
        kind=draw(kinds),
        patient=draw(patients(around, zones)),
        start=start,
        end=start + draw(five_minutes(2, 32)) + timedelta(seconds=draw(st.sampled_from((0, 0, 30)))),
        hours=None if rarely_not(draw) else draw(spans_of_day),
    )
    book = [draw(diaries(around, number, zones)) for number in range(draw(st.integers(1, people)))]
    now = start + draw(some_minutes(-1300, -60, -1, 0, 1, 300))
    return wanted, book, now


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
