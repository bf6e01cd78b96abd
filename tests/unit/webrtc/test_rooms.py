"""Rooms: found by name, ended for everybody, and let go without ending a call."""

import asyncio

import pytest

from tests.unit.webrtc.room_stage import Relay, Stage
from webrtc.protocol import Changed, Finished, GoingAway, ProtocolError
from webrtc.relay_client import LegCredentials, PairInfo, RelayEvent


async def test_one_name_is_one_room() -> None:
    stage = Stage()
    assert stage.rooms.open("visit") is stage.rooms.open("visit")
    assert stage.rooms.find("other") is None


@pytest.mark.parametrize("name", ["", "a/b", "x" * 121, "röm"])
async def test_a_name_that_could_not_be_read_back_from_the_relay_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a room"):
        Stage().rooms.open(name)


async def test_finishing_closes_the_pairs_and_says_so_to_everybody() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    room = stage.rooms.open("visit")
    await stage.rooms.close("visit", reason="finished")
    assert stage.relay.pairs == {}
    for page in (patient, clinician):
        assert page.snapshot.state == "finished" and page.snapshot.peers == ()
        assert page.said[-1] == Finished()
        assert page.connection is not None and page.connection.closed.is_set()
    assert stage.rooms.find("visit") is None
    with pytest.raises(ProtocolError, match="room-closed"):
        await room.join(seat="patient", role="patient", name="", page="abcdefgh", send=print, admitted=True)


async def test_going_away_leaves_the_calls_alone() -> None:
    stage = Stage()
    patient, _ = await stage.in_call()
    before = dict(stage.relay.pairs)
    await stage.rooms.close_all()
    assert patient.said[-1] == GoingAway(retry_ms=1000)
    assert stage.relay.pairs == before


async def test_changed_reaches_every_page() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    await stage.rooms.open("visit").changed("messages")
    assert patient.said[-1] == clinician.said[-1] == Changed(topic="messages")


async def test_a_room_nobody_is_in_is_forgotten_after_a_while() -> None:
    stage = Stage()
    await stage.join("patient")
    stage.now += 25
    await stage.rooms.tick()
    assert stage.rooms.find("visit") is not None
    stage.now += 61
    await stage.rooms.tick()
    assert stage.rooms.find("visit") is None


@pytest.mark.parametrize("again", [False, True])
async def test_a_room_may_be_closed_and_opened_anew_while_the_rooms_are_looked_after(
    monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    stage = Stage()

    async def tick() -> None:
        await stage.rooms.close("visit", reason="finished")
        if again:
            stage.rooms.open("visit")

    monkeypatch.setattr(stage.rooms.open("visit"), "tick", tick)
    await stage.rooms.tick()
    assert (stage.rooms.find("visit") is not None) == again


async def test_pairs_of_somebody_else_at_the_relay_are_left_alone() -> None:
    relay = Relay()
    legs = {"a": LegCredentials(ufrag="aaaa", pwd="x" * 22), "b": LegCredentials(ufrag="bbbb", pwd="x" * 22)}
    relay.pairs["strange"] = PairInfo(pair="strange", room="visit", passing=True, legs=legs)
    stage = Stage(relay)
    await stage.rooms.rebuild()
    assert list(relay.pairs) == ["strange"] and stage.rooms.find("visit") is None


async def test_time_passes_and_the_relays_news_arrive_by_themselves() -> None:
    stage = Stage()
    await stage.rooms.start()
    try:
        await stage.in_call()
        (pair,) = stage.relay.pairs
        for leg in ("a", "b"):
            stage.relay.on_event(RelayEvent(event="latched", pair=pair, leg=leg))
        async with asyncio.timeout(2):
            while "CallStarted patient" not in stage.kinds():
                await asyncio.sleep(0.01)
    finally:
        await stage.rooms.close_all()


async def test_one_rooms_trouble_with_the_relays_news_does_not_stop_the_time_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    await stage.rooms.start()
    take, fails = stage.rooms.take_news, [True]

    async def sometimes(event: RelayEvent) -> None:
        if fails:
            fails.pop()
            raise RuntimeError("a mistake")
        await take(event)

    monkeypatch.setattr(stage.rooms, "take_news", sometimes)
    try:
        await stage.in_call()
        (pair,) = stage.relay.pairs
        for leg in ("a", "a", "b"):
            stage.relay.on_event(RelayEvent(event="latched", pair=pair, leg=leg))
        async with asyncio.timeout(10):
            while "CallStarted patient" not in stage.kinds():
                await asyncio.sleep(0.01)
    finally:
        await stage.rooms.close_all()
