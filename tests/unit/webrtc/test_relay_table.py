"""The relay's table by itself: who is latched, what is held, what the gate lets through, what is refused."""

import pytest

from tests.media.checks import DTLS, SRTP, binding_request, read_answer
from webrtc.relay.arrivals import Via
from webrtc.relay.legs import Limits, NoSuchLeg, NoSuchPair, PairExists, RelayFull, TcpAddress
from webrtc.relay.table import Table

MIRA, REYES, STRANGER, MOBILE = (("192.0.2.1", n) for n in (1, 2, 3, 4))


class World:
    """A table, a clock and one pair."""

    def __init__(self, **limits):
        self.table = Table(limits=Limits(**limits))
        self.now = 0.0
        self.legs = self.table.open("p", "room").legs

    def after(self, seconds):
        self.now += seconds
        self.table.tick(self.now)

    def check(self, leg, source, *, credentials=None, **more):
        credentials = credentials or self.legs[leg].credentials
        request = binding_request(ufrag=credentials.ufrag, pwd=credentials.pwd, **more)
        assert self.table.receive(request, source) is None
        return self.sent()

    def sent(self):
        sent = self.table.outbox.copy()
        self.table.outbox.clear()
        return sent

    def happened(self):
        events = self.table.events.copy()
        self.table.events.clear()
        return events

    def connect(self):
        self.check("a", MIRA, nominate=True)
        self.check("b", REYES, nominate=True)
        self.happened()
        return self


def test_both_legs_latch_on_their_first_signed_check_and_then_reach_each_other():
    world = World()
    [(answer, to)] = world.check("a", MIRA)
    assert to == MIRA
    assert read_answer(answer, pwd=world.legs["a"].credentials.pwd)
    world.check("b", REYES)
    assert world.happened() == [
        {"event": "latched", "pair": "p", "leg": "a", "kind": "udp"},
        {"event": "latched", "pair": "p", "leg": "b", "kind": "udp"},
    ]
    assert world.table.receive(DTLS, MIRA) == REYES
    assert world.table.receive(DTLS, REYES) == MIRA


@pytest.mark.parametrize("data", [DTLS, SRTP, b"", b"\x00", b"\xff", b"\x01\x01" + bytes(18)])
def test_a_stranger_gets_no_answer_and_nothing_passed_on(data):
    world = World().connect()
    assert world.table.receive(data, STRANGER) is None
    assert world.sent() == []
    assert sum(world.table.dropped.values()) == 1


def test_a_wrongly_signed_check_latches_nothing():
    world = World()
    credentials = world.legs["a"].credentials
    world.table.receive(binding_request(ufrag=credentials.ufrag, pwd="guessed"), STRANGER)
    assert world.sent() == []
    assert world.legs["a"].address is None
    assert world.table.dropped == {"bad-integrity": 1}


def test_media_waits_for_the_gate_while_the_handshake_passes():
    world = World().connect()
    assert world.table.receive(SRTP, MIRA) is None
    assert world.table.receive(DTLS, MIRA) == REYES
    world.table.gate("p", passing=True)
    assert world.table.receive(SRTP, MIRA) == REYES
    world.table.gate("p", passing=False)
    assert world.table.receive(SRTP, REYES) is None
    assert world.table.dropped == {"gated": 2}


def test_neither_stun_nor_unknown_datagrams_ever_pass_to_the_other_side():
    world = World().connect()
    world.table.gate("p", passing=True)
    for first in [*range(4), *range(4, 20), *range(64, 128), *range(192, 256)]:
        assert world.table.receive(bytes([first]) + bytes(30), MIRA) is None


def test_an_early_handshake_waits_for_the_other_side_in_order():
    world = World()
    world.check("a", MIRA)
    early = [DTLS + bytes([n]) for n in range(20)]
    for data in early:
        assert world.table.receive(data, MIRA) is None
    (_, to), *flushed = world.check("b", REYES)
    assert to == REYES
    assert flushed == [(data, REYES) for data in early[:16]]
    assert world.table.dropped == {"no-peer-yet": 4}


