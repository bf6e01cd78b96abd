"""What both ends counted becomes one report and one word, by the limits of the visit itself."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from webrtc.participants.figures import Sample, Tried, reached, report_of
from webrtc.protocol import EchoReport, Quality, RouteTried
from webrtc.quality import Verdict, verdict_of

STEADY = EchoReport(
    verdict="failed",
    transport="udp",
    rtt_ms=40.0,
    jitter_up_ms=5.0,
    jitter_down_ms=8.0,
    loss_up=0.0,
    loss_down=0.01,
    bitrate_up=90_000.0,
    estimate_up=1_200_000.0,
)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({}, "good"),
        ({"transport": "tcp"}, "good"),
        ({"estimate_up": None}, "good"),  # Firefox and Safari make no such estimate
        ({"rtt_ms": None, "jitter_down_ms": None, "loss_down": None}, "good"),
        ({"loss_up": 0.029}, "good"),
        ({"loss_up": 0.03}, "fair"),
        ({"loss_down": 0.05}, "fair"),
        ({"rtt_ms": 400.0}, "fair"),
        ({"jitter_up_ms": 60.0}, "fair"),
        ({"jitter_down_ms": 60.0}, "fair"),
        ({"estimate_up": 299_999.0}, "fair"),
        ({"loss_up": 0.1}, "weak"),
        ({"loss_down": 0.99}, "weak"),
        ({"rtt_ms": 900.0}, "weak"),
        ({"jitter_down_ms": 150.0}, "weak"),
        ({"estimate_up": 149_999.0}, "weak"),
        ({"bitrate_up": 9_000.0}, "good"),  # a dark room: little was sent, nothing was held back
        ({"loss_up": None}, "reached"),
        ({"transport": None}, "failed"),
    ],
)
def test_what_the_figures_promise(measured: dict[str, Any], expected: Verdict) -> None:
    assert verdict_of(replace(STEADY, **measured)) == expected


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([], None),
        ([(0.0, 0)], None),
        ([(0.0, 0), (1.0, 10_000), (2.0, 50_000), (3.0, 80_000)], 320_000.0),
        ([(1.0, 0), (1.0, 10_000)], None),
    ],
)
def test_the_bitrate_reached_is_the_best_that_held_for_a_while(
    counted: list[tuple[float, int]], expected: float | None
) -> None:
    assert reached(counted) == expected


def stat(type_: str, **facts: Any) -> Any:
    return SimpleNamespace(type=type_, **facts)


COUNTED = (
    stat("inbound-rtp", ssrc=1, kind="audio", packetsReceived=90, packetsLost=10, jitter=480),
    stat("inbound-rtp", ssrc=9, kind="video", packetsReceived=2, packetsLost=40, jitter=0),
    stat("remote-outbound-rtp", ssrc=1, kind="audio"),
    stat("remote-inbound-rtp", ssrc=3, kind="audio", packetsLost=4, jitter=96, roundTripTime=0.05),
    stat("remote-inbound-rtp", ssrc=4, kind="video", packetsLost=0, jitter=9000, roundTripTime=0.0),
    stat("outbound-rtp", ssrc=3, kind="audio", packetsSent=60),
    stat("outbound-rtp", ssrc=4, kind="video", packetsSent=20),
)
SAMPLES = (Sample(at=0.0, received=0, sent=0), Sample(at=2.0, received=100_000, sent=25_000))


def test_each_end_counts_what_arrives_there_and_retransmissions_are_no_loss() -> None:
    report = report_of([Tried(route="udp", works=True, stats=COUNTED, samples=SAMPLES)])
    assert report == EchoReport(
        verdict="weak",
        transport="udp",
        routes=(RouteTried(route="udp", works=True, rtt_ms=50.0),),
        rtt_ms=50.0,
        jitter_up_ms=10.0,
        jitter_down_ms=2.0,
        loss_up=0.1,
        loss_down=0.05,
        bitrate_up=400_000.0,
        bitrate_down=100_000.0,
    )


def test_what_the_page_says_about_its_end_is_believed() -> None:
    theirs = Quality(loss_down=0.2, jitter_ms=7.0, bitrate_down=300_000.0, estimate_up=1_000_000.0)
    tried = Tried(route="udp", works=True, stats=COUNTED, samples=SAMPLES, theirs=theirs)
    report = report_of([tried])
    assert (report.loss_down, report.jitter_down_ms, report.bitrate_down) == (0.2, 7.0, 300_000.0)
    assert report.estimate_up == 1_000_000.0


def test_a_round_trip_that_ended_before_it_began_is_none() -> None:
    late = (stat("remote-inbound-rtp", ssrc=3, kind="audio", packetsLost=0, jitter=0, roundTripTime=-1.1),)
    tried = Tried(route="udp", works=True, stats=late, samples=SAMPLES, theirs=Quality(rtt_ms=21.0))
    assert report_of([tried]).rtt_ms == 21.0


def test_the_figures_are_those_of_the_first_way_that_works() -> None:
    works = Tried(route="tcp", works=True, stats=COUNTED, samples=SAMPLES)
    report = report_of([Tried(route="udp", works=False), works])
    assert report.transport == "tcp"
    assert report.routes == (
        RouteTried(route="udp", works=False),
        RouteTried(route="tcp", works=True, rtt_ms=50.0),
    )
    assert report.rtt_ms == 50.0


def test_nothing_that_works_is_a_failure() -> None:
    report = report_of([Tried(route="udp", works=False), Tried(route="tcp", works=False)])
    assert (report.verdict, report.transport, report.rtt_ms) == ("failed", None, None)
