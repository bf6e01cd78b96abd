"""A million hostile datagrams at the real relay process: each is counted under its reason, only a replayed check is
answered, and with fewer bytes than it has; the memory stays what it was, and the call goes on. Under a minute."""

import asyncio
import random
import resource
import socket
from contextlib import ExitStack

import pytest

from tests.media.checks import DTLS, SRTP, binding_request, resident
from tests.media.test_relay_process_keeps_calls_alive import Browser, passes
from webrtc.relay_client import RelayClient

MILLION = 1_000_000
CHUNK = (
    2000  # after which the relay has to have counted all: the kernel's buffer holds more, so it loses none
)
WARM = 200_000  # what is kept of strangers is bounded, and by then full
SEED = 48
SOURCES = 5000  # more than are counted one by one within a second
GROWTH = 2 * 1024 * 1024
REASONS = {"unlatched", "not-a-request", "malformed", "unknown-ufrag", "bad-integrity", "too-often"}


class Strangers:
    """Sockets on addresses of their own; `answered` is what came back to them."""

    def __init__(self, stack: ExitStack, port: int) -> None:
        self.relay = ("127.0.0.1", port)
        self.sockets = []
        for number in range(SOURCES):
            udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            udp.bind((f"127.7.{number >> 8}.{number & 255}", 0))
            udp.setblocking(False)
            self.sockets.append(udp)

    def answered(self) -> int:
        total = 0
        for udp in self.sockets:
            try:
                while True:
                    total += len(udp.recv(2048))
            except BlockingIOError:
                pass
        return total


def hostile(leg, random: random.Random) -> list[bytes]:
    """One of each kind, as strangers send them who have seen the call's checks."""
    forged = binding_request(ufrag=leg.ufrag, pwd="guessed" * 4, nominate=True)
    signed = binding_request(ufrag=leg.ufrag, pwd=leg.pwd)
    cut = bytearray(signed)
    cut[random.randrange(20, len(cut))] ^= 1 << random.randrange(8)
    return [
        signed,
        forged,
        binding_request(ufrag="0123456789ab", pwd=leg.pwd),
        bytes(cut),
        signed[: random.randrange(len(signed))],
        random.randbytes(random.randrange(200)),
        bytes([0, 1]) + random.randbytes(60),
        DTLS.ljust(2000, b"x"),
        SRTP.ljust(1200, b"x"),
        b"\xff",
        b"",
    ]


@pytest.fixture
def files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < SOURCES + 500:
        pytest.skip(f"needs {SOURCES + 500} open files, and the system allows {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, SOURCES + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def counts(client: RelayClient, expected: int) -> dict:
    """Each of so many is a check that was answered or has a reason why it was dropped."""
    async with asyncio.timeout(10):
        while True:
            stats = await client.stats()
            if sum(stats["dropped"].values()) + stats["checks"] >= expected:
                break
    assert sum(stats["dropped"].values()) + stats["checks"] == expected
    return stats


async def test_all_are_counted_none_is_amplified_and_the_memory_stays(relay, files) -> None:
    dice = random.Random(SEED)
    client = relay.client
    pair = await client.open(pair="call", room="room")
    await client.gate(pair="call", passing=True)
    call = [Browser(client.port, leg) for leg in pair.legs.values()]
    for browser in call:
        await browser.check(nominate=True)
    with ExitStack() as stack:
        for browser in call:
            stack.enter_context(browser.udp)
        strangers = Strangers(stack, client.port)
        answered = before = 0
        for number in range(0, MILLION, CHUNK):
            kinds = hostile(call[0].leg, dice)
            # Now from one address, now from a few, now from more than are counted one by one.
            crowd = dice.choice((1, 1, 16, 16, SOURCES))
            for each in range(CHUNK):
                udp, data = strangers.sockets[(number + each) % crowd], kinds[each % len(kinds)]
                udp.sendto(data, strangers.relay)
            stats = await counts(client, 2 + number + CHUNK)
            if number <= WARM:
                before = resident(client.pid)
            if not number % (10 * CHUNK):
                answered += strangers.answered()
                assert await passes(call[0], call[1], SRTP + number.to_bytes(4, "big"))
        answered += strangers.answered()
    assert resident(client.pid) - before < GROWTH
    assert 0 < answered < (stats["checks"] - 2) * len(kinds[0])
    assert set(stats["dropped"]) == REASONS