def test_what_waited_for_more_than_a_second_is_dropped():
    world = World()
    world.check("a", MIRA)
    world.table.receive(DTLS, MIRA)
    world.after(1.1)
    world.table.receive(DTLS + b"again", MIRA)
    assert world.check("b", REYES)[1:] == [(DTLS + b"again", REYES)]


def test_media_is_not_held_because_the_gate_may_close_meanwhile():
    world = World()
    world.check("a", MIRA)
    world.table.gate("p", passing=True)
    world.table.receive(SRTP, MIRA)
    world.table.gate("p", passing=False)
    assert len(world.check("b", REYES)) == 1


def test_a_check_from_elsewhere_is_answered_but_moves_nothing_until_it_nominates():
    world = World().connect()
    [(answer, to)] = world.check("a", MOBILE)
    assert to == MOBILE
    assert read_answer(answer, pwd=world.legs["a"].credentials.pwd)
    assert world.table.receive(DTLS, REYES) == MIRA
    assert world.table.receive(DTLS, MOBILE) is None
    world.check("a", MOBILE, nominate=True)
    assert world.table.receive(DTLS, REYES) == MOBILE
    assert world.happened() == [{"event": "moved", "pair": "p", "leg": "a", "kind": "udp"}]


def test_before_it_nominates_a_browser_is_where_it_sends_from_of_the_addresses_it_has_proved():
    """Its handshake leaves by the first way that was answered, a round trip before the nomination."""
    world = World()
    world.check("b", REYES, nominate=True)
    for source in (MIRA, MOBILE):
        world.check("a", source)
    assert world.table.receive(DTLS, REYES) == MIRA
    assert world.table.receive(DTLS, MOBILE) == REYES
    assert world.table.receive(DTLS, REYES) == MOBILE
    assert world.table.receive(DTLS, STRANGER) is None
    assert world.table.receive(SRTP, MIRA) is None, "a gate is a gate, on whatever way"


def test_having_nominated_a_browser_moves_by_nothing_but_another_nomination():
    world = World()
    world.check("b", REYES, nominate=True)
    world.check("a", MIRA)
    world.check("a", MOBILE)
    world.check("a", MIRA, nominate=True)
    world.check("a", MOBILE)
    assert world.table.receive(DTLS, MOBILE) is None
    assert world.table.receive(DTLS, REYES) == MIRA


def test_after_an_ice_restart_a_browser_chooses_anew():
    world = World().connect()
    fresh = world.table.replace_leg("p", "a")
    for source in (MOBILE, STRANGER):
        world.check("a", source, credentials=fresh)
    assert world.table.receive(DTLS, STRANGER) == REYES
    assert world.table.receive(DTLS, REYES) == STRANGER


def test_where_the_old_credentials_were_proved_counts_no_more_once_the_fresh_ones_arrive():
    world = World()
    world.check("b", REYES, nominate=True)
    for source in (MIRA, MOBILE):
        world.check("a", source)
    fresh = world.table.replace_leg("p", "a")
    world.check("a", STRANGER, credentials=fresh)
    assert world.table.receive(DTLS, MOBILE) is None
    assert world.table.receive(DTLS, REYES) == STRANGER


def test_whoever_sends_before_nominating_is_answered_from_the_address_they_sent_to():
    world = World()
    world.check("b", REYES, nominate=True)
    world.table.answering = lambda source: Via.of(source, b"ours")
    for source in (MIRA, MOBILE):
        world.check("a", source)
    assert world.table.receive(DTLS, MOBILE) == REYES
    answered = world.table.receive(DTLS, REYES)
    assert answered == MOBILE
    assert isinstance(answered, Via)


