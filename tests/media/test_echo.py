"""The connection test sends back one's own picture and sound, two seconds late, and says what it measured."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.media.link import lose
from tests.unit.webrtc.room_stage import Page, an_sdp
from webrtc import protocol
from webrtc.participants.echo import EchoRules, EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.protocol import Describe, EchoNews, Quality, RouteTried, SessionDescription, Skip
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

BRIEF = EchoRules(seconds=1.0, delay=0.2, brief=1.0, connect=3.0, silence=1.0)


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
    tests = EchoTests(rooms, 1, rules=EchoRules(seconds=4.0, connect=4.0))
    tester, running = await begin(rooms, "test:visit:page")
    loop = asyncio.get_running_loop()
    test = asyncio.create_task(tests.run("test:visit:page"))
    await tester.until(lambda: tester.connected("echo"))
    connected_at = loop.time()
    await tester.until(lambda: tester.seen("echo").loud > 0)
    assert loop.time() - connected_at > 1.9
    report = await asyncio.wait_for(test, 60)

    seen = tester.seen("echo")
    assert seen.size == (320, 240), "a large picture is made small"
    assert seen.moving >= 5 and seen.brightness > 40
    assert seen.pictures <= 15 * 6, "never more than 15 pictures a second"
    assert seen.hertz == pytest.approx(880, abs=40)
    assert report is not None
    assert report.transport == "udp"
    assert report.rtt_ms is not None and report.rtt_ms > 0
    assert (report.loss_up, report.loss_down) == (pytest.approx(0, abs=0.02), pytest.approx(0, abs=0.02))
    assert report.jitter_up_ms is not None
    assert report.jitter_down_ms is not None
    assert report.bitrate_up is not None and report.bitrate_up > 20_000
    assert report.bitrate_down is not None and report.bitrate_down > 10_000
    # aiortc, unlike browsers, has no TCP: the second way is found closed, and says nothing about the first.
    assert [(each.route, each.works) for each in report.routes] == [("udp", True), ("tcp", False)]
    assert await asyncio.wait_for(running, 30) == "finished"
    assert [(each.state, each.route) for each in tester.told] == [
        ("running", "udp"),
        ("running", "tcp"),
        ("done", None),
    ]
    assert tester.told[-1].report == report


async def test_a_second_person_waits_in_line_and_is_told_their_place(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=BRIEF)
    first, first_running = await begin(rooms, "test:one:page")
    second, second_running = await begin(rooms, "test:two:page")
    third, third_running = await begin(rooms, "test:three:page")
    running = [asyncio.create_task(tests.run(f"test:{name}:page")) for name in ("one", "two", "three")]
    await third.until(lambda: bool(third.told))
    assert (second.told[0].state, second.told[0].position) == ("queued", 1)
    assert (third.told[0].state, third.told[0].position) == ("queued", 2)
    reports = await asyncio.wait_for(asyncio.gather(*running), 60)
    assert all(report is not None for report in reports)
    await asyncio.wait([first_running, second_running, third_running], timeout=30)
    assert [(each.state, each.position) for each in third.told] == [
        ("queued", 2),
        ("queued", 1),
        ("running", None),
        ("running", None),
        ("done", None),
    ]


async def test_somebody_who_gives_up_in_the_line_does_not_hold_it_up(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=BRIEF)
    people = [await begin(rooms, f"test:{name}:page") for name in ("one", "two", "three")]
    running = [asyncio.create_task(tests.run(f"test:{name}:page")) for name in ("one", "two", "three")]
    await people[2][0].until(lambda: bool(people[2][0].told))
    running[1].cancel()
    assert await asyncio.wait_for(running[2], 60) is not None
    await rooms.close("test:two:page", reason="finished")
    await asyncio.wait([each[1] for each in people], timeout=30)


async def test_somebody_who_leaves_ends_the_test_early(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=EchoRules(seconds=60.0))
    tester, running = await begin(rooms, "test:visit:page")
    test = asyncio.create_task(tests.run("test:visit:page"))
    await tester.until(lambda: tester.connected("echo"))
    await asyncio.sleep(0.5)
    await tester.leave()
    assert await asyncio.wait_for(test, 60) is None
    await asyncio.wait([running], timeout=30)


async def test_a_second_page_of_the_same_person_gets_its_own_test(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 2, rules=replace(BRIEF, seconds=2.0))
    first, first_running = await begin(rooms, "test:visit")
    first_test = asyncio.create_task(tests.run("test:visit"))
    await first.until(lambda: first.connected("echo"))
    second, second_running = await begin(rooms, "test:visit")
    assert await asyncio.wait_for(first_running, 30) == "replaced"
    second_test = asyncio.create_task(tests.run("test:visit"))
    assert await asyncio.wait_for(first_test, 60) is None
    assert await asyncio.wait_for(second_test, 60) is not None
    assert await asyncio.wait_for(second_running, 30) == "finished"
    assert second.told[-1].state == "done"


async def test_a_test_whose_page_is_gone_leaves_nothing_at_the_relay(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=EchoRules(seconds=60.0))
    person, running = await begin(rooms, "test:visit")
    test = asyncio.create_task(tests.run("test:visit"))
    await person.until(lambda: person.connected("echo"))
    test.cancel()
    await asyncio.wait([test], timeout=30)
    await person.until(lambda: person.peers == {})
    assert rooms.transport("test:visit", "patient") is None
    running.cancel()
    await person.close()


async def test_a_description_nobody_can_use_fails_the_test_and_nothing_else(
    rooms: Rooms,
) -> None:
    page = Page("patient", "page-of-patient")
    page.connection = await rooms.open("test:visit").join(
        seat="patient", role="patient", name="", page=page.page, send=page.send, admitted=True
    )
    test = asyncio.create_task(EchoTests(rooms, 1, rules=BRIEF).run("test:visit"))
    async with asyncio.timeout(30):
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
    report = await asyncio.wait_for(test, 60)
    assert report is not None and report.verdict == "failed"
    assert report.routes == (RouteTried(route="udp", works=False), RouteTried(route="tcp", works=False))
    assert page.last(EchoNews).state == "failed"
    assert page.kinds()[-1] == "finished"


async def test_what_is_lost_each_way_is_told_apart(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=replace(BRIEF, seconds=6.0))
    tester, running = await begin(rooms, "test:visit")
    test = asyncio.create_task(tests.run("test:visit"))
    await tester.until(lambda: tester.connected("echo"))
    lose(tester.peers["echo"], up=0.2, down=0.05)
    report = await asyncio.wait_for(test, 60)
    assert report is not None and report.loss_up is not None and report.loss_down is not None
    assert report.loss_up == pytest.approx(0.2, abs=0.07)
    assert report.loss_down == pytest.approx(0.05, abs=0.04)
    assert report.verdict == "weak"
    await asyncio.wait([running], timeout=30)


async def test_what_the_page_measured_is_its_side_of_the_report(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=replace(BRIEF, seconds=2.0))
    tester, running = await begin(rooms, "test:visit")
    test = asyncio.create_task(tests.run("test:visit"))
    await tester.until(lambda: tester.connected("echo"))
    for part in (
        Quality(loss_down=0.01, jitter_ms=70.0),
        Quality(bitrate_down=310_000.0, estimate_up=900_000.0),
    ):
        await tester._say(part)
    report = await asyncio.wait_for(test, 60)
    assert report is not None
    assert (report.loss_down, report.jitter_down_ms) == (0.01, 70.0)
    assert (report.bitrate_down, report.estimate_up) == (310_000.0, 900_000.0)
    await asyncio.wait([running], timeout=30)


async def test_a_part_that_is_skipped_ends_at_once_and_what_was_measured_counts(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=EchoRules(seconds=60.0, connect=20.0))
    tester, running = await begin(rooms, "test:visit")
    test = asyncio.create_task(tests.run("test:visit"))
    await tester.until(lambda: tester.seen("echo").loud > 5)
    await tester._say(Skip())
    await tester.until(lambda: tester.told[-1].route == "tcp")
    await tester._say(Skip())
    report = await asyncio.wait_for(test, 30)
    assert report is not None
    assert [(each.route, each.works) for each in report.routes] == [("udp", True)], "TCP is not known"
    assert report.bitrate_up is not None
    await asyncio.wait([running], timeout=30)


async def test_without_camera_and_microphone_the_way_itself_is_tested(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=BRIEF)
    tester, running = await begin(rooms, "test:visit")
    tester._generated.outgoing = lambda kind, seat: None  # type: ignore[method-assign,assignment,return-value]
    report = await asyncio.wait_for(tests.run("test:visit"), 60)
    assert report is not None
    assert (report.verdict, report.transport, report.loss_up) == ("reached", "udp", None)
    await asyncio.wait([running], timeout=30)


async def test_somebody_who_leaves_before_anything_was_heard_ends_the_test_too(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=EchoRules(silence=60.0))
    tester, running = await begin(rooms, "test:visit")
    tester._generated.outgoing = lambda kind, seat: None  # type: ignore[method-assign,assignment,return-value]
    test = asyncio.create_task(tests.run("test:visit"))
    await tester.until(lambda: tester.connected("echo"))
    await tester.leave()
    assert await asyncio.wait_for(test, 60) is None
    await asyncio.wait([running], timeout=30)


async def test_trouble_of_the_servers_own_says_nothing_about_the_person(rooms: Rooms) -> None:
    tests = EchoTests(rooms, 1, rules=BRIEF)
    tester, running = await begin(rooms, "test:visit")
    await rooms._relay.stop(kill=True)  # type: ignore[attr-defined]
    assert await asyncio.wait_for(tests.run("test:visit"), 60) is None
    await asyncio.wait([running], timeout=30)
    assert (tester.told[-1].state, tester.told[-1].report) == ("failed", None)


def test_the_longest_test_takes_less_than_a_minute() -> None:
    assert EchoRules().longest < 60
