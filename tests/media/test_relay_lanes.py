"""Real sockets: a leg's own lane passes on what the table lets pass, and nothing else; nobody else's gets into it."""

import errno
import socket
import threading
from queue import Queue

import pytest

from tests.media.checks import DTLS, SRTP, binding_request
from webrtc.relay import lanes as module
from webrtc.relay.lanes import Lane, Lanes
from webrtc.relay.loop import bind
from webrtc.relay.table import Table

LONG = SRTP.ljust(1501, b"x")
PATIENCE = 20.0


class World:
    """A relay's port, a table, and a call between `here` and `there` that has lanes."""

    def __init__(self, address: str, host: str) -> None:
        self.udp, self.listener = bind(address=address, port=0)
        self.host, self.table = host, Table()
        self.relay = (host, self.udp.getsockname()[1])
        self.handed_on: Queue[tuple[bytes, tuple]] = Queue()
        self.lanes = Lanes(self.udp, table=self.table, pass_on=self.pass_on)
        self.sockets: list[socket.socket] = []
        self.here, self.there = self.person(), self.person()
        self.table.open("call", "room")
        self.latch("a", self.here)
        self.latch("b", self.there)
        self.table.gate("call", passing=True)
        self.lanes.follow(next(self.table.flowing()))

    def pass_on(self, data, source):
        """As the loop does it, except that what is not for the other leg is kept."""
        destination = self.table.route(data[0], len(data), source) if data else None
        if destination is None:
            self.handed_on.put((data, source))
        else:
            self.udp.sendto(data, destination)

    def person(self) -> socket.socket:
        udp = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((self.host, 0))
        udp.settimeout(PATIENCE)
        self.sockets.append(udp)
        return udp

    def seen_as(self, udp: socket.socket) -> tuple:
        """The socket's address as the relay's own socket gives it."""
        udp.sendto(b"who am I", self.relay)
        self.udp.settimeout(PATIENCE)
        return self.udp.recvfrom(100)[1]

    def leg(self, name: str):
        return next(self.table.pairs()).legs[name]

    def latch(self, name: str, udp: socket.socket) -> None:
        credentials = self.leg(name).credentials
        request = binding_request(ufrag=credentials.ufrag, pwd=credentials.pwd, nominate=True)
        self.table.receive(request, self.seen_as(udp))

    def says(self, *packets: bytes, sender: socket.socket | None = None) -> None:
        for each in packets:
            (sender or self.here).sendto(each, self.relay)

    def close(self) -> None:
        self.lanes.close()
        for each in (self.udp, self.listener, *self.sockets):
            each.close()


@pytest.fixture(params=[("", "127.0.0.1"), ("", "::1"), ("127.0.0.1", "127.0.0.1")], ids=["4 on 6", "6", "4"])
def world(request, monkeypatch):
    monkeypatch.setattr(module, "SETTLED_SECONDS", 0.0)
    try:
        world = World(*request.param)
    except OSError:
        pytest.skip("this machine has no IPv6")
    yield world
    world.close()


def waiting(udp: socket.socket) -> list[tuple[bytes, tuple]]:
    packets = []
    udp.setblocking(False)
    try:
        while True:
            packets.append(udp.recvfrom(2048))
    except BlockingIOError:
        udp.settimeout(PATIENCE)
        return packets


def test_what_passes_goes_both_ways_from_the_relays_port_and_is_counted(world):
    world.says(DTLS, SRTP)
    assert [world.there.recvfrom(2048)[0] for _ in range(2)] == [DTLS, SRTP]
    world.there.sendto(SRTP, world.relay)
    data, (host, port, *_) = world.here.recvfrom(2048)
    assert (data, host, port) == (SRTP, *world.relay)
    a, b = world.leg("a"), world.leg("b")
    assert (a.packets, a.bytes) == (2, len(DTLS + SRTP))
    assert (b.packets, b.bytes) == (1, len(SRTP))
    assert waiting(world.udp) == []
    assert world.handed_on.empty()


def test_whatever_does_not_simply_pass_goes_the_loops_way_with_its_source(world):
    check = binding_request(ufrag="any", pwd="any")
    odd = [check, b"", b"\xff", LONG]
    world.says(*odd, SRTP)
    assert world.there.recv(2048) == SRTP
    world.table.gate("call", passing=False)
    world.says(SRTP, DTLS)
    assert world.there.recv(2048) == DTLS
    world.leg("a").ceiling = 0
    world.says(DTLS)
    source = world.leg("a").address
    handed_on = [world.handed_on.get(timeout=PATIENCE) for _ in range(6)]
    assert handed_on == [(each, source) for each in [*odd, SRTP, DTLS]]
    assert waiting(world.there) == []