def test_of_the_addresses_a_browser_proves_only_the_last_are_kept_and_none_beyond_its_pair():
    world = World()
    world.check("b", REYES, nominate=True)
    ports = range(100, 110)
    for port in ports:
        world.check("a", ("192.0.2.9", port))
    passed = [port for port in ports if world.table.receive(DTLS, ("192.0.2.9", port))]
    assert passed == [100, *range(102, 110)], "where it latched, and the last eight"
    world.table.close("p")
    assert not any(world.table.receive(DTLS, ("192.0.2.9", port)) for port in ports)


def test_what_is_still_on_its_way_from_the_former_address_passes_for_two_seconds():
    world = World().connect()
    world.check("a", MOBILE, nominate=True)
    world.after(1.9)
    assert world.table.receive(DTLS, MIRA) == REYES
    world.after(0.2)
    assert world.table.receive(DTLS, MIRA) is None


def test_moving_back_and_forth_leaves_one_address():
    world = World().connect()
    for source in (MOBILE, MIRA, STRANGER, MIRA, MOBILE):
        world.check("a", source, nominate=True)
    world.after(2.1)
    assert world.table.receive(DTLS, REYES) == MOBILE
    assert [world.table.receive(DTLS, s) for s in (MIRA, STRANGER, MOBILE)] == [None, None, REYES]


def test_a_role_conflict_is_answered_and_latches_nothing():
    world = World()
    assert len(world.check("a", MIRA, role="ICE-CONTROLLED", nominate=True)) == 1
    assert world.legs["a"].address is None


def test_fresh_credentials_take_over_only_when_they_latch():
    world = World().connect()
    old = world.legs["a"].credentials
    fresh = world.table.replace_leg("p", "a")
    assert fresh != old
    assert len(world.check("a", MIRA, credentials=old)) == 1
    assert world.table.receive(DTLS, REYES) == MIRA
    assert world.happened() == []
    world.check("a", MOBILE, credentials=fresh)
    assert world.table.receive(DTLS, REYES) == MOBILE
    assert world.table.receive(DTLS, MIRA) == REYES
    assert world.check("a", MIRA, credentials=old) == []
    assert world.happened() == [{"event": "latched", "pair": "p", "leg": "a", "kind": "udp"}]


def test_fresh_credentials_asked_for_twice_leave_only_the_last():
    world = World().connect()
    first = world.table.replace_leg("p", "a")
    second = world.table.replace_leg("p", "a")
    assert world.check("a", MOBILE, credentials=first) == []
    assert len(world.check("a", MOBILE, credentials=second)) == 1


def test_a_newer_connection_on_the_same_port_takes_it_over():
    world = World().connect()
    newer = world.table.open("q", "room").legs["a"].credentials
    world.check("a", MIRA, credentials=newer)
    assert world.table.receive(DTLS, REYES) is None
    assert world.legs["a"].address is None
    world.table.close("p")
    assert len(world.check("a", MIRA, credentials=newer)) == 1


def test_silence_is_reported_then_the_address_is_forgotten_and_the_pair_lives_while_one_side_is_heard():
    world = World().connect()
    heard = []
    for _ in range(13):
        world.after(5.0)
        world.table.receive(DTLS, REYES)
        heard += world.happened()
    assert heard == [
        {"event": "silent", "pair": "p", "leg": "a", "seconds": 15.0},
        {"event": "silent", "pair": "p", "leg": "a", "seconds": 60.0},
    ]
    assert world.legs["a"].address is None
    world.check("a", MIRA)
    world.after(0.1)
    assert [event["event"] for event in world.happened()] == ["latched", "heard"]


def test_a_pair_in_which_nobody_is_heard_is_closed():
    world = World().connect()
    world.after(60.0)
    assert world.happened()[-1] == {"event": "closed", "pair": "p", "reason": "silent"}
    assert list(world.table.pairs()) == []
    assert world.table.receive(DTLS, MIRA) is None


