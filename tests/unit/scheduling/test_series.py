"""The programme as one series: proposed with its conflicts, accepted only whole, moved as one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling import series as rules
from scheduling.bookings import PractitionerId
from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.protocol import Protocol, ProtocolUnfit, Step, standard
from scheduling.schedule import Hours, Schedule
from scheduling.series import Conflict, Finder, Planned, Proposal, Series
from scheduling.visit_types import TooLate, VisitType

ZONE = "America/New_York"
NOW = datetime(2026, 10, 1, tzinfo=UTC)
TEN = time(10)
ANCHOR = date(2026, 10, 8)
HALF_AN_HOUR = timedelta(minutes=30)


def clinic(*busy: Interval, doctors: Iterable[str] = ("reyes",), closes: int = 17) -> Finder:
    """One who is there from nine to five every day, in New York."""
    hours = tuple(Hours(weekday=day, opens=time(9), closes=time(closes)) for day in range(7))
    diaries = [
        Diary(schedule=Schedule(practitioner_id=each, time_zone=ZONE, hours=hours), name=each, busy=busy)
        for each in doctors
    ]

    def finder(kind: str, start: datetime, end: datetime) -> Iterable[Slot]:
        visit = VisitType(code=kind, name=kind, length=HALF_AN_HOUR)
        wanted = Wanted(kind=visit, patient=Patient(time_zone=ZONE), start=start, end=end)
        return find(wanted, diaries, now=NOW)

    return finder


def wall(on: date, at: time) -> datetime:
    return datetime.combine(on, at, ZoneInfo(ZONE)).astimezone(UTC)


def taken(on: date, opens: time = TEN, closes: time = time(10, 30)) -> Interval:
    return Interval(start=wall(on, opens), end=wall(on, closes))


def propose(find: Finder, *, protocol: Protocol | None = None, at: time = TEN) -> Proposal:
    return rules.propose(protocol or standard(), anchor=ANCHOR, at=at, zone=ZONE, find=find, now=NOW)


def whole(find: Finder) -> Series:
    return rules.accept(propose(find), {})


def place(proposal: Proposal | Series, key: str) -> Planned:
    (found,) = (each for each in proposal.steps if each.step.key == key)
    assert isinstance(found, Planned)
    return found


def conflict(proposal: Proposal, key: str) -> Conflict:
    (found,) = (each for each in proposal.conflicts if each.step.key == key)
    return found


def day(number: int) -> date:
    return ANCHOR + timedelta(days=number)


def test_the_whole_programme_is_proposed_at_one_time_of_day_across_the_change_of_the_clocks():
    proposal = propose(clinic())

    assert proposal.conflicts == ()
    assert [(each.step.key, each.on) for each in proposal.steps] == [
        ("intake", day(0)),
        ("session-1", day(7)),
        ("check-in-1", day(9)),
        ("session-2", day(21)),
        ("check-in-2", day(23)),
        ("session-3", day(35)),
        ("check-in-3", day(37)),
        ("session-4", day(49)),
        ("check-in-4", day(51)),
        ("refill-review", day(56)),
    ]
    # 14:00Z in summer time, 15:00Z from 1 November on.
    assert [place(proposal, f"check-in-{n}").slot.starts_at.hour for n in (1, 2, 3, 4)] == [14, 14, 15, 15]  # type: ignore[union-attr]


def test_a_session_takes_nobodys_time_unless_it_is_observed():
    alone, watched = (
        propose(clinic()),
        propose(clinic(), protocol=standard(observed="observed-session")),
    )

    assert place(alone, "session-1").slot is None
    assert place(watched, "session-1").slot is not None


def test_the_same_time_of_day_on_the_nearest_day_of_the_window_is_taken_the_later_of_two():
    proposal = propose(clinic(taken(day(9)), taken(day(56)), taken(day(57))))

    assert place(proposal, "check-in-1").on == day(10)
    assert place(proposal, "refill-review").on == day(55)


def test_when_the_time_of_day_is_taken_in_the_whole_window_the_nearest_others_are_offered():
    busy = [taken(day(number)) for number in (8, 9, 10)]

    found = conflict(propose(clinic(*busy)), "check-in-1")

    assert found.reason is rules.TimeTaken
    assert [slot.starts_at for slot in found.alternatives] == [
        wall(day(9), time(9, 30)),
        wall(day(9), time(10, 30)),
        wall(day(9), time(9, 15)),
    ]


def test_when_nothing_is_free_in_the_window_the_next_times_after_it_are_offered():
    busy = [taken(day(number), time(0), time(23)) for number in (8, 9, 10)]

    found = conflict(propose(clinic(*busy)), "check-in-1")

    assert found.reason is rules.NothingFree
    assert found.alternatives[0].starts_at == wall(day(11), time(9))


def test_a_time_of_day_the_clocks_leave_out_is_named():
    spring = Protocol(steps=(Step(key="intake", day=0, visit_type="intake"),))

    proposal = rules.propose(
        spring, anchor=date(2027, 3, 14), at=time(2, 30), zone=ZONE, find=clinic(), now=NOW
    )

    assert [each.reason for each in proposal.conflicts] == [rules.NoSuchTime]


def test_days_that_have_passed_are_named():
    proposal = rules.propose(standard(), anchor=date(2026, 9, 18), at=TEN, zone=ZONE, find=clinic(), now=NOW)

    assert [(each.step.key, each.reason) for each in proposal.conflicts] == [
        ("intake", TooLate),
        ("session-1", TooLate),
        ("check-in-1", TooLate),
    ]


def test_nothing_becomes_a_series_until_every_conflict_has_its_time():
    proposal = propose(clinic(*[taken(day(number)) for number in (8, 9, 10)]))

    with pytest.raises(rules.StepsOpen) as refused:
        rules.accept(proposal, {})
    assert [each.step.key for each in refused.value.conflicts] == ["check-in-1"]

    chosen = conflict(proposal, "check-in-1").alternatives[0]
    assert place(rules.accept(proposal, {"check-in-1": chosen}), "check-in-1").slot == chosen


def test_a_choice_that_turns_the_order_around_is_refused():
    proposal = propose(clinic())
    late = Slot(
        starts_at=wall(day(30), TEN),
        ends_at=wall(day(30), TEN) + HALF_AN_HOUR,
        practitioner_id=PractitionerId("reyes"),
    )

    with pytest.raises(rules.OutOfOrder):
        rules.accept(proposal, {"check-in-1": late})


def test_all_that_has_not_begun_moves_as_one_with_its_time_of_day_and_its_intervals():
    before = whole(clinic())
    before = replace(
        before, steps=tuple(replace(each, begun=True) for each in before.steps[:2]) + before.steps[2:]
    )

    after = rules.accept(rules.move(before, by=7, find=clinic(), now=NOW), {})

    assert [(new.on - old.on).days for old, new in zip(before.steps, after.steps, strict=True)] == [
        0,
        0,
        *[7] * 8,
    ]
    # Check-in 2 went from summer time into winter time, and stayed at ten.
    assert place(after, "check-in-2").slot.starts_at == wall(day(30), TEN)  # type: ignore[union-attr]
    assert len(after.session_days) == 4


def test_a_move_lists_its_conflicts_and_does_nothing_by_halves():
    before = whole(clinic())

    moved = rules.move(before, by=1, find=clinic(taken(day(10)), taken(day(57))), now=NOW)

    assert [(each.step.key, each.reason) for each in moved.conflicts] == [
        ("check-in-1", rules.TimeTaken),
        ("refill-review", rules.TimeTaken),
    ]
    with pytest.raises(rules.StepsOpen):
        rules.accept(moved, {})


def test_a_move_keeps_the_practitioner_and_offers_another_only_as_an_alternative():
    before = whole(clinic(doctors=("reyes",)))

    moved = rules.move(before, by=1, find=clinic(doctors=("okafor",)), now=NOW)

    found = conflict(moved, "intake")
    assert (found.reason, found.alternatives[0].practitioner_id) == (rules.TimeTaken, "okafor")


def test_a_move_before_what_has_begun_or_too_near_to_the_last_session_is_named():
    before = whole(clinic())
    begun = tuple(replace(each, begun=True) for each in before.steps[:3]) + before.steps[3:]

    before = replace(before, steps=begun, protocol=replace(before.protocol, min_between=timedelta(days=5)))

    back = rules.move(before, by=-12, find=clinic(), now=NOW)
    near = rules.move(before, by=-11, find=clinic(), now=NOW)

    assert back.conflicts[0].reason is rules.OutOfOrder
    assert (near.conflicts[0].step.key, near.conflicts[0].reason) == ("session-2", rules.SessionsTooClose)


def test_what_has_begun_altogether_is_not_moved():
    done = whole(clinic())
    done = replace(done, steps=tuple(replace(each, begun=True) for each in done.steps))

    with pytest.raises(rules.NothingToMove):
        rules.move(done, by=7, find=clinic(), now=NOW)


def test_a_protocol_whose_steps_are_out_of_order_or_sessions_too_close_is_none():
    one = Step(key="a", day=5, session=True)

    with pytest.raises(ProtocolUnfit):
        Protocol(steps=(one, Step(key="b", day=5, session=True)))
    with pytest.raises(ProtocolUnfit):
        Protocol(steps=(one, Step(key="b", day=7, session=True)))
    with pytest.raises(ProtocolUnfit):
        Protocol(steps=(one, Step(key="b", day=9)))
    with pytest.raises(ProtocolUnfit):
        standard(apart=2)
