"""The connection test sends back one's own picture and sound, two seconds late, and says what it measured."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.webrtc.room_stage import Page, an_sdp
from webrtc import protocol
from webrtc.participants import echo as echo_module
from webrtc.participants.echo import EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.protocol import Describe, EchoNews, SessionDescription
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms


class Person(Robot):
    """A robot that keeps what it is told about the test."""

    def __init__(self, rooms: Rooms, room_id: str) -> None:
        wire = RoomWire(rooms.open(room_id), seat="patient", role="patient", name="", admitted=True)
        super().__init__(wire, size=(640, 480), fps=30, hertz=880)
        self.told: list[EchoNews] = []

    async def _take(self, message: protocol.ServerMessage):  # type: ignore[no-untyped-def]
        if isinstance(message, EchoNews):
            self.told.append(message)
        return await super()._take(message)


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5))
    rooms = Rooms(relay, RoomSettings(), asyncio.get_running_loop().time)
    await rooms.start()
    yield rooms
    await rooms.close_all()
    await relay.stop(kill=True)


async def begin(rooms: Rooms, room_id: str) -> tuple[Person, asyncio.Task[str]]:
    tester = Person(rooms, room_id)
    running = asyncio.create_task(tester.run())
    await tester.until(lambda: tester.snapshot is not None)
    return tester, running


async def test_a_person_sees_and_hears_themself_late_and_gets_a_report(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, seconds=4.0, delay=2.0)
    tester, running = await begin(rooms, "test:visit:page")
    loop = asyncio.get_running_loop()
    test = asyncio.create_task(tests.run("test:visit:page"))
    await tester.until(lambda: tester.connected("echo"))
    connected_at = loop.time()
    await tester.until(lambda: tester.seen("echo").loud > 0)
    assert loop.time() - connected_at > 1.9
    report = await asyncio.wait_for(test, 15)

    seen = tester.seen("echo")
    assert seen.size == (320, 240), "a large picture is made small"
    assert seen.moving >= 20 and seen.brightness > 40
    assert seen.pictures <= 15 * 6, "never more than 15 pictures a second"
    assert seen.hertz == pytest.approx(880, abs=40)
    assert report is not None
    assert report.transport == "udp"
    assert report.rtt_ms is not None and 0 < report.rtt_ms < 500
    assert (report.loss_up, report.loss_down) == (pytest.approx(0, abs=0.02), pytest.approx(0, abs=0.02))
    assert report.jitter_ms is not None and report.jitter_ms < 50
    assert report.bitrate_up is not None and report.bitrate_up > 100_000
    assert await asyncio.wait_for(running, 5) == "finished"
    assert [each.state for each in tester.told] == ["running", "done"]
    assert tester.told[-1].report == report


async def test_a_second_person_waits_in_line_and_is_told_their_place(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, seconds=1.0, delay=0.2)
    first, first_running = await begin(rooms, "test:one:page")
    second, second_running = await begin(rooms, "test:two:page")
    third, third_running = await begin(rooms, "test:three:page")
    running = [asyncio.create_task(tests.run(f"test:{name}:page")) for name in ("one", "two", "three")]
    await third.until(lambda: bool(third.told))
    assert (second.told[0].state, second.told[0].position) == ("queued", 1)
    assert (third.told[0].state, third.told[0].position) == ("queued", 2)
    reports = await asyncio.wait_for(asyncio.gather(*running), 30)
    assert all(report is not None for report in reports)
    await asyncio.wait([first_running, second_running, third_running], timeout=5)
    assert [(each.state, each.position) for each in third.told] == [
        ("queued", 2),
        ("queued", 1),
        ("running", None),
        ("done", None),
    ]


async def test_somebody_who_gives_up_in_the_line_does_not_hold_it_up(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, seconds=1.0, delay=0.2)
    people = [await begin(rooms, f"test:{name}:page") for name in ("one", "two", "three")]
    running = [asyncio.create_task(tests.run(f"test:{name}:page")) for name in ("one", "two", "three")]
    await people[2][0].until(lambda: bool(people[2][0].told))
    running[1].cancel()
    assert await asyncio.wait_for(running[2], 20) is not None
    await rooms.close("test:two:page", reason="finished")
    await asyncio.wait([each[1] for each in people], timeout=5)


async def test_somebody_who_leaves_ends_the_test_early(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, seconds=60.0)
    tester, running = await begin(rooms, "test:visit:page")
    test = asyncio.create_task(tests.run("test:visit:page"))
    await tester.until(lambda: tester.connected("echo"))
    await asyncio.sleep(0.5)
    await tester.leave()
    assert await asyncio.wait_for(test, 10) is None
    await asyncio.wait([running], timeout=5)


async def test_a_second_page_of_the_same_person_gets_its_own_test(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 2, seconds=2.0, delay=0.2)
    first, first_running = await begin(rooms, "test:visit")
    first_test = asyncio.create_task(tests.run("test:visit"))
    await first.until(lambda: first.connected("echo"))
    second, second_running = await begin(rooms, "test:visit")
    assert await asyncio.wait_for(first_running, 5) == "replaced"
    second_test = asyncio.create_task(tests.run("test:visit"))
    assert await asyncio.wait_for(first_test, 15) is None
    assert await asyncio.wait_for(second_test, 15) is not None
    assert second.told[-1].state == "done"
    assert await asyncio.wait_for(second_running, 5) == "finished"


async def test_a_test_whose_page_is_gone_leaves_nothing_at_the_relay(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, seconds=60.0)
    person, running = await begin(rooms, "test:visit")
    test = asyncio.create_task(tests.run("test:visit"))
    await person.until(lambda: person.connected("echo"))
    test.cancel()
    await asyncio.wait([test], timeout=5)
    await person.until(lambda: person.peers == {})
    assert rooms.transport("test:visit", "patient") is None
    running.cancel()
    await person.close()


async def test_a_description_nobody_can_use_fails_the_test_and_nothing_else(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(echo_module, "CONNECT_SECONDS", 1.5)
    page = Page("patient", "page-of-patient")
    page.connection = await rooms.open("test:visit").join(
        seat="patient", role="patient", name="", page=page.page, send=page.send, admitted=True
    )
    test = asyncio.create_task(EchoTests(rooms, 1).run("test:visit"))
    async with asyncio.timeout(5):
        while not page.snapshot.peers:
            await asyncio.sleep(0.02)
    (peer,) = page.snapshot.peers
    for sdp in (
        an_sdp(),
        an_sdp().replace("a=mid:0", "a=mid:0\r\na=rtpmap:x"),
        an_sdp().replace("111", "x y"),
    ):
        description = SessionDescription(type="offer", sdp=sdp)
        await page.says(Describe(to="echo", connection=peer.connection, description=description))
    assert await asyncio.wait_for(test, 10) is None
    assert page.last(EchoNews).state == "failed"
    assert page.kinds()[-1] == "finished"
