"""Numbers a browser measures become words a person understands; worse at once, better only when it lasts."""

import pytest

from webrtc.protocol import Quality
from webrtc.quality import Judgement, Meter, judge


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (Quality(), Judgement(word="good")),
        (Quality(rtt_ms=80, loss_up=0.0, loss_down=0.01, estimate_up=1_000_000), Judgement(word="good")),
        (Quality(loss_up=0.05), Judgement(word="fair", side="up")),
        (Quality(loss_down=0.2), Judgement(word="weak", side="down")),
        (Quality(loss_up=0.05, loss_down=0.2), Judgement(word="weak", side="down")),
        (Quality(loss_up=0.2, loss_down=0.2), Judgement(word="weak", side="both")),
        (Quality(rtt_ms=1200), Judgement(word="weak", side="both")),
        (Quality(estimate_up=100_000), Judgement(word="weak", side="up")),
        (Quality(frozen_ms=2000), Judgement(word="weak", side="down")),
        (Quality(loss_down=0.9), Judgement(word="lost", side="down")),
    ],
)
def test_the_worst_figure_decides(sample: Quality, expected: Judgement) -> None:
    assert judge(sample) == expected


def test_worse_counts_at_once_and_better_only_after_three() -> None:
    meter = Meter()
    samples = [0.0, 0.2, 0.0, 0.0, 0.05, 0.0, 0.0, 0.0]
    words = [meter.take(Quality(loss_up=loss)) for loss in samples]
    assert words == ["good", "weak", "weak", "weak", "fair", "fair", "fair", "good"]


def test_one_bad_sample_starts_the_count_again() -> None:
    meter = Meter()
    words = [meter.take(Quality(loss_up=loss)) for loss in (0.2, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0)]
    assert words[-2:] == ["weak", "good"]


def test_silence_is_lost_until_they_are_heard_again() -> None:
    meter = Meter()
    meter.take(Quality())
    meter.lost()
    assert meter.word == "lost"
    meter.found()
    assert meter.word is None
    assert meter.take(Quality()) == "good"
