"""Free slots and busy times have nothing in common, for any hours, zone and day, days with a clock change included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling.interval import Interval
from scheduling.schedule import Hours, Schedule
from scheduling.slots import free_slots
from scheduling.visit_types import VisitType

ZONES = (
    "America/New_York",
    "America/Denver",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
# Each zone's clock changes lie in these weeks, or it has none.
WEEKS = (date(2026, 3, 6), date(2026, 3, 27), date(2026, 10, 2), date(2026, 10, 23), date(2026, 10, 30))
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    hours = []
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        opens, closes = sorted((draw(quarters), draw(quarters)))
        hours.append(Hours(weekday=weekday, opens=opens, closes=closes))
    return Schedule(practitioner_id="p", time_zone=draw(st.sampled_from(ZONES)), hours=tuple(hours))


@st.composite
def busy_times(draw: st.DrawFn, start: datetime) -> list[Interval]:
    begins = draw(st.lists(st.integers(0, 7 * 24 * 60), max_size=12))
    lengths = draw(st.lists(st.integers(5, 180), min_size=len(begins), max_size=len(begins)))
    at = [start + timedelta(minutes=begin) for begin in begins]
    return [
        Interval(start=begin, end=begin + timedelta(minutes=n)) for begin, n in zip(at, lengths, strict=True)
    ]


@given(data=st.data())
def test_every_free_slot_is_open_and_clear_of_busy_times_with_its_buffers(data: st.DataObject):
    schedule = data.draw(schedules())
    start = datetime.combine(data.draw(st.sampled_from(WEEKS)), time(), UTC)
    end = start + timedelta(days=7)
    busy = data.draw(busy_times(start))
    kind = VisitType(
        code="x",
        name="x",
        length=timedelta(minutes=data.draw(st.sampled_from((30, 60)))),
        buffer_before=timedelta(minutes=data.draw(st.sampled_from((0, 5)))),
        buffer_after=timedelta(minutes=data.draw(st.sampled_from((0, 10, 15)))),
    )

    slots = list(free_slots(schedule, visit_type=kind, busy=busy, start=start, end=end))

    zone = ZoneInfo(schedule.time_zone)
    for slot in slots:
        held = Interval(start=slot.starts_at - kind.buffer_before, end=slot.ends_at + kind.buffer_after)
        assert not any(held.overlaps(other) for other in busy)
        assert start <= slot.starts_at
        assert slot.ends_at - slot.starts_at == kind.length
        wall = slot.starts_at.astimezone(zone)
        assert any(h.weekday == wall.weekday() and h.opens <= wall.time() for h in schedule.hours)
    assert slots == sorted(slots)
