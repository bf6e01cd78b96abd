"""CPU for each packet at 25 calls' worth of real SRTP: our relay beside Janus videoroom, the same packets in turn.

The packets are made beforehand with the keys of 50 handshakes with Janus, so that Janus can open them; ours only looks
where they come from. In a call each person sends 50 packets of sound and 170 of picture a second.
"""

import asyncio
import itertools
import os
import re
import shutil
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench import _janus
from bench._relay import (
    PACKETS_A_SECOND,
    Relay,
    allow_files,
    cpu_seconds,
    machine,
    report,
    rounded,
    say,
    skip,
)
from server.web.network import own_addresses

CALLS = 25
RUNS = 5
SECONDS = 1.5
SOUND, PICTURE = 110, 1050  # bytes of a packet before it is sealed
SOUNDS_A_SECOND = 50
PICTURE_CLOCK, SOUND_CLOCK = 90_000, 48_000
BUFFER = 8 << 20
REACH = 0.25


class Publisher:
    """A person's connection to Janus: real handshakes by aiortc, then only its socket and its key are used."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def publish(self, janus: _janus.Janus, room: int) -> int:
        for kind in ("audio", "video"):
            self.pc.addTransceiver(kind, direction="sendonly")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        offer = self.pc.localDescription.sdp
        feed, answer = await asyncio.to_thread(janus.publish, room, offer)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await connected(self.pc)
        ssrcs, kinds = (
            [each._ssrc for each in self.pc.getSenders()],
            re.findall(r"m=\w+ \d+ \S+ (\d+)", answer),
        )
        self._streams = [(ssrc, int(kind)) for ssrc, kind in zip(ssrcs, kinds, strict=True)]
        return feed

    def packets(self) -> Iterator[bytes]:
        """A call's packets without end, in the order they are sent in, each sealed."""
        seal = self.pc.getSenders()[0].transport._tx_srtp
        counts = [0, 0]
        for number in itertools.count():
            sound = number % PACKETS_A_SECOND * SOUNDS_A_SECOND % PACKETS_A_SECOND < SOUNDS_A_SECOND
            ssrc, kind = self._streams[0 if sound else 1]
            counts[not sound] += 1
            clock = (SOUND_CLOCK if sound else PICTURE_CLOCK) * number // PACKETS_A_SECOND
            header = struct.pack("!BBHII", 0x80, kind, counts[not sound] & 0xFFFF, clock & 0xFFFFFFFF, ssrc)
            # A key frame's beginning in VP8, then noise.
            yield seal.protect(header + b"\x10\x00\x9d\x01\x2a".ljust(SOUND if sound else PICTURE, b"\x55"))


class Subscriber:
    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def subscribe(self, janus: _janus.Janus, room: int, feed: int) -> None:
        handle, offer = await asyncio.to_thread(janus.subscribe, room, feed)
        await self.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        await asyncio.to_thread(janus.start, handle, self.pc.localDescription.sdp)
        await connected(self.pc)


async def connected(pc: RTCPeerConnection) -> None:
    async with asyncio.timeout(60):
        while pc.connectionState != "connected":  # noqa: ASYNC110 -- of its set-up, not of what is measured
            await asyncio.sleep(0.02)


def taken_over(pc: RTCPeerConnection) -> tuple[socket.socket, Any]:
    """The socket, which nobody else reads as long as the event loop does not run, and where Janus is."""
    pair = pc.getReceivers()[0].transport.transport._connection._nominated[1]
    theirs = pair.protocol.transport.get_extra_info("socket")
    udp = socket.socket(fileno=os.dup(theirs.fileno()))
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    return udp, pair.remote_addr


async def calls_through(janus: _janus.Janus) -> tuple[list[Publisher], list[Any], list[socket.socket]]:
    publishers, subscribers = [], []
    for _ in range(CALLS):
        room, both = janus.room(), (Publisher(), Publisher())
        feeds = [await each.publish(janus, room) for each in both]
        publishers += both
        for feed in feeds:
            subscribers.append(Subscriber())
            await subscribers[-1].subscribe(janus, room, feed)
    out = [taken_over(each.pc) for each in publishers]
    return publishers, out, [taken_over(each.pc)[0] for each in subscribers]


def send(packets: list[list[bytes]], out: list[Any]) -> float:
    """All of each sender's packets at its pace, the senders one after another within each step; the seconds it took."""
    start, count = time.monotonic(), len(packets[0])
    step = 1 / PACKETS_A_SECOND
    for number in range(count):
        for place, ((udp, address), own) in enumerate(zip(out, packets, strict=True)):
            due = start + (number + place / len(out)) * step
            while (left := due - time.monotonic()) > 0:
                time.sleep(left)
            udp.sendto(own[number], address)
    return time.monotonic() - start


def arrived(sockets: list[socket.socket]) -> int:
    """Media only: Janus sends reports as well."""
    count = 0
    for udp in sockets:
        while True:
            try:
                data = udp.recv(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            count += len(data) > SOUND and 128 <= data[0] < 192
    return count


def window(
    name: str, pid: int, packets: list[list[bytes]], out: list[Any], come: list[socket.socket]
) -> float:
    """CPU microseconds for each packet that was sent."""
    arrived(come)
    before = cpu_seconds(pid)
    took = send(packets, out)
    time.sleep(0.2)
    used = cpu_seconds(pid) - before
    sent, came = sum(map(len, packets)), arrived(come)
    say(f"{name}: {sent} sent in {took:.1f} s, {came} arrived, {1e6 * used / sent:.1f} µs CPU a packet")
    if came < 0.9 * sent:
        raise RuntimeError(f"{name} passed {came} of {sent} packets: this run says nothing")
    return 1e6 * used / sent


def main() -> None:
    if shutil.which(_janus.PROGRAM) is None:
        skip("relay_load", f"needs the program {_janus.PROGRAM} (Debian: {_janus.PACKAGE})")
    if not own_addresses():
        skip("relay_load", "needs an address beside loopback, which Janus leaves out")
    allow_files(4096)
    ours, theirs = [], []
    with ExitStack() as stack:
        janus = _janus.Janus(stack, own_addresses()[0])
        relay = Relay(stack)
        pairs = relay.calls(CALLS, stack)
        runner = stack.enter_context(asyncio.Runner())
        publishers, to_janus, from_janus = runner.run(calls_through(janus))
        streams = [each.packets() for each in publishers]
        legs = [leg for pair in pairs for leg in pair]
        for leg in legs:
            leg.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        to_relay = [(leg, ("127.0.0.1", relay.port)) for leg in legs]
        for _ in range(RUNS):
            packets = [list(itertools.islice(each, int(SECONDS * PACKETS_A_SECOND))) for each in streams]
            theirs.append(window("Janus", janus.pid, packets, to_janus, from_janus))
            ours.append(window("relay", relay.pid, packets, to_relay, legs))
    report(
        "relay_load",
        ours,
        theirs,
        peer_name="Janus 1.1 videoroom",
        unit=f"CPU microseconds a packet at {CALLS} calls' worth of SRTP",
        reach=REACH,
        packets_a_second=rounded(2 * CALLS * PACKETS_A_SECOND),
        machine=machine(),
    )
    # aiortc's connections are not closed one by one: nobody is there to hear it.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
