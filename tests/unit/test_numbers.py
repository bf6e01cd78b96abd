"""Numbers as people write them, and as a phone can call them (RFC 3966: no spaces, no brackets)."""

import pytest

from server.web.numbers import tel


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("(303) 555-0142", "tel:3035550142"),
        ("+1 303 555 0142", "tel:+13035550142"),
        ("+44 (0)20 7946 0958", "tel:+442079460958"),
        ("+44 (20) 7946 0958", "tel:+442079460958"),
        ("303.555.0142 ext. 12", "tel:3035550142;ext=12"),
        ("303-555-0142 x12", "tel:3035550142;ext=12"),
        ("303 555 0142 (ext 12)", "tel:3035550142;ext=12"),
        ("303 555 0142;ext=12", "tel:3035550142;ext=12"),
        ("988", "tel:988"),
        ("116 123", "tel:116123"),
        ("the same as always", "tel:"),
        ("", "tel:"),
    ],
)
def test_a_number_that_a_phone_can_call(written: str, called: str) -> None:
    assert tel(written) == called
