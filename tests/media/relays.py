"""A real relay process for one test, and rooms that use it; conftest.py hands them to the tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fuzzing.relay import Line
from tests.media.test_relay_process_keeps_calls_alive import Browser
from webrtc.relay_client import RelayClient
from webrtc.relay_process import RelayProcess, RelaySettings, socket_path
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    yield relay
    await relay.stop(kill=True)


@pytest.fixture
async def rooms(relay: RelayProcess) -> AsyncIterator[Rooms]:
    rooms = Rooms(relay, RoomSettings(), asyncio.get_running_loop().time)
    relay.on_restarted = rooms.relay_restarted
    await rooms.start()
    yield rooms
    await rooms.close_all()


@pytest.fixture
async def line(relay: RelayProcess, tmp_path: Path) -> AsyncIterator[Line]:
    """A call, and nobody in control of the relay."""
    pair = await relay.client.open(pair="the call", room="room")
    await relay.client.gate(pair="the call", passing=True)
    call = [Browser(relay.client.port, leg) for leg in pair.legs.values()]
    for browser in call:
        await browser.check(nominate=True)
    line = Line(path=socket_path(tmp_path), port=relay.client.port, pid=relay.client.pid, call=call)
    await relay.stop(kill=False)
    yield line
    for browser in call:
        browser.udp.close()
    client = await RelayClient.connect(line.path)
    await client.stop_relay()
    await client.close()
