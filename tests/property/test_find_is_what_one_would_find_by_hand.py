"""The search finds what trying every instant finds, in the same order, and what it finds can be booked."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.bookings import Calendar, book
from scheduling.diary import Diary
from scheduling.find import Wanted, find
from scheduling.licences import licensed_between
from scheduling.refusals import SchedulingRefusal
from tests.calendars import midnight, searches
from tests.naive_search import LOOK, instants, search

ZONES = (
    "America/New_York",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Africa/Casablanca",
    "America/Nuuk",
    "Asia/Kathmandu",
)
# Days on which some of these zones' clocks change, and one on which none does.
DAYS = (
    midnight(2026, 11, 1),
    midnight(2027, 3, 14),
    midnight(2026, 3, 29),
    midnight(2026, 10, 4),
    midnight(2026, 6, 10),
    midnight(2026, 2, 15),
)
zones = st.sampled_from(ZONES)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_search_finds_what_trying_every_instant_finds(data: st.DataObject):
    wanted, diaries, now = data.draw(searches(data.draw(st.sampled_from(DAYS)), zones))

    assert list(find(wanted, diaries, now=now)) == search(wanted, diaries, now=now)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_found_can_be_booked_and_what_is_not_found_is_refused(data: st.DataObject):
    wanted, (diary, *_), now = data.draw(searches(data.draw(st.sampled_from(DAYS)), zones, people=1))
    wanted = replace(wanted, hours=None, patient=replace(wanted.patient, language=None))
    found = {slot.starts_at for slot in find(wanted, [diary], now=now)}

    for at in instants(wanted.start, wanted.end - wanted.visit.length + LOOK):
        if at.minute % 15 == 0 and at + wanted.visit.length <= wanted.end:
            assert bookable(wanted, diary, at, now) == (at in found)


def bookable(wanted: Wanted, diary: Diary, at: datetime, now: datetime) -> bool:
    around, patient = timedelta(days=3), wanted.patient
    calendar = Calendar(
        open=tuple(diary.schedule.open_between(at - around, at + around)),
        busy=(*diary.busy, *diary.schedule.elsewhere),
        patient_busy=patient.busy,
        licensed=licensed_between(diary.licences, state=patient.state, zone=patient.time_zone)
        if patient.state
        else None,
    )
    try:
        book(
            id="a",  # type: ignore[arg-type]
            patient_id="mira",  # type: ignore[arg-type]
            practitioner_id=diary.id,
            visit_type=wanted.visit,
            starts_at=at,
            mode="video",
            booked_by="ada",
            calendar=calendar,
            now=now,
        )
    except SchedulingRefusal:
        return False
    return True
