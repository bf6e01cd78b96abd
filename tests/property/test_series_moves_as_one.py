"""Whatever is busy: a series is in order and at its time of day, and a move keeps its intervals or names why not."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling import series as rules
from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.protocol import standard
from scheduling.schedule import Hours, Schedule
from scheduling.series import Finder, Planned, Proposal
from scheduling.visit_types import VisitType

NOW = datetime(2026, 9, 1, tzinfo=UTC)
AT = time(10)
HOURS = tuple(Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5))


def finder(zone: str, taken: Iterable[tuple[date, int]]) -> Finder:
    """One practitioner, weekdays nine to five; `taken` are hours of days."""
    busy = []
    for day, hour in taken:
        start = datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
        busy.append(Interval(start=start, end=start + timedelta(hours=1)))
    schedule = Schedule(practitioner_id="reyes", time_zone=zone, hours=HOURS)
    diary = Diary(schedule=schedule, name="Reyes", busy=tuple(busy))

    def free(kind: str, start: datetime, end: datetime) -> Iterable[Slot]:
        visit = VisitType(code=kind, name=kind, length=timedelta(minutes=30))
        return find(
            Wanted(kind=visit, patient=Patient(time_zone=zone), start=start, end=end), [diary], now=NOW
        )

    return free


days = st.integers(0, 100).map(lambda number: date(2026, 9, 1) + timedelta(days=number))
takens = st.lists(st.tuples(days, st.integers(9, 16)), max_size=60)


def is_in_order(proposal: Proposal, zone: str) -> None:
    placed = [each for each in proposal.steps if isinstance(each, Planned)]
    assert all(one.on < other.on for one, other in pairwise(placed))
    sessions = [each.on for each in placed if each.step.session]
    assert not any(proposal.protocol.too_close(one, other) for one, other in pairwise(sessions))
    for each in placed:
        if each.slot is not None:
            on_wall = each.slot.starts_at.astimezone(ZoneInfo(zone))
            assert (on_wall.date(), on_wall.time()) == (each.on, AT)


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(("America/New_York", "Europe/Berlin", "America/Phoenix")),
    anchor=days,
    taken=takens,
    later=takens,
    by=st.integers(-30, 30),
    observed=st.sampled_from((None, "observed-session")),
)
def test_a_series_keeps_order_and_time_of_day_and_moves_whole_or_with_conflicts(
    zone: str,
    anchor: date,
    taken: list[tuple[date, int]],
    later: list[tuple[date, int]],
    by: int,
    observed: str | None,
) -> None:
    free = finder(zone, taken)
    proposal = rules.propose(standard(observed=observed), anchor=anchor, at=AT, zone=zone, find=free, now=NOW)
    is_in_order(proposal, zone)
    for each in proposal.steps:
        assert isinstance(each, Planned) or each.reason is not None
        off = abs((each.on - anchor).days - each.step.day)
        assert off <= each.step.within
    if proposal.conflicts:
        return
    series = rules.accept(proposal, {})

    moved = rules.move(series, by=by, find=finder(zone, later), now=NOW)

    is_in_order(moved, zone)
    shifts = {new.on - old.on for old, new in zip(series.steps, moved.steps, strict=True)}
    assert shifts == {timedelta(days=by)}
