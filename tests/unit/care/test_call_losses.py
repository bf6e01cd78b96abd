"""What the note says a call went on without, worked out from the visit's events."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.care.call_losses import by_phone_and_back, losses

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    seat: str
    kind: str
    at: datetime


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def events(*happened: tuple[float, str, str]) -> list[Event]:
    return [Event(seat, kind, at(minute)) for minute, seat, kind in happened]


CALL = (0, "clinician", "call-started")


def test_a_picture_that_was_lost_is_told_with_whose_and_how_long():
    seen = events(CALL, (5, "patient", "picture-lost"), (6, "patient", "picture-back"))
    assert losses(seen) == (("patient", "picture", at(5), at(6)),)


def test_sound_and_picture_of_both_are_told_apart_and_the_last_may_still_be_away():
    seen = events(
        CALL,
        (5, "patient", "sound-lost"),
        (6, "clinician", "picture-lost"),
        (7, "patient", "sound-back"),
    )
    assert losses(seen) == (
        ("patient", "sound", at(5), at(7)),
        ("clinician", "picture", at(6), None),
    )


def test_what_nobody_noticed_is_not_told():
    assert losses(events(CALL, (5, "patient", "sound-lost"), (5.05, "patient", "sound-back"))) == ()


def test_before_the_call_and_after_it_nothing_is_lost():
    before = ((-9, "patient", "picture-lost"), (-8, "patient", "picture-back"))
    after = ((20, "patient", "finished"), (21, "patient", "picture-lost"), (22, "patient", "picture-back"))
    assert losses(events(*before, CALL, *after)) == ()


def test_what_was_missing_in_the_waiting_room_is_missing_from_the_first_moment():
    seen = events((-9, "patient", "picture-lost"), CALL, (3, "patient", "picture-back"))
    assert losses(seen) == (("patient", "picture", at(0), at(3)),)


def test_leaving_the_telephone_and_the_end_of_the_visit_end_it():
    for seat, kind in (("patient", "left"), ("patient", "by-phone"), ("clinician", "finished")):
        seen = events(CALL, (5, "patient", "picture-lost"), (8, seat, kind), (9, "patient", "picture-back"))
        assert losses(seen) == (("patient", "picture", at(5), at(8)),), kind


def test_while_one_of_the_two_has_left_nobody_misses_the_other():
    left = (CALL, (5, "clinician", "picture-lost"), (8, "patient", "left"))
    assert losses(events(*left, (12, "clinician", "picture-back"))) == (
        ("clinician", "picture", at(5), at(8)),
    )
    assert losses(events(CALL, (8, "patient", "left"), (9, "clinician", "picture-lost"))) == ()
    again = events(*left, (12, "patient", "call-started"), (14, "clinician", "picture-back"))
    assert losses(again) == (
        ("clinician", "picture", at(5), at(8)),
        ("clinician", "picture", at(12), at(14)),
    )


def test_another_connection_in_between_changes_nothing():
    seen = events(
        CALL, (5, "patient", "picture-lost"), (6, "patient", "call-started"), (7, "patient", "picture-back")
    )
    assert losses(seen) == (("patient", "picture", at(5), at(7)),)


def test_the_minutes_on_the_telephone_are_told_where_the_video_came_back():
    assert by_phone_and_back(events(CALL, (5, "patient", "by-phone"))) == ()
    twice = events(
        CALL,
        (5, "patient", "by-phone"),
        (9, "patient", "by-video"),
        (12, "patient", "by-phone"),
        (14, "patient", "by-video"),
    )
    assert by_phone_and_back(twice) == ((at(5), at(9)), (at(12), at(14)))
