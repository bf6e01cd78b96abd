"""The real process on its TCP side: the same port number, frames in pieces, connections that come to nothing."""

import asyncio
import contextlib
import socket
import struct

import pytest

from tests.media.checks import DTLS, SRTP, binding_request, read_answer, resident
from tests.media.test_relay_process_keeps_calls_alive import Browser, eventually
from webrtc.relay.framing import Frames, framed


class TcpBrowser:
    """One TCP connection with the credentials of one leg."""

    def __init__(self, port, leg):
        self.port, self.leg = port, leg
        self.frames, self.arrived = Frames(), []

    async def connects(self, *, host="127.0.0.1"):
        self.reader, self.writer = await asyncio.open_connection(host, self.port)
        return self

    def check_frame(self, **more):
        return framed(binding_request(ufrag=self.leg.ufrag, pwd=self.leg.pwd, **more))

    async def check(self, **more):
        self.writer.write(self.check_frame(**more))
        answer = read_answer(await self.hears(), pwd=self.leg.pwd)
        assert answer.attributes["XOR-MAPPED-ADDRESS"][1] == self.writer.get_extra_info("sockname")[1]

    def says(self, data):
        self.writer.write(framed(data))

    async def hears(self):
        async with asyncio.timeout(30):
            while not self.arrived:
                self.arrived += self.frames.feed(await self._more())
        return self.arrived.pop(0)

    async def _more(self):
        chunk = await self.reader.read(4096)
        if not chunk:
            raise ConnectionResetError
        return chunk

    async def is_hung_up(self, *, seconds=30):
        """Waits for the other end to close: end of file, or a reset, whichever the system makes of it."""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            async with asyncio.timeout(seconds):
                while await self.reader.read(4096):
                    pass
        return True

    def leaves(self):
        self.writer.close()


@pytest.fixture
async def pair(relay):
    pair = await relay.client.open(pair="p", room="room")
    await relay.client.gate(pair="p", passing=True)
    return pair


@pytest.fixture
async def call(relay, pair):
    """Mira over TCP, Dr Reyes over UDP."""
    mira = await TcpBrowser(relay.client.port, pair.legs["a"]).connects()
    reyes = Browser(relay.client.port, pair.legs["b"])
    await mira.check(nominate=True)
    await reyes.check(nominate=True)
    yield mira, reyes
    mira.leaves()
    reyes.udp.close()


async def kinds(relay):
    (listed,) = await relay.client.list()
    return [leg.kind for leg in listed.legs.values()]


async def dropped(relay):
    return (await relay.client.stats())["dropped"]


async def test_packets_pass_between_tcp_and_udp_both_ways(relay, call):
    mira, reyes = call
    for number in range(50):
        packet = SRTP + bytes([number]) * 20 * number
        mira.says(packet)
        assert await reyes.hears() == packet
        reyes.says(packet)
        assert await mira.hears() == packet
    assert await kinds(relay) == ["tcp", "udp"]
    stats = await relay.client.stats()
    assert (stats["over_tcp"], stats["connections"]) == (1, {"open": 1, "unproven": 0})


async def test_two_over_tcp_reach_each_other_over_ipv6_too(relay, pair):
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    old = await TcpBrowser(relay.client.port, pair.legs["a"]).connects()
    new = await TcpBrowser(relay.client.port, pair.legs["b"]).connects(host="::1")
    await old.check()
    await new.check()
    old.says(DTLS)
    assert await new.hears() == DTLS
    new.says(DTLS)
    assert await old.hears() == DTLS
    old.leaves()
    new.leaves()


async def test_frames_may_come_in_any_pieces(relay, call):
    mira, reyes = call
    stream = b"".join(framed(DTLS + bytes([number])) for number in range(5))
    mira.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number in range(len(stream)):
        mira.writer.write(stream[number : number + 1])
        await asyncio.sleep(0)
    assert [await reyes.hears() for _ in range(5)] == [DTLS + bytes([number]) for number in range(5)]


