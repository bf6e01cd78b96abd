"""A real relay process for one test, and rooms that use it; conftest.py hands them to the tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from webrtc.relay_process import RelayProcess, RelaySettings
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
