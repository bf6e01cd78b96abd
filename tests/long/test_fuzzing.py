"""Two minutes of hostile inputs, other ones each time: FUZZ_SEED=… tries those of the number that was printed again."""

import pytest

from tests.fuzzing import pure
from tests.fuzzing.budget import LONG
from tests.fuzzing.relay import Line, misuse_control, misuse_tcp
from tests.fuzzing.signalling import House, misuse_handshake, misuse_signalling
from tests.fuzzing.websocket import AsServed
from tests.http.signalling.conftest import app, events, house, kept, mira, room, visit

__all__ = ["app", "events", "house", "kept", "mira", "room", "visit"]
# A machine that has much else to do takes several times as long.
pytestmark = pytest.mark.timeout(900)
SEED = pytest.mark.parametrize("seed", [LONG], ids=lambda seed: f"FUZZ_SEED={seed}")


@pytest.fixture
def server_class() -> type[AsServed]:
    return AsServed


@SEED
@pytest.mark.parametrize(("target", "count"), [("stun", 50_000), ("sdp", 6000), ("framing", 10_000)])
def test_no_bytes_raise_anything_but_a_refusal(target: str, count: int, seed: int) -> None:
    pure.try_all(target, count=count, seed=seed)


@SEED
async def test_whatever_controllers_say_the_call_goes_on(line: Line, seed: int) -> None:
    await misuse_control(line, count=500, seed=seed)


@SEED
async def test_whatever_strangers_stream_the_call_goes_on(line: Line, seed: int) -> None:
    await misuse_tcp(line, count=600, seed=seed)


@SEED
async def test_no_page_breaks_the_room_the_other_page_or_the_server(house: House, seed: int) -> None:
    await misuse_signalling(house, count=150, seed=seed)


@SEED
async def test_no_handshake_breaks_the_server(house: House, seed: int) -> None:
    await misuse_handshake(house, count=1000, seed=seed)