async def test_a_leg_goes_from_udp_to_tcp_and_back_and_the_controller_is_told(relay, pair):
    told = []
    relay.client.on_event = lambda event: told.append((event.event, event.leg, event.kind))
    udp, tcp = Browser(relay.client.port, pair.legs["a"]), TcpBrowser(relay.client.port, pair.legs["a"])
    reyes = Browser(relay.client.port, pair.legs["b"])
    await reyes.check()
    await udp.check(nominate=True)
    await tcp.connects()
    await tcp.check(nominate=True)
    reyes.says(SRTP)
    assert await tcp.hears() == SRTP
    await udp.check(nominate=True)
    reyes.says(SRTP)
    assert await udp.hears() == SRTP
    tcp.leaves()
    reyes.says(DTLS)
    assert await udp.hears() == DTLS
    latched, moved = ("latched", "b", "udp"), ("moved", "a", "tcp")
    await eventually(lambda: len(told) == 4)
    assert told == [latched, ("latched", "a", "udp"), moved, ("moved", "a", "udp")]
    udp.udp.close()
    reyes.udp.close()


async def test_a_closed_connection_is_told_at_once_and_a_new_one_takes_the_leg_up_again(relay, pair, call):
    mira, reyes = call
    told = asyncio.Queue()
    relay.client.on_event = told.put_nowait
    mira.leaves()
    # By itself, silence would be told after fifteen seconds.
    async with asyncio.timeout(12):
        while (gone := await told.get()).event != "silent":
            pass  # from before
    assert gone.leg == "a"
    reyes.says(DTLS)
    back = await TcpBrowser(relay.client.port, pair.legs["a"]).connects()
    await back.check()
    assert (await asyncio.wait_for(told.get(), 30)).event == "latched"
    assert await back.hears() == DTLS
    back.leaves()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "tcp-bad-frame"),
        (b"\xff\xff", "tcp-bad-frame"),
        (framed(b"\xff") * 17, "tcp-junk"),
        (framed(b"") * 17, "tcp-junk"),
        (framed(DTLS) * 17, "tcp-junk"),
        (b"", "tcp-unproven"),
        (b"\x00", "tcp-unproven"),
    ],
)
async def test_who_brings_no_check_is_hung_up_on_and_hears_nothing(relay, sent, reason):
    stranger = await TcpBrowser(relay.client.port, None).connects()
    stranger.writer.write(sent)
    assert await stranger.is_hung_up()
    assert stranger.arrived == [] and stranger.frames.kept == 0
    assert (await dropped(relay))[reason] == 1
    stranger.leaves()


async def test_a_bad_frame_ends_the_connection_and_not_the_call(relay, pair, call):
    mira, reyes = call
    mira.writer.write(b"\xff\xff\xff")
    assert await mira.is_hung_up()
    back = await TcpBrowser(relay.client.port, pair.legs["a"]).connects()
    await back.check()
    back.says(SRTP)
    assert await reyes.hears() == SRTP
    back.leaves()


async def test_a_crowd_that_only_connects_keeps_nobody_out(relay, call):
    mira, reyes = call
    crowd = [await TcpBrowser(relay.client.port, None).connects() for _ in range(100)]
    fresh = await TcpBrowser(relay.client.port, mira.leg).connects()
    await fresh.check()
    mira.says(SRTP)
    assert await reyes.hears() == SRTP
    stats = await relay.client.stats()
    assert stats["dropped"]["tcp-crowd-of-one"] >= 80
    assert stats["connections"]["unproven"] <= 16
    for each in [*crowd, fresh]:
        each.leaves()


async def test_a_connection_that_does_not_read_loses_its_picture_and_no_memory(relay, call, tmp_path):
    mira, reyes = call
    sock = mira.writer.get_extra_info("socket")
    mira.writer.transport.pause_reading()
    before = resident(relay.client.pid)
    head = bytes([128, 96, 0, 0])
    for stamp in range(40_000):
        reyes.says((head + struct.pack("!I4s", stamp, b"pict")).ljust(1200, b"x"))
        if stamp % 50 == 0:
            await asyncio.sleep(0.001)
    assert (await dropped(relay))["tcp-slow-video"] > 1000
    assert resident(relay.client.pid) - before < 4 * 1024 * 1024
    # Once it reads again it is still in step: whole frames only, and what is said now arrives.
    mira.writer.transport.resume_reading()
    reyes.says(DTLS)
    sizes = set()
    while (packet := await mira.hears()) != DTLS:
        sizes.add(len(packet))
    assert sizes == {1200}
    assert sock.fileno() > 0
