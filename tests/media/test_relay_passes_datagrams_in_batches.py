"""Real sockets: one by one or many at once, the same datagrams go on, whole, in order, and to the right one."""

import socket
from collections import Counter

import pytest

from webrtc.relay.arrivals import Notes
from webrtc.relay.datagrams import LOOKS, NOW_OR_NEVER, SLOT, Datagrams
from webrtc.relay.legs import TcpAddress

MANY = 4 * LOOKS
STREAM = TcpAddress("192.0.2.1", 1, 1)


class World:
    """What begins with p passes to `there`, with t to a TCP connection, and the rest is looked at."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        self.udp, self.here, self.there = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(3))
        for each in (self.udp, self.here, self.there):
            each.bind((host, 0))
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.there.setblocking(False)
        self.to = self.there.getsockname()
        self.dropped: Counter[str] = Counter()
        self.looked_at: list[tuple[bytes, object]] = []
        self.noted: list[bytes] = []
        self.streamed: list[tuple[bytes, object]] = []
        self.datagrams = Datagrams(
            self.udp,
            route=self.route,
            look=self.look,
            send_elsewhere=lambda *facts: self.streamed.append(facts),
            dropped=self.dropped,
        )

    def look(self, data: bytes, source: object, notes: Notes) -> None:
        self.looked_at.append((data, source))
        [(_, _, note)] = notes
        self.noted.append(note)

    def route(self, first: int, size: int, source: object) -> tuple | None:
        assert source == self.here.getsockname()
        return {ord("p"): self.to, ord("t"): STREAM}.get(first) if size else None

    def send(self, packets: list[bytes]) -> None:
        for packet in packets:
            self.here.sendto(packet, self.udp.getsockname())
        for _ in packets:
            self.datagrams.pass_on(NOW_OR_NEVER)

    def arrived(self) -> list[bytes]:
        packets = []
        try:
            while True:
                packets.append(self.there.recv(SLOT))
        except BlockingIOError:
            return packets

    def close(self) -> None:
        for each in (self.udp, self.here, self.there):
            each.close()


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"])
def world(request):
    try:
        world = World(*request.param)
    except OSError:
        pytest.skip("this machine has no IPv6")
    yield world
    world.close()


def packet(kind: bytes, number: int) -> bytes:
    return kind + number.to_bytes(2, "big") + bytes(number % 97)


def test_many_at_once_arrive_as_they_were_sent(world):
    sent = [packet(b"p", number) for number in range(MANY)]
    world.send(sent)
    assert world.arrived() == sent
    assert world.dropped == {}


def test_what_does_not_pass_is_looked_at_and_the_rest_arrives_in_order(world):
    kinds = [b"p", b"x", b"p", b"t", b"p", b""]
    sent = [packet(kinds[n % 6], n) if kinds[n % 6] else b"" for n in range(MANY)]
    world.send(sent)
    assert world.arrived() == [each for each in sent if each[:1] == b"p"]
    here = world.here.getsockname()
    assert world.looked_at == [(each, here) for each in sent if each[:1] in (b"x", b"")]
    assert world.streamed == [(each, STREAM) for each in sent if each[:1] == b"t"]


def test_what_is_looked_at_says_to_which_address_of_ours_it_came_one_by_one_and_in_batches(world):
    world.send([packet(b"x", number) for number in range(MANY)])
    host = socket.inet_pton(world.udp.family, world.udp.getsockname()[0])
    assert len(world.noted) == MANY
    assert all(host in note for note in world.noted)


def test_one_that_cannot_be_sent_is_counted_and_costs_no_other(world):
    nowhere = (world.to[0], 0, *world.to[2:])
    routes = [world.to, nowhere, world.to]
    world.datagrams._route = lambda first, size, source: routes[size % 3]
    sent = [b"p" * (1 + number % 3) for number in range(MANY)]
    world.send(sent)
    assert world.arrived() == [each for each in sent if routes[len(each) % 3] is world.to]
    assert sum(world.dropped.values()) == sum(routes[len(each) % 3] is nowhere for each in sent)