def test_a_closed_pair_is_forgotten_whole():
    world = World().connect()
    world.check("a", MOBILE, nominate=True)
    fresh = world.table.replace_leg("p", "b")
    old = {name: leg.credentials for name, leg in world.legs.items()}
    world.table.close("p")
    for source in (MIRA, REYES, MOBILE):
        assert world.table.receive(DTLS, source) is None
    for credentials in (fresh, *old.values()):
        assert world.check("a", MIRA, credentials=credentials) == []
    with pytest.raises(NoSuchPair):
        world.table.close("p")


def test_one_leg_cannot_take_more_than_its_share():
    world = World(bits_per_second=80_000).connect()
    world.table.gate("p", passing=True)
    packet = SRTP.ljust(1000, b"x")
    passed = sum(world.table.receive(packet, MIRA) == REYES for _ in range(30))
    assert passed == 10
    assert world.table.dropped == {"too-much": 20}
    assert world.table.receive(packet, REYES) == MIRA
    world.after(0.5)
    assert sum(world.table.receive(packet, MIRA) == REYES for _ in range(30)) == 5


def test_a_datagram_that_no_browser_sends_is_dropped():
    world = World().connect()
    assert world.table.receive(DTLS.ljust(1500, b"x"), MIRA) == REYES
    assert world.table.receive(DTLS.ljust(1501, b"x"), MIRA) is None
    assert world.table.dropped == {"too-long": 1}


def test_one_address_may_not_ask_without_end():
    world = World(checks_per_second=5)
    answers = sum(len(world.check("a", MIRA)) for _ in range(9))
    assert answers == 5
    world.after(1.0)
    assert len(world.check("a", MIRA)) == 1


def test_a_crowd_of_forged_addresses_costs_no_memory_and_no_call():
    world = World(strangers=10, crowd_per_second=20).connect()
    for number in range(1000):
        world.table.receive(DTLS, ("198.51.100.1", number))
    assert world.table.dropped["too-often"] > 900
    assert len(world.table._asked) <= 11
    assert len(world.check("a", MIRA)) == 1


def test_the_ceilings_and_names_are_refused_by_reason():
    world = World(pairs=1)
    with pytest.raises(PairExists):
        world.table.open("p", "room")
    with pytest.raises(RelayFull):
        world.table.open("q", "room")
    with pytest.raises(NoSuchLeg):
        world.table.replace_leg("p", "c")
    with pytest.raises(NoSuchPair):
        world.table.gate("q", passing=True)


def test_figures_outlive_the_pair():
    world = World().connect()
    world.table.receive(DTLS, MIRA)
    world.table.close("p")
    stats = world.table.stats()
    assert (stats["pairs"], stats["checks"], stats["packets"], stats["bytes"]) == (0, 2, 1, len(DTLS))


def test_a_call_flows_while_its_gate_is_open_and_both_are_on_udp():
    world = World().connect()
    table, legs = world.table, world.legs
    assert list(table.flowing()) == []
    table.gate("p", passing=True)
    assert list(table.flowing()) == [((legs["a"], MIRA, REYES), (legs["b"], REYES, MIRA))]
    stream = TcpAddress("192.0.2.1", 5, 1)
    table.connect(stream)
    world.check("a", stream, nominate=True)
    assert list(table.flowing()) == []
    world.check("a", MOBILE, nominate=True)
    assert list(table.flowing()) == [((legs["a"], MOBILE, REYES), (legs["b"], REYES, MOBILE))]
    table.gate("p", passing=False)
    assert list(table.flowing()) == []
    table.gate("p", passing=True)
    world.after(Limits().silent_after)
    assert list(table.flowing()) == []
    table.route(SRTP[0], len(SRTP), MOBILE)
    world.after(1.0)
    assert len(list(table.flowing())) == 1
    leg = legs["a"]
    table.close("p")
    assert list(table.flowing()) == []
    assert leg.peer.address is None
