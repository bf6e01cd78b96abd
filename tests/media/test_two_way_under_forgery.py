"""OWASP ASVS 5, 17.2.6: a forged record from another address does not stop a call that is being set up.

Here two participants are connected directly, without the relay: in production its own filter stands before them,
and this one has to hold by itself.
"""

import asyncio
import socket
from collections.abc import AsyncIterator

import aioice.ice
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription

from webrtc.participants import loopback
from webrtc.participants.loopback import ADDRESS, GuardedProtocol
from webrtc.participants.peer import Peer
from webrtc.participants.robot import GeneratedMedia
from webrtc.protocol import PeerView

# A plaintext fatal alert and the beginning of a ClientHello, as anybody can make them.
ALERT = bytes.fromhex("15fefd0000000000000000000202" + "28")
HELLO = bytes.fromhex(
    "16fefd000000000000000000360100002a000000000000002afefd" + "00" * 32 + "00000002c02b0100"
)
FORGERIES = {"alert": ALERT, "hello": HELLO}


def port_of(pc: RTCPeerConnection) -> int:
    line = next(each for each in pc.localDescription.sdp.split("\r\n") if each.startswith("a=candidate:"))
    return int(line.split(" ")[5])


async def forge(pc: RTCPeerConnection, record: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        while True:
            stranger.sendto(record, (ADDRESS, port_of(pc)))
            await asyncio.sleep(0.002)


async def connects(*, attacked: str, record: bytes, within: float) -> bool:
    """Set a call up while one side is being shouted at."""
    media = GeneratedMedia(hertz=440, hue=90, size=(160, 120), fps=5)
    caller = Peer(
        PeerView(seat="b", connection="connection", polite=False, start=True, verified=False), media
    )
    callee = Peer(
        PeerView(seat="a", connection="connection", polite=True, start=False, verified=False), media
    )
    offer = await caller.offer()
    victim = caller.pc
    attack = asyncio.create_task(forge(victim, record)) if attacked == "caller" else None
    try:
        answer = await callee.answer(offer)
        if attacked == "callee":
            attack = asyncio.create_task(forge(callee.pc, record))
        # The attack has a head start over the answer, as it would have from the network.
        await asyncio.sleep(0.1)
        await caller.pc.setRemoteDescription(RTCSessionDescription(sdp=answer.sdp, type="answer"))
        deadline = asyncio.get_running_loop().time() + within
        while asyncio.get_running_loop().time() < deadline:
            states = {caller.pc.connectionState, callee.pc.connectionState}
            if states == {"connected"} or "failed" in states:
                return states == {"connected"}
            await asyncio.sleep(0.02)
        return False
    finally:
        assert attack is not None
        attack.cancel()
        await caller.close()
        await callee.close()


@pytest.fixture
async def unguarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    class Plain(aioice.ice.StunProtocol):
        datagram_received = GuardedProtocol.__mro__[1].datagram_received

    monkeypatch.setattr(aioice.ice, "StunProtocol", Plain.__mro__[2])
    yield
    loopback.install()


@pytest.mark.parametrize("attacked", ["caller", "callee"])
@pytest.mark.parametrize("forgery", ["alert", "hello"])
async def test_a_call_comes_up_while_strangers_send_forged_records(attacked: str, forgery: str) -> None:
    assert await connects(attacked=attacked, record=FORGERIES[forgery], within=60)


async def test_without_the_guard_the_same_forgery_stops_the_call(unguarded: None) -> None:
    """Or the test above would prove nothing."""
    assert not await connects(attacked="callee", record=ALERT, within=3)


async def test_a_datagram_nobody_can_read_does_not_reach_the_socket_callback_as_an_error() -> None:
    media = GeneratedMedia(hertz=440, hue=90, size=(160, 120), fps=5)
    peer = Peer(PeerView(seat="b", connection="connection", polite=False, start=True, verified=False), media)
    await peer.offer()
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: raised.append(context))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((ADDRESS, 0))
        connection = peer.pc.getTransceivers()[0].receiver.transport.transport._connection
        await connection.add_remote_candidate(
            aioice.Candidate.from_sdp(f"1 1 udp 1 {ADDRESS} {stranger.getsockname()[1]} typ host")
        )
        for broken in (
            b"\0",
            b"\1\1",
            b"",
            b"\0\1\0\x08" + b"\x21\x12\xa4\x42" + b"x" * 12 + b"\0\x20\0\x04\0\0\0\0",
        ):
            stranger.sendto(broken, (ADDRESS, port_of(peer.pc)))
        await asyncio.sleep(0.2)
    await peer.close()
    assert raised == []


async def test_participants_have_no_address_but_loopback_and_ask_nobody_for_one() -> None:
    media = GeneratedMedia(hertz=440, hue=90, size=(160, 120), fps=5)
    peer = Peer(PeerView(seat="b", connection="connection", polite=False, start=True, verified=False), media)
    offer = await peer.offer()
    hosts = {line.split(" ")[4] for line in offer.sdp.split("\r\n") if line.startswith("a=candidate:")}
    assert hosts == {ADDRESS}
    assert peer.pc.getTransceivers()[0].receiver.transport.transport._connection.stun_server is None
    await peer.close()
