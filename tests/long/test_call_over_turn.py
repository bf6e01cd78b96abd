"""Calls by way of a real TURN server: the last way to the built-in relay, or the only one there is.

Chromium takes the test's certificate because it is told to look at none: `--ignore-certificate-errors` covers TURN.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aioice import stun, turn

from tests.long.coturn import Coturn, a_coturn, skip_without_coturn
from tests.media.chromium import ADDRESSES, Browser, a_browser, connects, sees_and_hears
from tests.networks.namespaces import Network, skip_unless_possible
from webrtc.carriers import Carrier, RelayCarrier, TurnCarrier
from webrtc.participants.call_check import place_call
from webrtc.participants.echo import EchoRules, EchoTests
from webrtc.participants.robot import Robot
from webrtc.participants.wires import RoomWire
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms
from webrtc.transport_messages import IceServer

ANY_CERTIFICATE = ("--ignore-certificate-errors",)
PEOPLE = ("mira", "reyes")
# An address at the TURN server, and not what the TURN server saw of the page.
CANDIDATE = r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0"
SHORT = EchoRules(seconds=2, delay=0.5, brief=1, connect=8, silence=3)


@pytest.fixture
def network() -> Iterator[Network]:
    skip_without_coturn()
    skip_unless_possible()
    network = Network(PEOPLE)
    try:
        yield network.build()
    finally:
        network.take_down()


@pytest.fixture
def outside(network: Network, tmp_path: Path) -> Iterator[Coturn]:
    """A TURN server people reach through their routers."""
    with a_coturn(tmp_path, address=network.address) as coturn:
        yield coturn


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coturn]:
    """A TURN server on loopback, trusted by participants on the server."""
    with a_coturn(tmp_path) as coturn:
        monkeypatch.setenv("SSL_CERT_FILE", str(coturn.authority))
        yield coturn


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[RelayProcess]:
    """What is left of the relay where TURN servers carry the calls."""
    relay = RelayProcess()
    await relay.start_or_find(
        RelaySettings(data=tmp_path, memory=True, address="127.0.0.1", orphan_minutes=0.5)
    )
    yield relay
    await relay.stop(kill=True)


async def opened(relay: RelayProcess, carrier: Carrier) -> Rooms:
    rooms = Rooms(relay, RoomSettings(carrier=carrier), asyncio.get_running_loop().time)
    relay.on_restarted = rooms.relay_restarted
    await rooms.start()
    return rooms


async def says_so(rooms: Rooms, seat: str, *, way: str | None) -> None:
    async with asyncio.timeout(20):
        while rooms.transport("visit", seat) != way:
            await asyncio.sleep(0.05)


async def test_behind_a_firewall_that_lets_only_tls_out_two_browsers_have_their_call(
    network: Network, outside: Coturn, relay: RelayProcess, tmp_path: Path
) -> None:
    """And the clinic reads how. The relay stays the one in the middle: the TURN server only brings packets to it."""
    rooms = await opened(relay, RelayCarrier(pool=outside.pool()))
    async with AsyncExitStack() as stack:
        browsers = []
        for name in PEOPLE:
            network.block_all_but(name, outside.tls_port)
            program = network.chromium(name, tmp_path)
            one = a_browser(rooms, program=program, addresses=(network.address,), flags=ANY_CERTIFICATE)
            browsers.append(await stack.enter_async_context(one))
        for browser, seat in zip(browsers, ("patient", "clinician"), strict=True):
            await browser.sits(seat, admitted=True)
        for browser, seat in zip(browsers, ("patient", "clinician"), strict=True):
            await connects(browser)
            await sees_and_hears(browser, goes="turn-tls")
            await says_so(rooms, seat, way="turn-tls")
        (pair,) = await relay.client.list()
        assert all(leg.latched for leg in pair.legs.values())
    await rooms.close_all()


async def test_the_connection_test_finds_that_only_turn_gets_through(
    network: Network, outside: Coturn, relay: RelayProcess, tmp_path: Path
) -> None:
    network.block_all_but("mira", outside.tls_port)
    rooms = await opened(relay, RelayCarrier(pool=outside.pool()))
    program = network.chromium("mira", tmp_path)
    one = a_browser(rooms, program=program, addresses=(network.address,), flags=ANY_CERTIFICATE)
    async with one as mira:
        await mira.sits("patient", admitted=True)
        report = await asyncio.wait_for(EchoTests(rooms, 1, rules=SHORT).run("visit"), 60)
    assert report is not None
    assert [(each.route, each.works) for each in report.routes] == [
        ("udp", False),
        ("tcp", False),
        ("turn", True),
    ]
    assert report.transport == "turn" and report.loss_up is not None
    await rooms.close_all()


async def test_nobody_goes_by_turn_who_reaches_the_relay(here: Coturn, relay: RelayProcess) -> None:
    """And the three routes are told apart, although the page has credentials for all of its visit."""
    rooms = await opened(relay, RelayCarrier(pool=here.pool(here.udp)))
    async with a_browser(rooms, addresses=ADDRESSES) as mira:
        robot, running = await a_robot(rooms, "clinician")
        await mira.sits("patient", admitted=True)
        await connects(mira)
        await sees_and_hears(mira, goes="udp")
        await says_so(rooms, "patient", way="udp")
        await finish(rooms, running)
        await mira.sits("patient", admitted=True)
        report = await asyncio.wait_for(EchoTests(rooms, 1, rules=SHORT).run("visit"), 60)
    assert report is not None
    assert [(each.route, each.works) for each in report.routes] == [
        ("udp", True),
        ("tcp", True),
        ("turn", True),
    ]
    await rooms.close_all()


async def test_turn_servers_alone_carry_a_call_that_outlives_the_web_server(
    here: Coturn, memory: RelayProcess, tmp_path: Path
) -> None:
    """Nobody learns an address; who waits is given nothing to connect by; a new web server finds the call."""
    carrier = TurnCarrier(pool=here.pool(here.tls))
    rooms = await opened(memory, carrier)
    async with AsyncExitStack() as stack:
        mira, reyes = [
            await stack.enter_async_context(a_browser(rooms, flags=ANY_CERTIFICATE)) for _ in PEOPLE
        ]
        await reyes.sits("clinician", admitted=True)
        await mira.sits("patient", admitted=False)
        await has_offered(memory, rooms)
        assert "description" not in [each["type"] for each in (*mira.told, *reyes.told)]
        await rooms.open("visit").admit("patient")
        for browser, seat in ((mira, "patient"), (reyes, "clinician")):
            await connects(browser)
            await sees_and_hears(browser, goes="turn-tls")
            await says_so(rooms, seat, way="turn-tls")
        for line in candidates(mira) + candidates(reyes):
            assert re.fullmatch(CANDIDATE, line), line
        assert rooms.calls == 1

        await rooms.close_all()
        again = await opened(memory, carrier)
        connection = await mira.page.evaluate("peer.connection")
        for browser, seat in ((mira, "patient"), (reyes, "clinician")):
            browser.rooms = again
            await browser.sits(seat, admitted=True)
            await browser.page.evaluate("peer.resend()")  # as call.js does when the socket is back
        for browser, seat in ((mira, "patient"), (reyes, "clinician")):
            await sees_and_hears(browser, goes="turn-tls")
            await says_so(again, seat, way="turn-tls")
            assert await browser.page.evaluate("peer.connection") == connection
        assert again.calls == 1

        # An address changes: fresh addresses at the TURN server travel, and the connection stays.
        await mira.page.evaluate("restart()")
        await sees_and_hears(mira, goes="turn-tls")
        assert await mira.page.evaluate("peer.connection") == connection
        await again.close_all()


async def test_the_servers_own_participants_go_by_turn_where_everybody_does(
    here: Coturn, memory: RelayProcess
) -> None:
    """The call check, the echo and the robot, over TLS with a certificate that is looked at."""
    rooms = await opened(memory, TurnCarrier(pool=here.pool(here.tls)))
    checked = await place_call(rooms)
    assert checked.failed is None
    async with a_browser(rooms, flags=ANY_CERTIFICATE) as mira:
        robot, running = await a_robot(rooms, "clinician")
        await mira.sits("patient", admitted=True)
        await connects(mira)
        await sees_and_hears(mira, goes="turn-tls")
        await robot.until(lambda: robot.sees_and_hears("patient"), seconds=30)
        await finish(rooms, running)
        await mira.sits("patient", admitted=True)
        report = await asyncio.wait_for(EchoTests(rooms, 1, rules=SHORT).run("visit"), 60)
    assert report is not None and report.transport == "turn"
    assert [(each.route, each.works) for each in report.routes] == [("turn", True)]
    await rooms.close_all()


async def test_a_pool_that_does_not_answer_fails_the_call_check(here: Coturn, memory: RelayProcess) -> None:
    wrong = replace(here.pool(here.tls), secret="not the one the TURN server knows")
    rooms = await opened(memory, TurnCarrier(pool=wrong))
    checked = await place_call(rooms)
    assert checked.failed == "connect"
    await rooms.close_all()


@pytest.mark.parametrize(
    ("secret", "lifetime", "answer"),
    [(None, 600, None), (None, -5, 401), ("somebody else's secret", 600, 401)],
    ids=["good", "expired", "wrong"],
)
async def test_the_turn_server_refuses_expired_and_wrong_credentials(
    here: Coturn, secret: str | None, lifetime: float, answer: int | None
) -> None:
    pool = here.pool(here.udp, lifetime=lifetime)
    server = (pool if secret is None else replace(pool, secret=secret)).server()
    if answer is None:
        (await allocate(here, server)).close()
        return
    with pytest.raises(stun.TransactionFailed) as refused:
        await allocate(here, server)
    assert refused.value.response.error_code == answer


async def test_what_was_allocated_in_time_goes_on_after_its_credentials_have_ended(here: Coturn) -> None:
    """Or a call would end with them. Browsers refresh an allocation every few minutes, with what they made it with."""
    server = here.pool(here.udp, lifetime=2).server()
    transport = await allocate(here, server)
    async with asyncio.timeout(30):
        while time.time() < int(server.username.split(":")[0]) + 1:
            await asyncio.sleep(0.1)
    refresh = stun.Message(message_method=stun.Method.REFRESH, message_class=stun.Class.REQUEST)
    refresh.attributes["LIFETIME"] = 600
    response, _ = await transport._TurnTransport__inner_protocol.request_with_retry(refresh)
    assert response.attributes["LIFETIME"] == 600
    transport.close()
    with pytest.raises(stun.TransactionFailed):
        await allocate(here, server)


async def allocate(coturn: Coturn, server: IceServer) -> Any:
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=(coturn.address, coturn.port),
        username=server.username,
        password=server.credential,
        ssl=False,
        transport="udp",
    )
    return transport


def candidates(browser: Browser) -> list[str]:
    """What this page was told of where the other one is."""
    texts = [each["description"]["sdp"] for each in browser.told if each["type"] == "description"]
    lines = [line for text in texts for line in text.split("\r\n") if line.startswith("a=candidate:")]
    assert lines
    return lines


async def has_offered(memory: RelayProcess, rooms: Rooms) -> None:
    """The first offer is in: whoever is let in now is let in to a prepared place."""
    room = rooms.open("visit")
    async with asyncio.timeout(30):
        while not any(leg.pending for pair in room._mesh.pairs.values() for leg in pair.legs):
            await asyncio.sleep(0.05)


async def a_robot(rooms: Rooms, seat: str) -> tuple[Robot, asyncio.Task[str]]:
    robot = Robot(RoomWire(rooms.open("visit"), seat=seat, role=seat, name="", admitted=True))
    running = asyncio.create_task(robot.run())
    await robot.until(lambda: robot.snapshot is not None)
    return robot, running


async def finish(rooms: Rooms, running: asyncio.Task[str]) -> None:
    await rooms.close("visit", reason="finished")
    assert await asyncio.wait_for(running, 10) == "finished"
