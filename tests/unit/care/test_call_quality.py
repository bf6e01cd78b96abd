"""A call's samples as a story: good throughout, or when it was weak and on whose side; and a strip for each side."""

from datetime import UTC, datetime, timedelta

from server.care.call_quality import Figures, Piece, Sample, Stretch, story_of

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def sample(seat: str, n: int, word: str = "good", side: str | None = None, **figures: float) -> Sample:
    """The one that was whole after `n` times ten seconds."""
    values = {"seat": seat, "at": TEN + timedelta(seconds=10 * n), "route": "udp"}
    return Sample(word=word, side=side, figures=Figures(**figures), **values)  # type: ignore[arg-type]


def a_call(minutes: int, **weak: tuple[range, str]) -> list[Sample]:
    """Both seats, all good but for these."""
    found = []
    for seat in ("clinician", "patient"):
        times, side = weak.get(seat, (range(0), "up"))
        found += [
            sample(seat, n, *(("weak", side) if n in times else ("good",)))  # type: ignore[misc]
            for n in range(1, minutes * 6 + 1)
        ]
    return found


def test_of_no_samples_there_is_no_story() -> None:
    assert story_of([]) is None


def test_a_good_call_is_good_throughout() -> None:
    story = story_of(a_call(20))
    assert story is not None
    assert (story.starts_at, story.ends_at) == (TEN, at(20))
    assert (story.tone, story.stretches) == ("good", ())
    assert [side.seat for side in story.sides] == ["patient", "clinician"]
    assert all(side.pieces == (Piece(x=0, width=1000, level=0),) for side in story.sides)


def test_a_weak_time_is_told_with_its_side() -> None:
    story = story_of(a_call(20, patient=(range(73, 85), "up")))
    assert story is not None
    assert story.stretches == (Stretch(starts_at=at(12), ends_at=at(14), seats=("patient",)),)
    assert story.sides[0].pieces == (
        Piece(x=0, width=600, level=0),
        Piece(x=600, width=100, level=2),
        Piece(x=700, width=300, level=0),
    )


def test_what_does_not_arrive_is_put_down_to_who_sent_it() -> None:
    story = story_of(a_call(20, clinician=(range(73, 85), "down")))
    assert story is not None
    assert [each.seats for each in story.stretches] == [("patient",)]


def test_with_three_in_the_call_it_is_put_down_to_who_missed_it() -> None:
    """Nobody can know which of the two others it was."""
    sitter = [sample("sitter", n) for n in range(1, 121)]
    story = story_of([*a_call(20, clinician=(range(73, 85), "down")), *sitter])
    assert story is not None
    assert [each.seats for each in story.stretches] == [("clinician",)]
    assert [side.seat for side in story.sides] == ["patient", "clinician", "sitter"]


def test_a_hiccup_is_not_told_and_near_ones_are_one() -> None:
    assert story_of(a_call(20, patient=(range(73, 74), "up"))).stretches == ()  # type: ignore[union-attr]
    now_and_then = a_call(20, patient=(range(73, 85, 3), "up"))
    (told,) = story_of(now_and_then).stretches  # type: ignore[union-attr]
    assert (told.starts_at, told.ends_at) == (at(12), at(12) + timedelta(seconds=100))


def test_both_sides_at_the_same_time_are_one_sentence() -> None:
    story = story_of(a_call(20, patient=(range(73, 85), "both"), clinician=(range(74, 86), "up")))
    assert story is not None
    assert story.stretches == (
        Stretch(starts_at=at(12), ends_at=at(14) + timedelta(seconds=10), seats=("patient", "clinician")),
    )


def test_a_call_that_was_fair_for_long_is_not_called_good_throughout() -> None:
    fair = [sample("patient", n, "fair" if n % 2 else "good", "up") for n in range(1, 61)]
    assert story_of(fair).tone == "fair"  # type: ignore[union-attr]


def test_where_nothing_was_measured_the_strip_has_a_hole() -> None:
    apart = [sample("patient", n) for n in (*range(1, 7), *range(31, 61))]
    (side,) = story_of(apart).sides  # type: ignore[union-attr]
    assert side.pieces == (Piece(x=0, width=100, level=0), Piece(x=500, width=500, level=0))


def test_a_sample_that_came_a_little_late_makes_no_hole() -> None:
    late = [
        Sample(seat="patient", at=TEN + timedelta(seconds=12.5 * n), route="udp", word="good", side=None)
        for n in range(1, 11)
    ]
    (side,) = story_of(late).sides  # type: ignore[union-attr]
    assert len(side.pieces) == 1


def test_both_pages_samples_meet_in_the_strip_though_they_are_taken_at_other_moments() -> None:
    """What the clinician's page missed is one bar on the patient's strip, not a comb of slivers."""
    patient = [sample("patient", n) for n in range(1, 31)]
    shifted = [
        Sample(
            seat="clinician",
            at=TEN + timedelta(seconds=10 * n + 3),
            route="udp",
            word="weak" if 10 < n <= 20 else "good",
            side="down" if 10 < n <= 20 else None,
        )
        for n in range(1, 31)
    ]
    (patients, clinicians) = story_of([*patient, *shifted]).sides  # type: ignore[union-attr]
    assert [each.level for each in patients.pieces] == [0, 2, 0]
    assert [each.level for each in clinicians.pieces] == [0]


def test_typical_figures_are_medians_and_what_froze_adds_up() -> None:
    told = story_of(
        [
            sample("patient", 1, rtt_ms=40, frozen_ms=500),
            sample("patient", 2, rtt_ms=60, frozen_ms=1000),
            sample("patient", 3, rtt_ms=900),
        ]
    )
    assert told is not None
    assert told.sides[0].typical == Figures(rtt_ms=60, frozen_ms=750)
    assert told.sides[0].frozen_seconds == 1.5
