"""Which state a patient's own words name."""

import pytest

from server.care.jurisdiction import state_in


@pytest.mark.parametrize(
    ("where", "state"),
    [
        ("41 Elm Court, Denver, CO", "CO"),
        ("41 Elm Court, Denver, CO 80203", "CO"),
        ("12 Indiana Street, Denver, CO", "CO"),
        ("Hotel, 3 Las Vegas Blvd, Las Vegas, Nevada", "NV"),
        ("my sister's in west virginia", "WV"),
        ("Reno NV", "NV"),
        ("5 Main St, Salt Lake City, UT 84101-1234, USA", "UT"),
        ("In the car, OK?", None),
        ("At home", None),
        ("come IN please", None),
        ("", None),
    ],
)
def test_the_state_an_address_names(where: str, state: str | None) -> None:
    assert state_in(where) == state
