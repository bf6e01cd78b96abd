"""What both ends of a connection test have measured, put together. Pure: aiortc's counters in, a report out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from webrtc.protocol import EchoReport, Quality, Route, RouteTried
from webrtc.quality import verdict_of

AUDIO_CLOCK = 48  # ticks of a millisecond


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What the transport has carried until `at` (seconds)."""

    at: float
    received: int
    sent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One route: whether it works, what aiortc counted at our end, what the page measured at its own."""

    route: Route
    works: bool
    stats: Sequence[Any] = ()
    samples: Sequence[Sample] = ()
    theirs: Quality = field(default_factory=Quality)


def report_of(tried: Iterable[Tried]) -> EchoReport:
    """The figures are those of the first route that works: it is the one a visit would take."""
    routes = list(tried)
    taken = next((each for each in routes if each.works), None)
    report = EchoReport(verdict="failed", transport=None) if taken is None else _measured(taken)
    seen = tuple(RouteTried(route=each.route, works=each.works, rtt_ms=rtt_of(each)) for each in routes)
    report = replace(report, routes=seen)
    return replace(report, verdict=verdict_of(report))


def rtt_of(tried: Tried) -> float | None:
    """There and back in ms: by our own reports, else as the page measured it on the way to the relay.

    aiortc reckons with the time of a report that a busy machine may send late: what comes out below zero is no time.
    """
    reports = _of(tried.stats, "remote-inbound-rtp")
    trips = [each.roundTripTime for each in reports if each.roundTripTime and each.roundTripTime > 0]
    return min(trips) * 1000 if trips else tried.theirs.rtt_ms


def _measured(tried: Tried) -> EchoReport:
    """Up is from the page to us. Each end counts best what arrives there."""
    inbound, remote = _inbound(tried.stats), _of(tried.stats, "remote-inbound-rtp")
    theirs = tried.theirs
    return EchoReport(
        verdict="failed",  # judged once the figures are complete
        transport=tried.route,
        rtt_ms=rtt_of(tried),
        jitter_up_ms=_jitter(inbound),
        jitter_down_ms=theirs.jitter_ms if theirs.jitter_ms is not None else _jitter(remote),
        loss_up=_share(inbound, [each.packetsReceived for each in inbound]),
        loss_down=theirs.loss_down if theirs.loss_down is not None else _loss_down(tried.stats),
        bitrate_up=reached([(each.at, each.received) for each in tried.samples]),
        bitrate_down=reached([(each.at, each.sent) for each in tried.samples])
        if theirs.bitrate_down is None
        else theirs.bitrate_down,
        estimate_up=theirs.estimate_up,
    )


def reached(counted: Sequence[tuple[float, int]]) -> float | None:
    """The best that held between two looks, in bit/s, from (seconds, bytes so far).

    The mean would count the first seconds too, in which every browser feels its way up.
    """
    rates = [
        (after - before) * 8 / (end - start)
        for (start, before), (end, after) in pairwise(counted)
        if end > start
    ]
    return max(rates, default=None)


def _inbound(stats: Sequence[Any]) -> list[Any]:
    """What came in, without retransmissions: they are no streams anybody reports on.

    aiortc keeps one inbound stream of a kind. Once video was sent again its own counters are gone, and the sound's
    speak for both. In the first seconds nothing has been reported yet, and nothing was sent again.
    """
    reported = {each.ssrc for each in _of(stats, "remote-outbound-rtp")}
    return [each for each in _of(stats, "inbound-rtp") if each.ssrc in reported or not reported]


def _of(stats: Sequence[Any], kind: str) -> list[Any]:
    return [each for each in stats if each.type == kind]


def _jitter(streams: Sequence[Any]) -> float | None:
    return max((each.jitter / AUDIO_CLOCK for each in streams if each.kind == "audio"), default=None)


def _loss_down(stats: Sequence[Any]) -> float | None:
    remote = _of(stats, "remote-inbound-rtp")
    sent = sum(each.packetsSent for each in _of(stats, "outbound-rtp"))
    lost = sum(max(0, each.packetsLost) for each in remote)
    return min(1.0, lost / sent) if remote and sent else None


def _share(streams: Sequence[Any], arrived: Sequence[int]) -> float | None:
    lost = sum(max(0, each.packetsLost) for each in streams)
    return lost / (lost + sum(arrived)) if lost + sum(arrived) else None