def test_a_leg_that_has_moved_is_not_sent_to_where_it_was(world):
    mobile = world.person()
    world.latch("b", mobile)
    world.says(SRTP)
    assert mobile.recv(2048) == SRTP
    world.lanes.follow(next(world.table.flowing()))
    world.says(DTLS)
    assert mobile.recv(2048) == DTLS
    assert waiting(world.there) == []


def test_a_closed_pair_passes_nothing(world):
    source = world.leg("a").address
    world.table.close("call")
    world.says(SRTP)
    assert world.handed_on.get(timeout=PATIENCE) == (SRTP, source)
    assert waiting(world.there) == []


def test_nothing_is_lost_when_lanes_end(world):
    early, late = ([SRTP + bytes([kind, number]) for number in range(50)] for kind in (1, 2))
    world.says(*early)
    world.lanes.close()
    world.says(*late)
    assert [data for data, _ in waiting(world.there)] == early
    assert [data for data, _ in waiting(world.udp)] == late


def test_nothing_is_lost_that_comes_when_a_lane_has_ended_and_its_socket_is_still_there(world, monkeypatch):
    end, late = Lane.end, [SRTP + bytes([number]) for number in range(2)]
    left = iter(late)

    def end_and_hear_more(lane):
        end(lane)
        world.says(next(left))

    monkeypatch.setattr(Lane, "end", end_and_hear_more)
    world.lanes.close()
    assert [data for data, _ in waiting(world.there)] == late


def test_a_leg_that_is_gone_for_a_moment_is_sent_to_when_it_is_back(world):
    address = world.there.getsockname()
    world.there.close()
    world.says(SRTP, SRTP, SRTP)
    back = socket.socket(world.here.family, socket.SOCK_DGRAM)
    back.bind(address)
    back.settimeout(0.1)
    world.sockets.append(back)
    for _ in range(int(PATIENCE / 0.1)):
        world.says(SRTP)
        try:
            assert back.recv(2048) == SRTP
        except TimeoutError:
            continue
        return
    pytest.fail("nothing arrives any more")


def test_strangers_whom_the_kernel_gives_to_a_lane_are_seen_as_strangers(world, monkeypatch):
    """Between bind and connect it deals out everybody's datagrams to both sockets."""
    call, strangers = next(world.table.flowing()), [world.person() for _ in range(20)]
    expected = {SRTP + bytes([number]): world.seen_as(each) for number, each in enumerate(strangers)}

    class Slow(socket.socket):
        def connect(self, address):
            if opening:
                for data, stranger in zip(expected, strangers, strict=True):
                    stranger.sendto(data, world.relay)
            super().connect(address)

    world.lanes.close()
    opening = True
    with monkeypatch.context() as slowly:
        slowly.setattr(module.socket, "socket", Slow)
        world.lanes.follow(call)
    opening = False
    world.says(SRTP)
    assert world.there.recv(2048) == SRTP
    world.lanes.close()
    handed_on = [world.handed_on.get() for _ in range(world.handed_on.qsize())]
    assert handed_on
    everything = sorted(handed_on + waiting(world.udp))
    assert everything == sorted(2 * list(expected.items()))
    assert waiting(world.there) == waiting(world.here) == []


def test_a_lane_that_has_died_is_replaced(world, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda what: None)
    died = threading.Event()
    honest = world.pass_on

    def dies(data, source):
        died.set()
        raise RuntimeError

    call = next(world.table.flowing())
    world.lanes.close()
    world.lanes._pass_on = dies
    world.lanes.follow(call)
    world.says(b"\xff")
    assert died.wait(PATIENCE)
    world.lanes._lanes[0]._thread.join(PATIENCE)
    world.lanes._pass_on = honest
    world.lanes.follow(call)
    world.says(SRTP)
    assert world.there.recv(2048) == SRTP


def test_the_port_is_nobody_elses(world):
    with pytest.raises(OSError, match=str(errno.EADDRINUSE)):
        bind(address=world.udp.getsockname()[0].replace("::", ""), port=world.relay[1])
