"""The call check: the server calls itself through the relay, as two people would, and says which step did not work."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_client import RelayGone, RelayRefused
from webrtc.room import Room
from webrtc.rooms import Rooms

log = logging.getLogger(__name__)

# No visit is called so, and rooms are entered by a visit's name: nobody gets in.
ROOM = "check-"
# Small and few: it is the way that is tried, not the picture.
SIZE, FPS = (160, 120), 8
CALL_SECONDS = 3
Step = Literal["relay", "connect", "media"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRules:
    """In seconds: how long connecting may take, and how long picture and sound then have to arrive."""

    connect: float = 10.0
    media: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`failed` is the step that did not work: the relay made no pair, the two did not connect, or picture or sound did
    not get through. `seconds` is how long it took to know."""

    failed: Step | None
    seconds: float


async def place_call(rooms: Rooms, rules: CallRules | None = None) -> Check:
    """One short call in a room of its own, gone afterwards. Never raises for what is wrong with the calls."""
    clock = asyncio.get_running_loop().time
    began = clock()
    failed = await _call(rooms, rules or CallRules())
    return Check(failed=failed, seconds=clock() - began)


async def _call(rooms: Rooms, rules: CallRules) -> Step | None:
    room = rooms.open(f"{ROOM}{secrets.token_hex(8)}")
    step: Step = "relay"
    try:
        async with _two_people(room) as (one, other):
            await one.until(lambda: bool(one.peers and other.peers), seconds=rules.connect)
            step = "connect"
            await one.until(
                lambda: one.connected(other.name) and other.connected(one.name), seconds=rules.connect
            )
            step = "media"
            await one.until(lambda: one.enough(other) and other.enough(one), seconds=rules.media)
    except (TimeoutError, RelayGone, RelayRefused):
        log.warning("the call check failed at the step %r", step)
        return step
    finally:
        await rooms.close(room.id, reason="finished")
    return None


class Caller(Robot):
    def __init__(self, room: Room, name: str) -> None:
        wire = RoomWire(room, seat=name, role=name, name="", admitted=True)
        super().__init__(wire, size=SIZE, fps=FPS)
        self.name = name

    def enough(self, other: "Caller") -> bool:
        """Three seconds of what the other one shows."""
        return self.sees_and_hears(other.name, pictures=CALL_SECONDS * FPS, sounds=CALL_SECONDS * 50)


@contextlib.asynccontextmanager
async def _two_people(room: Room) -> AsyncIterator[tuple[Caller, Caller]]:
    one, other = people = Caller(room, "one"), Caller(room, "two")
    # The owner is this function: both are cancelled and awaited below.
    running = [asyncio.create_task(each.run()) for each in people]  # noqa: TID251 -- owned by this function
    try:
        yield one, other
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for each in people:
            await each.close()
