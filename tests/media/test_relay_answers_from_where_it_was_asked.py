"""A machine with several addresses: what answers a browser leaves from the one it has sent to, for it takes no other.

Loopback has several, and a browser on one of them that sends to another would by itself be answered from its own.
"""

import errno
import socket
from contextlib import ExitStack

import pytest

from tests.media.checks import DTLS, SRTP
from tests.media.test_relay_process_keeps_calls_alive import Browser, passes
from webrtc.relay.arrivals import IP_PKTINFO, Arrivals, Via
from webrtc.relay_process import RelayProcess, RelaySettings

MANY = 200  # so many at once go in batches


class Elsewhere(Browser):
    """Sends to `address` of the relay's machine, and hears nothing that comes from anywhere else."""

    def __init__(self, port, leg, address):
        super().__init__(port, leg)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(("127.0.0.1", 0))
        self.goes_to(address)

    def goes_to(self, address):
        self.relay = (address, self.relay[1])
        self.udp.connect(self.relay)


@pytest.fixture(params=["", "0.0.0.0"], ids=["IPv6-and-IPv4", "IPv4"])
async def relay(request, tmp_path):
    relay = RelayProcess()
    await relay.start_or_find(RelaySettings(data=tmp_path, orphan_minutes=0.5, address=request.param))
    yield relay
    await relay.stop(kill=True)


@pytest.fixture
async def call(relay):
    pair = await relay.client.open(pair="p", room="room")
    await relay.client.gate(pair="p", passing=True)
    with ExitStack() as stack:
        mira = Elsewhere(relay.client.port, pair.legs["a"], "127.0.0.2")
        reyes = Browser(relay.client.port, pair.legs["b"])
        for each in (mira, reyes):
            stack.enter_context(each.udp)
        await reyes.check(nominate=True)
        yield mira, reyes


async def test_a_check_and_the_call_after_it_are_answered_from_the_address_that_was_asked(call):
    mira, reyes = call
    await mira.check(nominate=True)
    for data in (DTLS, SRTP):
        assert await passes(mira, reyes, data)
        assert await passes(reyes, mira, data)


async def test_so_is_a_call_of_many_packets_at_once(call):
    mira, reyes = call
    await mira.check(nominate=True)
    sent = [SRTP + number.to_bytes(2, "big") for number in range(MANY)]
    for each in sent:
        reyes.says(each)
    assert [await mira.hears() for _ in sent] == sent
    await mira.check()


async def test_a_browser_that_nominates_another_address_of_ours_is_answered_from_that_one(call):
    mira, reyes = call
    await mira.check()
    mira.goes_to("127.0.0.3")
    await mira.check(nominate=True)
    assert await passes(reyes, mira, SRTP)


def test_where_no_more_sockets_can_be_had_it_is_answered_from_where_it_was_asked_all_the_same(monkeypatch):
    def none_left(*_):
        raise OSError(errno.EMFILE, "too many open files")

    arrivals = Arrivals(socket.AF_INET)
    note = (socket.IPPROTO_IP, IP_PKTINFO, bytes(4) + bytes((127, 0, 0, 2)) + bytes(4))
    monkeypatch.setattr(socket, "socket", none_left)
    answered = arrivals.answering(("127.0.0.1", 5000), [note])
    assert isinstance(answered, Via)
    assert (answered, answered.local) == (("127.0.0.1", 5000), bytes((127, 0, 0, 2)))
