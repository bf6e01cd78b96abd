"""What a test needs to sit in a room by its WebSocket: say hello, say something, hear what comes."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError

from tests.clocks import StoppedClock
from tests.conftest import Visitor

ANSWERS = {"where": "Home", "call_back": "(303) 555-0199", "with_whom": "Nobody", "agree": "yes"}
PATIENTLY = 10


async def sit(browser: Visitor, path: str) -> ClientWebSocketResponse:
    origin = str(browser.client.make_url("/").origin())
    return await browser.client.ws_connect(path, headers={"Origin": origin})


async def hello(browser: Visitor, path: str, *, page: str = "page-of-a-test") -> ClientWebSocketResponse:
    socket = await sit(browser, path)
    await say(socket, type="hello", page=page, seen=0)
    return socket


async def say(socket: ClientWebSocketResponse, **message: Any) -> None:
    await socket.send_str(json.dumps(message))


async def hear(socket: ClientWebSocketResponse, **wanted: Any) -> dict[str, Any]:
    """The next message of which all this is true."""
    async with asyncio.timeout(PATIENTLY):
        while True:
            message = json.loads(await socket.receive_str())
            if all(message.get(key) == value for key, value in wanted.items()):
                return message


def just_now(clock: StoppedClock, at: datetime | None) -> bool:
    """Events carry the moment they happened, a little before they are written down."""
    return at is not None and timedelta(0) <= clock.now() - at < timedelta(seconds=PATIENTLY)


async def let_in(mira, reyes, room, kept):  # type: ignore[no-untyped-def]
    """The patient's socket and the clinician's, in a visit that has begun."""
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await kept("arrived")
    await say(clinician, type="admit", seat="patient")
    await kept("in-progress")
    return patient, clinician


async def both_in(mira: Visitor, reyes: Visitor, room: str):  # type: ignore[no-untyped-def]
    """Both sockets, with the connection they have with each other."""
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    patient = await hello(mira, f"/signalling/{room}")
    snapshot = await hear(patient, type="snapshot")
    (peer,) = snapshot["peers"]
    assert peer["verified"] is False
    return patient, clinician, peer["connection"]


async def refused(browser: Visitor, path: str) -> None:
    with pytest.raises(WSServerHandshakeError) as problem:
        await sit(browser, path)
    assert problem.value.status == 404
