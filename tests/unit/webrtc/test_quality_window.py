"""Ten seconds of a page's reports are one sample: no more of them, whatever the page sends, and none of it lost."""

import pytest

from tests.unit.webrtc.room_stage import Stage
from webrtc.protocol import Admit, Quality
from webrtc.quality import Judgement, Window, judge_own
from webrtc.room_events import Measured


def samples(reports: list[tuple[float, Quality]]) -> list[tuple[float, Quality]]:
    window = Window()
    return [(at, whole) for at, report in reports if (whole := window.take(report, now=at))]


def test_a_sample_is_whole_after_ten_seconds_and_the_next_one_ten_later() -> None:
    every = [(at * 2.5, Quality(rtt_ms=100.0)) for at in range(9)]
    assert [at for at, _ in samples(every)] == [10.0, 20.0]


def test_a_page_that_talks_much_makes_no_more_samples() -> None:
    every = [(at / 10, Quality(rtt_ms=1.0)) for at in range(250)]
    assert len(samples(every)) == 2


def test_figures_are_means_of_what_was_measured_and_frozen_time_adds_up() -> None:
    ((_, whole),) = samples(
        [
            (0, Quality(rtt_ms=100, frozen_ms=500, loss_up=0.2)),
            (5, Quality(rtt_ms=200, frozen_ms=700)),
            (10, Quality(rtt_ms=300, fps_down=24)),
        ]
    )
    assert whole == Quality(rtt_ms=200, frozen_ms=1200, loss_up=0.2, fps_down=24)


def test_nothing_is_lost_for_longer_than_there_was_time() -> None:
    ((_, whole),) = samples([(0, Quality(frozen_ms=1e12, loss_down=7)), (10, Quality(concealed=3))])
    assert whole == Quality(frozen_ms=10_000, loss_down=1, concealed=1)


def test_after_a_long_silence_a_sample_begins_anew() -> None:
    away = [(0.0, Quality(rtt_ms=900)), (60.0, Quality(rtt_ms=100)), (70.0, Quality(rtt_ms=100))]
    assert samples(away) == [(70.0, Quality(rtt_ms=100))]


@pytest.mark.parametrize(
    ("sample", "word"),
    [
        (Quality(loss_down=0.5, frozen_ms=9000, concealed=0.5, jitter_ms=900), "good"),
        (Quality(loss_up=0.2, loss_down=0.5), "weak"),
        (Quality(rtt_ms=500), "fair"),
        (Quality(estimate_up=100_000), "weak"),
    ],
)
def test_what_does_not_arrive_is_counted_where_it_was_sent(sample: Quality, word: str) -> None:
    """Else one lost direction would tell both people that theirs is the weak connection."""
    assert judge_own(sample) == word


async def test_ten_seconds_of_a_call_are_a_sample_and_waiting_is_none() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    reports = [Quality(rtt_ms=90, loss_up=loss) for loss in (0.0, 0.3)]
    for _ in range(3):
        await patient.says(reports[0])
        stage.now += 10
    assert "Measured patient" not in stage.kinds()
    await clinician.says(Admit(seat="patient"))
    for report in reports:
        await patient.says(report)
        stage.now += 10
    (found,) = [event for event in stage.events if isinstance(event, Measured)]
    assert (found.seat, found.figures) == ("patient", Quality(rtt_ms=90, loss_up=0.15))
    assert found.judgement == Judgement(word="weak", side="up")
