"""The server calls itself through the relay, hears of broken calls before anybody does, and leaves nothing behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from server.app import create_app
from server.care.call_health import CheckRules
from server.jobs import call_check
from server.web import keys
from tests.builders import house_config
from tests.conftest import Visitor
from tests.http.signalling.stage import sit
from webrtc.participants.call_check import ROOM, CallRules, place_call
from webrtc.rooms import Rooms

HASTY = CallRules(connect=4.0, media=6.0)


@pytest.fixture
async def app(database, clock, cast, port, tmp_path) -> web.Application:
    """With the relay and the rooms."""
    return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock)


@pytest.fixture
def rooms(app, ada) -> Rooms:
    """Of the running house."""
    return app[keys.ROOMS]


@pytest.fixture
async def relay(rooms: Rooms) -> AsyncIterator[int]:
    """Its process; thawed in the end, whatever a test did."""
    pid = rooms._relay.client.pid  # type: ignore[attr-defined]
    yield pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


async def has(rooms: Rooms, calls: int) -> None:
    async with asyncio.timeout(60):
        while rooms.calls != calls:
            await asyncio.sleep(0.01)


async def test_calls_that_work_are_found_to_work_and_nothing_stays(rooms: Rooms, database, app) -> None:
    checked = await place_call(rooms)
    assert checked.failed is None
    assert checked.seconds > 2.5, "three seconds of sound and picture"
    assert rooms.calls == 0
    assert await rooms._relay.client.list() == []  # type: ignore[attr-defined]
    assert rooms._rooms == {}


async def test_the_relay_is_killed_and_the_board_says_not_working_and_then_working_again(
    app, rooms: Rooms, relay: int, ada: Visitor, words
) -> None:
    await call_check.check(app, HASTY)
    assert "Calls are working (9:00 AM)" in words((await ada.get("/desk/today/board")).text)

    checking = asyncio.create_task(call_check.check(app, HASTY))
    await has(rooms, 1)
    os.kill(relay, signal.SIGKILL)
    await checking
    assert "Calls did not work at 9:00 AM" in words((await ada.get("/desk/today/board")).text)

    await call_check.check(app, HASTY)
    assert "Calls are working (9:00 AM)" in words((await ada.get("/desk/today/board")).text)


async def test_a_relay_that_hangs_is_a_matter_for_the_administrator(
    app, rooms: Rooms, relay: int, ada: Visitor, petra: Visitor, words
) -> None:
    os.kill(relay, signal.SIGSTOP)
    for _ in range(2):
        await call_check.check(app, HASTY)
    assert "call your administrator" in words((await ada.get("/desk/today/board")).text)
    assert "The relay does not answer." in words((await petra.get("/admin/accounts")).text)
    os.kill(relay, signal.SIGCONT)
    await call_check.check(app, HASTY)
    assert "Calls are working" in words((await ada.get("/desk/today/board")).text)


async def test_many_calls_are_proof_enough(app, rooms: Rooms, relay: int) -> None:
    """One call goes on, and none may: so the check places none, though nothing it placed could work."""
    app[keys.CALL_WATCH].rules = CheckRules(up_to_calls=0)
    going_on = asyncio.create_task(place_call(rooms))
    await has(rooms, 1)
    # A call would take longer than its sound and picture.
    async with asyncio.timeout(2.5):
        await call_check.check(app)
    assert app[keys.CALL_WATCH].health.works
    assert len(rooms._rooms) == 1
    await going_on


async def test_nobody_gets_into_the_room_of_a_check(rooms: Rooms, reyes: Visitor) -> None:
    checking = asyncio.create_task(place_call(rooms))
    await has(rooms, 1)
    (room,) = rooms._rooms
    assert room.startswith(ROOM)
    for path in (f"/signalling/{room}?as=clinician", f"/signalling/{room}", f"/signalling/test/{room}"):
        with pytest.raises(Exception, match=r"40[34]"):
            await sit(reyes, path)
    assert (await checking).failed is None
