"""Finding a time: who comes first, whose time it is, and what the clocks do (clinical.md, S2, S8, S11)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from scheduling.diary import Diary, Patient
from scheduling.find import Slot, Wanted, find
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Hours, Schedule
from scheduling.visit_types import VisitType

KIND = VisitType(code="check-in", name="Check-in", length=timedelta(minutes=30))
NEW_YORK, PHOENIX = "America/New_York", "America/Phoenix"
NOW = datetime(2026, 10, 20, tzinfo=UTC)


def diary(name: str, opens: int, closes: int, *busy: Interval, zone: str = NEW_YORK) -> Diary:
    hours = tuple(Hours(weekday=day, opens=time(opens), closes=time(closes)) for day in range(7))
    schedule = Schedule(practitioner_id=name.lower(), time_zone=zone, hours=hours)
    return Diary(schedule=schedule, name=name, busy=busy, languages=frozenset({"en"}))


def wanted(start: datetime, hours: float, kind: VisitType = KIND, **patient: object) -> Wanted:
    return Wanted(
        kind=kind,
        patient=Patient(**{"time_zone": PHOENIX, **patient}),  # type: ignore[arg-type]
        start=start,
        end=start + timedelta(hours=hours),
    )


def instant(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def starts(slots: list[Slot]) -> list[datetime]:
    return [slot.starts_at for slot in slots]


def who(slots: list[Slot]) -> list[str]:
    return [slot.practitioner_id for slot in slots]


def busy(start: datetime, minutes: int) -> Interval:
    return Interval(start=start, end=start + timedelta(minutes=minutes))


def test_s2_half_past_one_exists_twice_and_each_is_a_slot_of_its_own():
    """S2: the offer of 01:30 on 1 Nov is 05:30Z or 06:30Z."""
    found = list(find(wanted(instant(1, 4), 5), [diary("Reyes", 1, 2)], now=NOW))

    assert starts(found) == [instant(1, 5) + timedelta(minutes=15 * number) for number in range(7)]


def test_s2_booking_one_half_past_one_leaves_the_other_free():
    taken = diary("Reyes", 1, 2, busy(instant(1, 5, 30), 30))

    found = starts(list(find(wanted(instant(1, 4), 5), [taken], now=NOW)))

    assert instant(1, 6, 30) in found and instant(1, 5, 30) not in found


def test_s2_half_past_two_on_14_march_2027_is_never_offered():
    whole_night = diary("Reyes", 0, 6)

    found = list(find(wanted(instant(14, 4, month=3, year=2027), 8), [whole_night], now=NOW))

    # 6:30Z to 7:00Z is 1:30 to 2:00 and the next quarter hours are after three, one visit across the jump included.
    assert starts(found)[6:12] == [
        instant(14, 6, 30, 3, 2027) + timedelta(minutes=15 * number) for number in range(6)
    ]
    gap = diary("Reyes", 2, 3)
    assert list(find(wanted(instant(14, 4, month=3, year=2027), 8), [gap], now=NOW)) == []


def test_s2_ten_in_new_york_is_another_hour_in_phoenix_after_the_clocks_go_back():
    ten = diary("Reyes", 10, 11)
    kind = replace(KIND, length=timedelta(hours=1))

    found = list(find(wanted(instant(29, 0, month=10), 8 * 24, kind), [ten], now=NOW))

    assert (found[0].starts_at, found[-1].starts_at) == (instant(29, 14, month=10), instant(5, 15))


def test_s8_a_licence_for_another_state_or_until_yesterday_finds_nothing():
    arizona = Licence(state="AZ", first_on=date(2020, 1, 1), last_on=date(2026, 11, 4))
    reyes = replace(diary("Reyes", 0, 0), licences=(arizona,))

    in_nevada = list(find(wanted(instant(4, 0), 48, state="NV"), [reyes], now=NOW))
    at_home = list(find(wanted(instant(4, 0), 48, state="AZ"), [reyes], now=NOW))

    assert in_nevada == []
    # The last visit ends with 4 November where the patient is: seven in the morning of the fifth, UTC.
    assert at_home[-1].ends_at == instant(5, 7)


def test_s11_with_an_interpreter_the_visit_is_half_as_long_again_and_the_language_does_not_matter():
    reyes = diary("Reyes", 9, 10)

    without = list(find(wanted(instant(2, 0), 24, language="es"), [reyes], now=NOW))
    with_one = list(find(wanted(instant(2, 0), 24, language="es", interpreter=True), [reyes], now=NOW))

    assert without == []
    assert [(slot.starts_at, slot.ends_at) for slot in with_one] == [
        (instant(2, 14), instant(2, 14, 45)),
        (instant(2, 14, 15), instant(2, 15)),
    ]


def test_at_the_same_time_the_patients_own_comes_first_then_the_least_loaded_then_the_name():
    long_day, short_day = busy(instant(2, 18), 90), busy(instant(2, 18), 30)
    people = [
        diary("Singh", 9, 17),
        diary("Okafor", 9, 17, long_day),
        diary("Reyes", 9, 17, short_day),
        diary("Adeyemi", 9, 17, short_day),
        diary("Early", 8, 9),
    ]

    found = list(islice(find(wanted(instant(2, 0), 24, own="okafor"), people, now=NOW), 7))

    assert who(found) == ["early", "early", "early", "okafor", "singh", "adeyemi", "reyes"]
    assert starts(found)[3:] == [instant(2, 14)] * 4


def test_notice_and_horizon_count_from_now_to_the_second():
    now = instant(2, 14, 0) + timedelta(seconds=1)
    kind = replace(KIND, minimum_notice=timedelta(hours=1), horizon=timedelta(hours=2))

    found = list(find(wanted(instant(2, 0), 24, kind), [diary("Reyes", 9, 17)], now=now))

    assert starts(found) == [instant(2, 15, 15), instant(2, 15, 30), instant(2, 15, 45), instant(2, 16)]


def test_busy_time_counts_to_the_second_and_with_the_buffers_of_the_new_visit():
    taken = Interval(start=instant(2, 15, 0) + timedelta(seconds=1), end=instant(2, 15, 20))
    kind = replace(KIND, buffer_before=timedelta(minutes=10), buffer_after=timedelta(minutes=15))

    found = list(find(wanted(instant(2, 14), 2.5, kind), [diary("Reyes", 9, 17, taken)], now=NOW))

    first, second = [instant(2, 14), instant(2, 14, 15)], [instant(2, 15, 30), instant(2, 15, 45)]
    assert starts(found) == [*first, *second, instant(2, 16)]


def test_what_an_external_calendar_takes_is_not_offered_and_is_no_load():
    dentist = busy(instant(2, 14), 60)
    reyes = diary("Reyes", 9, 11)
    reyes = replace(reyes, schedule=replace(reyes.schedule, elsewhere=(dentist,)))
    okafor = diary("Okafor", 9, 11, busy(instant(2, 14), 30))

    found = list(find(wanted(instant(2, 15), 0.5), [okafor, reyes], now=NOW))
    before = list(find(wanted(instant(2, 14), 1), [reyes], now=NOW))

    assert who(found) == ["okafor", "reyes"]
    assert before == []


def test_the_hours_a_patient_asks_for_are_hours_where_they_are():
    morning = replace(wanted(instant(2, 0), 24), hours=(time(8), time(9)))

    found = list(find(morning, [diary("Reyes", 9, 17)], now=NOW))

    assert starts(found) == [instant(2, 15), instant(2, 15, 15), instant(2, 15, 30)]


def test_the_answer_is_made_while_it_is_read():
    """A page reads the first times only: the weeks after them are not looked at."""
    reyes = diary("Reyes", 9, 17)

    endless = find(wanted(instant(2, 0), 24 * 365 * 100), [reyes], now=NOW)

    assert next(endless).starts_at == instant(2, 14)
