"""Reminders at configurable distances, by day on the patient's clock, once, and never too late to help."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.reminders import LATE_AT_MOST, QuietHours, ReminderRules, due, plan

HOURS = (timedelta(hours=72), timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
RULES = ReminderRules(offsets={"email": HOURS})
DENVER = "America/Denver"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(text: str, zone: str = DENVER) -> datetime:
    """An instant from the wall clock of `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def there(instant: datetime, zone: str = DENVER) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%d %H:%M")


def moments(starts_at: datetime, *, told_at: datetime = LONG_AGO, zone: str = DENVER) -> list[str]:
    found = plan(starts_at=starts_at, told_at=told_at, zone=zone, channels=["email"], rules=RULES)
    return [there(each.at, zone) for each in found]


def due_at(now: datetime, starts_at: datetime, *, told_at: datetime = LONG_AGO, zone: str = DENVER):
    found = due(now, starts_at=starts_at, told_at=told_at, zone=zone, channels=["email"], rules=RULES)
    return [each.offset for each in found]


def test_a_visit_by_day_has_all_four() -> None:
    assert moments(at("2026-11-24T14:00")) == ["21 14:00", "23 14:00", "24 13:00", "24 13:50"]


def test_nothing_at_night_a_long_one_waits_for_the_morning_a_short_one_comes_in_the_evening() -> None:
    """At seven: three days and a day before come an hour later, the last hour's comes the evening before, once."""
    assert moments(at("2026-11-24T07:00")) == ["21 08:00", "23 08:00", "23 19:00"]


def test_the_morning_is_taken_while_it_leaves_half_of_the_time() -> None:
    """At half past eight the hour's reminder at eight leaves half an hour; ten minutes before is by day."""
    assert moments(at("2026-11-24T08:30")) == ["21 08:30", "23 08:30", "24 08:00", "24 08:20"]
    assert moments(at("2026-11-24T08:29"))[2:] == ["23 19:00", "24 08:19"]


def test_a_visit_late_in_the_evening_is_reminded_of_before_the_night() -> None:
    assert moments(at("2026-11-24T21:30"))[-2:] == ["24 08:00", "24 19:00"]


def test_a_visit_booked_inside_an_offset_gets_no_late_reminder_for_it() -> None:
    visit = at("2026-11-24T14:00")
    assert moments(visit, told_at=at("2026-11-23T15:00")) == ["24 13:00", "24 13:50"]
    assert moments(visit, told_at=at("2026-11-24T13:55")) == []


def test_a_reminder_that_would_move_to_before_the_booking_is_left_out() -> None:
    assert moments(at("2026-11-24T07:00"), told_at=at("2026-11-23T19:30")) == []


def test_a_server_that_was_off_sends_what_is_still_of_use_and_nothing_else() -> None:
    visit = at("2026-11-24T14:00")
    assert due_at(at("2026-11-23T17:00"), visit) == [timedelta(hours=24)]
    assert due_at(at("2026-11-23T14:00") + LATE_AT_MOST, visit) == []
    assert due_at(at("2026-11-24T13:29"), visit) == [timedelta(hours=1)]
    assert due_at(at("2026-11-24T13:31"), visit) == []


def test_of_two_that_are_due_late_only_the_newer_one_goes() -> None:
    assert due_at(at("2026-11-24T13:51"), at("2026-11-24T14:00")) == [timedelta(minutes=10)]


def test_nothing_is_sent_once_the_visit_has_begun() -> None:
    visit = at("2026-11-24T14:00")
    assert due_at(visit, visit) == [] and due_at(visit + timedelta(hours=1), visit) == []


@pytest.mark.parametrize(
    ("visit", "day_before"),
    [("2026-11-01T12:00", "31 13:00"), ("2027-03-14T12:00", "13 11:00"), ("2028-03-01T12:00", "29 12:00")],
    ids=["clocks go back", "clocks go forward", "leap day"],
)
def test_a_day_is_24_hours_also_when_the_clocks_change(visit: str, day_before: str) -> None:
    assert day_before in moments(at(visit))


@pytest.mark.parametrize("day", ["2026-11-01", "2027-03-14", "2028-02-29"])
def test_a_day_on_which_the_clocks_change_has_its_night_too(day: str) -> None:
    for visit in (at(f"{day}T08:10"), at(f"{day}T07:59"), at(f"{day}T20:05")):
        quiet = [m for m in moments(visit) if not "08:00" <= m[3:] < "20:00"]
        assert quiet == []


JUMPS = {"an hour": timedelta(hours=1), "a day": timedelta(days=1)}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
@pytest.mark.parametrize("sign", [1, -1], ids=["forward", "back"])
@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-01", "2027-03-14", "2028-02-29"])
def test_a_clock_that_jumps_doubles_nothing(jump: timedelta, sign: int, day: str) -> None:
    """The clock is looked at every minute for five days and jumps once, on the morning before the visit."""
    visit = at(f"{day}T14:00")
    sent = walk(visit, DENVER, [timedelta(minutes=1)] * 4000 + [sign * jump] + [timedelta(minutes=1)] * 6000)
    assert len(sent) == len(set(sent))
    if sign < 0 or jump == JUMPS["an hour"]:
        assert set(sent) == set(HOURS)


def walk(visit: datetime, zone: str, steps: list[timedelta]) -> list[timedelta]:
    """What a postman sends who looks after each step and keeps a note of what was sent, as the outbox does."""
    now, sent = visit - timedelta(days=4), []
    for step in steps:
        now += step
        sent += [offset for offset in due_at(now, visit, zone=zone) if offset not in sent]
    return sent


ZONES = st.sampled_from(
    [DENVER, "America/Phoenix", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
VISITS = st.datetimes(
    min_value=datetime(2024, 1, 1), max_value=datetime(2037, 12, 31), timezones=st.just(UTC)
)


@given(visit=VISITS, zone=ZONES, told=st.timedeltas(timedelta(), timedelta(days=6)))
def test_whatever_is_planned_is_by_day_after_the_booking_and_before_the_visit(visit, zone, told) -> None:
    told_at = visit - told
    quiet = QuietHours()
    for each in plan(starts_at=visit, told_at=told_at, zone=zone, channels=["email"], rules=RULES):
        assert not quiet.night(each.at, zone)
        assert told_at < each.at < each.until <= visit


@given(
    visit=VISITS,
    zone=ZONES,
    steps=st.lists(st.timedeltas(timedelta(days=-1), timedelta(days=1, hours=1)), max_size=60),
)
def test_a_clock_that_runs_to_and_fro_never_doubles_and_never_disturbs(visit, zone, steps) -> None:
    now, quiet = visit - timedelta(days=4), QuietHours()
    for step in steps:
        now += step
        found = due_at(now, visit, zone=zone)
        assert len(found) <= 1
        assert not found or (not quiet.night(now, zone) and now < visit)


@given(visit=VISITS, zone=ZONES, start=st.timedeltas(timedelta(), timedelta(minutes=2)))
def test_somebody_who_looks_often_enough_sends_every_one_of_them(visit, zone, start) -> None:
    planned = plan(starts_at=visit, told_at=LONG_AGO, zone=zone, channels=["email"], rules=RULES)
    for each in planned:
        assert due_at(each.at, visit, zone=zone) == [each.offset]
        soon = each.at + min(start, (each.until - each.at) / 2)
        assert soon < each.until and (
            due_at(soon, visit, zone=zone) == [each.offset] or QuietHours().night(soon, zone)
        )


def test_each_channel_has_its_own_offsets() -> None:
    rules = ReminderRules(offsets={"email": HOURS[:2], "sms": HOURS[2:3]})
    found = plan(
        starts_at=at("2026-11-24T14:00"),
        told_at=LONG_AGO,
        zone=DENVER,
        channels=["email", "sms"],
        rules=rules,
    )
    assert [(each.channel, each.offset) for each in found] == [
        ("email", HOURS[0]),
        ("email", HOURS[1]),
        ("sms", HOURS[2]),
    ]
