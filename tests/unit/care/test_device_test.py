"""What is kept of a test is read back as it was meant, and nothing else is."""

import json

import pytest

from server.care.device_test import DeviceTest, Route, read

FIGURES = {"loss_up": 0.0, "loss_down": 0.01, "bitrate_up": 900_000.0, "bitrate_down": None}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (None, DeviceTest()),
        ({"at": "2026-11-23"}, DeviceTest()),
        (
            {"camera": "good", "microphone": "blocked", "sound": "<b>", "connection": "good"},
            DeviceTest(parts={"camera": "good", "microphone": "blocked"}),
        ),
        ({"verdict": "splendid"}, DeviceTest()),
        (
            {
                "verdict": "good",
                "routes": [{"route": "udp", "works": True, "rtt_ms": 38.2}],
                **FIGURES,
                "jitter_up_ms": 4.2,
                "jitter_down_ms": None,
                "browser": "Safari, iPhone",
            },
            DeviceTest(
                verdict="good",
                routes=(Route(name="udp", works=True, rtt_ms=38.2),),
                loss=(0.0, 0.01),
                bitrate=(900_000.0, None),
                jitter=(4.2, None),
                browser="Safari, iPhone",
            ),
        ),
    ],
)
def test_what_was_kept(kept: dict[str, object] | None, expected: DeviceTest) -> None:
    assert read(json.dumps(kept) if kept is not None else None) == expected


UDP, TCP = Route(name="udp", works=True), Route(name="tcp", works=True)
NO_UDP, NO_TCP = Route(name="udp", works=False), Route(name="tcp", works=False)


@pytest.mark.parametrize(
    ("routes", "taken", "first_works"),
    [
        ((), None, False),
        ((UDP,), UDP, True),
        ((UDP, TCP), UDP, True),
        ((NO_UDP, TCP), TCP, False),
        ((NO_UDP, NO_TCP), None, False),
    ],
)
def test_a_visit_takes_the_first_way_that_works(
    routes: tuple[Route, ...], taken: Route | None, first_works: bool
) -> None:
    test = DeviceTest(verdict="good", routes=routes)
    assert (test.taken, test.first_works) == (taken, first_works)


@pytest.mark.parametrize(
    ("parts", "verdict", "expected"),
    [
        ({"camera": "good", "microphone": "good"}, "good", True),
        ({}, "good", True),
        ({"camera": "good", "microphone": "missing"}, "good", False),
        ({"camera": "good"}, "weak", False),
        ({"camera": "good"}, None, False),
    ],
)
def test_all_is_good_when_everything_that_is_known_is(
    parts: dict[str, str], verdict: str | None, expected: bool
) -> None:
    assert DeviceTest(parts=parts, verdict=verdict).all_good is expected
