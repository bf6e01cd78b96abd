"""Under any order of events the relay sends nothing to, and takes nothing from, an address that has not
proved the leg's password; and no media passes a closed gate. An address may be a TCP connection, which comes and goes
and is worth nothing once it is closed."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.media.checks import binding_request
from webrtc.relay.legs import SORTS, SRTP, STUN, Limits, PairExists, RelayFull, TcpAddress
from webrtc.relay.table import Table

CONNECTIONS = [TcpAddress("192.0.2.1", port, number) for port in (1, 2) for number in (1, 2, 3)]
ADDRESSES = st.sampled_from([*(("192.0.2.1", port) for port in range(1, 5)), *CONNECTIONS])
PAIRS = st.sampled_from(["p", "q", "r"])
LEGS = st.sampled_from(["a", "b"])
MEDIA = st.sampled_from([bytes([first]) + b"body" for first in (20, 22, 63, 128, 191)])
LARGE = st.sampled_from([bytes([first]) * size for first in (22, 128) for size in (300, 301)])
NOISE = st.binary(max_size=60)


class RelayTable(RuleBasedStateMachine):
    issued = Bundle("issued")

    def __init__(self):
        super().__init__()
        limits = Limits(
            pairs=2,
            held=3,
            datagram=300,
            strangers=4,
            bits_per_second=8_000,
            connections=5,
            unproven=3,
            junk=6,
        )
        self.table = Table(limits=limits)
        self.open: set[TcpAddress] = set()
        self.now = 0.0
        self.passing: dict[str, bool] = {}
        # The model knows only what the outside knows: which password was handed out for which leg of which
        # opening, and from where a check signed with it has come while it was good.
        self.opening: dict[str, int] = {}
        self.good: dict[str, tuple[str, int, str]] = {}  # ufrag → pair, opening, leg
        self.newest: dict[tuple[str, int, str], str] = {}
        self.proved: set[tuple[str, int, str, tuple]] = set()
        self.last_check: dict[tuple, tuple[str, int, str]] = {}

    # Events -------------------------------------------------------------------------------------------

    @initialize(target=issued)
    def start_with_a_pair(self):
        return self._open("p")

    @rule(target=issued, pair=PAIRS)
    def open(self, pair):
        return self._open(pair)

    def _open(self, pair):
        try:
            legs = self.table.open(pair, "room").legs
        except (PairExists, RelayFull):
            return None
        self.opening[pair] = self.opening.get(pair, 0) + 1
        self.passing[pair] = False
        made = []
        for name, leg in legs.items():
            key = (pair, self.opening[pair], name)
            self.good[leg.credentials.ufrag] = key
            self.newest[key] = leg.credentials.ufrag
            made.append(leg.credentials)
        return made

    @rule(target=issued, pair=PAIRS, leg=LEGS)
    def replace_leg(self, pair, leg):
        if pair not in self.passing:
            return None
        fresh = self.table.replace_leg(pair, leg)
        self.good[fresh.ufrag] = (pair, self.opening[pair], leg)
        return [fresh]

    @rule(pair=PAIRS, passing=st.booleans())
    def gate(self, pair, passing):
        if pair in self.passing:
            self.table.gate(pair, passing=passing)
            self.passing[pair] = passing

    @rule(pair=PAIRS)
    def close(self, pair):
        if pair in self.passing:
            self.table.close(pair)
            self._closed(pair)

    @rule(address=st.sampled_from(CONNECTIONS))
    def connect(self, address):
        if address not in self.open:
            self.open.add(address)
            self.table.connect(address)
            self._hang_up()

    @rule(address=st.sampled_from(CONNECTIONS))
    def disconnect(self, address):
        if address in self.open:
            self._gone(address)

    def _gone(self, address):
        self.table.disconnect(address)
        self.open.discard(address)
        # Whoever takes this address later has to prove everything again.
        self.proved = {proof for proof in self.proved if proof[3] != address}

    @invariant()
    def _hang_up(self):
        """As the loop does, right after whatever it was that made the table want it."""
        leaving = self.table.connections.hangups.copy()
        self.table.connections.hangups.clear()
        assert set(leaving) <= self.open and len(set(leaving)) == len(leaving)
        for address in leaving:
            self._gone(address)

    @rule(seconds=st.sampled_from([0.1, 0.6, 1.5, 14.0, 61.0]))
    def time_passes(self, seconds):
        self.now += seconds
        self.table.tick(self.now)
        self._look_for_closed()

    @rule(made=issued, which=st.integers(0, 1), source=ADDRESSES, nominate=st.booleans())
    def check(self, made, which, source, nominate):
        self._check(made, which, source, nominate=nominate)

    @rule(made=consumes(issued), which=st.integers(0, 1), source=ADDRESSES)
    def check_with_role_conflict(self, made, which, source):
        self._check(made, which, source, role="ICE-CONTROLLED")

    @rule(made=issued, which=st.integers(0, 1), source=ADDRESSES, nominate=st.booleans())
    def wrong_check(self, made, which, source, nominate):
        if made:
            ufrag = made[which % len(made)].ufrag
            request = binding_request(ufrag=ufrag, pwd="guessed", nominate=nominate)
            assert self.table.receive(request, source) is None
            assert self.table.outbox == []

    @rule(data=MEDIA | LARGE, source=ADDRESSES)
    def media(self, data, source):
        destination = self._receive(data, source)
        assert self.table.outbox == []
        if destination is not None:
            assert len(data) <= 300
            self._judge(data, source, destination)

    @rule(data=NOISE, source=ADDRESSES)
    def noise(self, data, source):
        destination = self._receive(data, source)
        assert self.table.outbox == []
        if destination is not None:
            self._judge(data, source, destination)

    @precondition(lambda self: self.passing)
    @rule(source=ADDRESSES, other=ADDRESSES, data=MEDIA)
    def two_connected_legs_reach_each_other(self, source, other, data):
        """The other half of the promise: a table that forwards nothing at all would be safe and useless."""
        pair = min(self.passing)
        if source == other:
            return
        for address in {source, other} & set(CONNECTIONS):
            self.connect(address)
        self.time_passes(1.0)
        if pair not in self.passing:
            return
        for leg, address in (("a", source), ("b", other)):
            found = next(p for p in self.table.pairs() if p.name == pair).legs[leg]
            self._check([found.fresh or found.credentials], 0, address, nominate=True)
            self._hang_up()
        if {source, other} & set(CONNECTIONS) - self.open:
            return  # one of them was one too many
        destination = self._receive(data, source)
        assert destination == (other if SORTS[data[0]] != SRTP or self.passing[pair] else None)

    def _receive(self, data, source):
        """As the loop does it. Whatever the packet is: it goes on, it waits, or a count says why not."""
        before = self._accounted_for()
        destination = self.table.route(data[0], len(data), source) if data else None
        if destination is None:
            destination = self.table.receive(data, source)
        if source in self.open or source not in CONNECTIONS:
            assert self._accounted_for() > before
        return destination

    def _accounted_for(self):
        legs = [leg for pair in self.table.pairs() for leg in pair.legs.values()]
        dropped = sum(self.table.dropped.values())
        return dropped + sum(leg.packets + len(leg.held) for leg in legs)

    # The judge ----------------------------------------------------------------------------------------

    def _check(self, made, which, source, **more):
        if not made:
            return
        credentials = made[which % len(made)]
        key = self.good[credentials.ufrag]
        request = binding_request(ufrag=credentials.ufrag, pwd=credentials.pwd, **more)
        assert self.table.receive(request, source) is None
        sent = self.table.outbox.copy()
        self.table.outbox.clear()
        if not sent:
            return
        pair, opening, leg = key
        assert pair in self.passing and opening == self.opening[pair], "a closed pair was answered"
        assert sent[0][1] == source
        assert len(sent[0][0]) <= len(request), "it amplifies"
        assert SORTS[sent[0][0][0]] == STUN
        if "role" not in more:
            self.proved.add((pair, opening, leg, source))
        for data, destination in sent[1:]:
            assert destination == source
            assert SORTS[data[0]] != SRTP, "media was held"
            other = "b" if leg == "a" else "a"
            assert any(proof[:3] == (pair, opening, other) for proof in self.proved)

    def _judge(self, data, source, destination):
        sort = SORTS[data[0]]
        assert sort not in (0, STUN)
        assert {source, destination} & set(CONNECTIONS) <= self.open, "a closed connection took part"
        routes = [
            (pair, leg)
            for pair, opening, leg, address in self.proved
            if address == source and self.opening[pair] == opening and pair in self.passing
            and (pair, opening, "b" if leg == "a" else "a", destination) in self.proved
        ]  # fmt: skip
        assert routes, "forwarded from or to an address that proved nothing"
        if sort == SRTP:
            assert any(self.passing[pair] for pair, _ in routes), "media passed a closed gate"

    def _closed(self, pair):
        del self.passing[pair]

    @invariant()
    def _look_for_closed(self):
        for event in self.table.events:
            if event["event"] == "closed" and event["reason"] == "silent":
                self.passing.pop(event["pair"], None)
        self.table.events.clear()

    @invariant()
    def nothing_is_left_of_closed_pairs(self):
        assert {pair.name for pair in self.table.pairs()} == set(self.passing)
        assert len(self.table._by_address) <= 4 * len(self.passing)
        assert len(self.table._by_ufrag) <= 4 * len(self.passing)
        assert len(self.table._asked) <= 4 + 1 + 4 * len(self.passing)
        for address, leg in self.table._by_address.items():
            assert address in (leg.address, leg.former)
            assert address in self.open or address not in CONNECTIONS
        assert self.table.connections.stats()["open"] == len(self.open) <= 5
        assert self.table.connections.stats()["unproven"] <= 3


RelayTable.TestCase.settings = settings(max_examples=120, stateful_step_count=40)
test_the_table_never_forwards_to_or_from_a_stranger = RelayTable.TestCase
