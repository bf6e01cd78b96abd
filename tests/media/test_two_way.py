"""Two see and hear each other through the real relay; before one is let in not a packet of media passes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.attackers import Liar
from webrtc.participants.participant import Participant
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room import Room
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms


class House:
    def __init__(self, relay: RelayProcess) -> None:
        self.relay = relay
        self.rooms = Rooms(relay, RoomSettings(), asyncio.get_running_loop().time)
        self._running: dict[Participant, asyncio.Task[str]] = {}

    @property
    def room(self) -> Room:
        return self.rooms.open("visit")

    async def seats(self, seat: str, *, admitted: bool, robot: Robot | None = None) -> Robot:
        wire = RoomWire(self.room, seat=seat, role=seat, name=seat.title(), admitted=admitted)
        robot = robot or Robot(wire, hertz=440 if seat == "clinician" else 880)
        robot._wire = wire
        self._running[robot] = asyncio.create_task(robot.run())
        await robot.until(lambda: robot.snapshot is not None)
        return robot

    async def ends(self, robot: Robot) -> str:
        async with asyncio.timeout(60):
            return await self._running.pop(robot)

    async def close(self) -> None:
        await self.rooms.close_all()
        for robot, running in self._running.items():
            await asyncio.wait([running], timeout=30)
            running.cancel()
            await robot.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    house = House(relay)
    relay.on_restarted = house.rooms.relay_restarted
    await house.rooms.start()
    yield house
    await house.close()
    await relay.stop(kill=True)


async def passed(house: House) -> dict[str, int]:
    stats = await house.relay.client.stats()
    return {"gated": stats["dropped"].get("gated", 0), "packets": stats["packets"]}


async def test_nothing_is_seen_before_admission_and_everything_after(house: House) -> None:
    mira = await house.seats("patient", admitted=False)
    reyes = await house.seats("clinician", admitted=True)
    # The connection is warm while she waits.
    await mira.until(lambda: mira.connected("clinician") and reyes.connected("patient"))
    # A page that does not keep to the rules sends anyway: the relay must hold it back.
    mira.peers["clinician"].show()
    reyes.peers["patient"].show()
    async with asyncio.timeout(60):
        while (await passed(house))["gated"] <= 50:
            await asyncio.sleep(0.05)
    assert (mira.seen("clinician").pictures, mira.seen("clinician").sounds) == (0, 0)
    assert (reyes.seen("patient").pictures, reyes.seen("patient").sounds) == (0, 0)

    await reyes.admit("patient")
    await mira.until(lambda: mira.sees_and_hears("clinician"))
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    assert mira.seen("clinician").hertz == pytest.approx(440, abs=40)
    assert reyes.seen("patient").hertz == pytest.approx(880, abs=40)


def words(robot: Robot, seat: str) -> tuple[int, ...] | None:
    return robot.peers[seat].words if seat in robot.peers else None


async def test_both_know_the_same_safety_words_before_anybody_is_let_in(house: House) -> None:
    """And so data goes end to end while the gate is closed."""
    mira = await house.seats("patient", admitted=False)
    reyes = await house.seats("clinician", admitted=True)
    await mira.until(lambda: words(mira, "clinician") is not None)
    await reyes.until(lambda: words(reyes, "patient") is not None)
    assert words(mira, "clinician") == words(reyes, "patient")
    before = words(mira, "clinician")

    # A new connection has new words.
    again = await house.seats("patient", admitted=False)
    await reyes.until(lambda: words(reyes, "patient") not in (None, before))
    await again.until(lambda: words(again, "clinician") == words(reyes, "patient"))


async def test_whoever_reveals_another_nonce_than_they_committed_to_ends_the_call(house: House) -> None:
    """PROTOCOL.md, `Safety words`: the page closes its connections at once, says `forged`, and the room is over."""
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: "patient" in reyes.peers)
    assert reyes.peers["patient"].view.polite
    reyes.peers["patient"]._exchange = Liar(commits=True, nonce=bytes([1]) * 32)

    assert (await house.ends(mira), await house.ends(reyes)) == ("finished", "finished")
    for robot in (mira, reyes):
        assert robot.snapshot is not None
        assert robot.snapshot.state == "stopped"
    assert (await house.relay.client.list()) == []


async def test_leaving_ends_the_media_at_once(house: House) -> None:
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    await mira.leave()
    assert await house.ends(mira) == "closed"
    await reyes.until(lambda: reyes.peers == {})
    assert (await house.relay.client.list()) == []


async def test_finishing_the_visit_ends_it_for_both(house: House) -> None:
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    await house.rooms.close("visit", reason="finished")
    assert (await house.ends(mira), await house.ends(reyes)) == ("finished", "finished")


async def test_a_reloaded_page_is_back_in_the_call(house: House) -> None:
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    seen_before = reyes.seen("patient").pictures
    reloaded = await house.seats("patient", admitted=True)
    assert await house.ends(mira) == "replaced"
    await reloaded.until(lambda: reloaded.sees_and_hears("clinician"))
    await reyes.until(lambda: reyes.seen("patient").pictures > seen_before + 10)


async def test_a_restarted_web_server_does_not_touch_a_running_call(house: House) -> None:
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    connections = [mira.peers["clinician"].pc, reyes.peers["patient"].pc]

    await house.rooms.close_all()
    assert (await house.ends(mira), await house.ends(reyes)) == ("going-away", "going-away")
    house.rooms = Rooms(house.relay, RoomSettings(), asyncio.get_running_loop().time)
    await house.rooms.start()
    seen = mira.seen("clinician").pictures
    await mira.until(lambda: mira.seen("clinician").pictures > seen + 5)
    await house.seats("patient", admitted=True, robot=mira)
    await house.seats("clinician", admitted=True, robot=reyes)

    assert [mira.peers["clinician"].pc, reyes.peers["patient"].pc] == connections
    seen = mira.seen("clinician").pictures
    await mira.until(lambda: mira.seen("clinician").pictures > seen + 5)
    assert house.room.state == "in-call"


async def test_a_killed_relay_is_replaced_and_the_participants_come_back(house: House) -> None:
    mira = await house.seats("patient", admitted=True)
    reyes = await house.seats("clinician", admitted=True)
    await reyes.until(lambda: reyes.sees_and_hears("patient"))
    os.kill(house.relay.client.pid, signal.SIGKILL)
    # One of the two is asked to restart ICE; a participant in Python comes back as a new page instead.
    assert await house.ends(mira) == "rejoin"
    await house.seats("patient", admitted=True, robot=mira)
    seen = mira.seen("clinician").moving, reyes.seen("patient").moving
    await mira.until(lambda: mira.seen("clinician").moving > seen[0] + 10)
    await reyes.until(lambda: reyes.seen("patient").moving > seen[1] + 10)
