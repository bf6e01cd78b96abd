"""Whatever arrives over real TCP connections, in whatever pieces and order: nothing is raised, nobody unproven is
forwarded or answered, and what the relay keeps stays small."""

import socket

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.media.checks import DTLS, SRTP, binding_request
from webrtc.relay.framing import HEADER, LONGEST, framed
from webrtc.relay.legs import Address, Credentials, Limits
from webrtc.relay.loop import bind
from webrtc.relay.outgoing import OTHER_BYTES, VIDEO_BYTES
from webrtc.relay.table import Table
from webrtc.relay.tcp import Streams

GOOD = Credentials(ufrag="goodleg", pwd="p" * 32)
OTHER = Credentials(ufrag="otherleg", pwd="q" * 32)
WHO = st.integers(0, 3)
BYTES = (
    st.binary(max_size=300)
    | st.binary(max_size=60).map(framed)
    | st.sampled_from(
        [
            b"\xff\xff",
            b"\x05\xdc" + bytes(700),
            framed(b"") * 40,
            framed(b"\xff" * 9) * 20,
            framed(SRTP) * 30,
            framed(DTLS),
            framed(binding_request(ufrag=GOOD.ufrag, pwd="guessed", nominate=True)),
            framed(binding_request(ufrag="nobody", pwd="guessed")) * 5,
            framed(bytes(LONGEST)) * 12,
        ]
    )
)
STEPS = st.lists(
    st.tuples(st.just("connect"), WHO)
    | st.tuples(st.just("send"), WHO, BYTES)
    | st.tuples(st.just("prove"), WHO)
    | st.tuples(st.just("leave"), WHO)
    | st.tuples(st.just("answer"), st.binary(min_size=1, max_size=1500), st.integers(1, 200))
    | st.tuples(st.just("wait"), st.sampled_from([0.1, 6.0, 61.0])),
    max_size=25,
)


class World:
    """The relay's TCP half with its real sockets, served by hand: one turn after each step."""

    def __init__(self) -> None:
        made = iter([GOOD, OTHER])
        udp, listener = bind(address="127.0.0.1", port=0)
        udp.close()
        self.address = listener.getsockname()
        self.table = Table(limits=Limits(connections=6, unproven=3), make_credentials=lambda: next(made))
        self.table.open("p", "room")
        self.table.gate("p", passing=True)
        self.forwarded: list[Address] = []
        self.streams = Streams(listener=listener, table=self.table, forward=self._forward)
        self.clients: dict[int, socket.socket] = {}
        self.now = 0.0

    def _forward(self, packet: bytes, destination: Address) -> None:
        self.forwarded.append(destination)

    def turn(self) -> None:
        while ready := self.streams.wait(0.0):
            for key, mask in ready:
                key.data(mask)
            for packet, destination in self.table.outbox:
                self.streams.send(packet, destination)
            self.table.outbox.clear()
            hangups = self.table.connections.hangups
            while hangups:
                self.streams.hang_up(hangups.pop())

    def does(self, step: tuple) -> None:
        verb, *facts = step
        getattr(self, verb)(*facts)
        self.turn()

    def connect(self, who: int) -> None:
        if who not in self.clients:
            self.clients[who] = socket.create_connection(self.address, 2)
            self.clients[who].setblocking(False)

    def send(self, who: int, data: bytes) -> None:
        if who in self.clients:
            try:
                self.clients[who].send(data)
            except OSError:
                self.leave(who)

    def prove(self, who: int) -> None:
        self.send(who, framed(binding_request(ufrag=GOOD.ufrag, pwd=GOOD.pwd, nominate=True)))

    def leave(self, who: int) -> None:
        if who in self.clients:
            self.clients.pop(who).close()

    def answer(self, packet: bytes, times: int) -> None:
        """The other leg sends; nobody here reads."""
        for pair in self.table.pairs():
            if pair.legs["a"].kind == "tcp":
                for _ in range(times):
                    self.streams.send(packet, pair.legs["a"].address)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.table.tick(self.now)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.streams.close()


@settings(max_examples=60)
@given(steps=STEPS)
@example(steps=[("connect", 0), ("send", 0, b"\xff\xff"), ("send", 0, b"more"), ("prove", 0)])
@example(steps=[("connect", n % 4) for n in range(8)])
@example(steps=[("connect", 0), ("prove", 0), ("answer", b"\x80" * 1200, 200), ("leave", 0), ("connect", 0)])
@example(steps=[("connect", 0), ("prove", 0), ("wait", 61.0), ("prove", 0), ("send", 0, framed(SRTP))])
@example(steps=[("connect", 0), ("prove", 0), ("connect", 1), ("prove", 1), ("leave", 1), ("prove", 0)])
def test_no_input_raises_is_kept_or_reaches_anybody(steps: list[tuple]) -> None:
    world = World()
    try:
        for step in steps:
            world.does(step)
            assert world.forwarded == [], "the other leg has never been heard"
            open_now = world.table.connections.stats()["open"]
            assert open_now == len(world.streams.connected) <= 6
            for connection in world.streams.connected.values():
                assert connection.frames.kept < HEADER + LONGEST
                assert connection.outgoing.kept <= VIDEO_BYTES + OTHER_BYTES + HEADER + LONGEST
            latched = set(world.table._by_address)
            assert latched <= set(world.streams.connected)
    finally:
        world.close()
