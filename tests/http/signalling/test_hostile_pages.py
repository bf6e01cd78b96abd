"""Pages that say anything at all, in any frame and order; for longer in tests/long/test_fuzzing.py."""

import pytest

from tests.fuzzing.budget import FIXED
from tests.fuzzing.signalling import House, misuse_handshake, misuse_signalling
from tests.fuzzing.websocket import AsServed


@pytest.fixture
def server_class() -> type[AsServed]:
    return AsServed


async def test_no_page_breaks_the_room_the_other_page_or_the_server(house: House) -> None:
    await misuse_signalling(house, count=15, seed=FIXED)
    await misuse_handshake(house, count=80, seed=FIXED)
