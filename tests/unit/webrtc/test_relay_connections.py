"""Legs over TCP: a connection is an address like any other, for as long as it is open; and it has to earn its place."""

import pytest

from tests.media.checks import DTLS, SRTP, read_answer
from tests.unit.webrtc.test_relay_table import MIRA, REYES, World
from webrtc.relay.legs import Leg, TcpAddress

TCP, AGAIN = TcpAddress("192.0.2.1", 1, 1), TcpAddress("192.0.2.1", 1, 2)


class TcpWorld(World):
    def connects(self, *addresses: TcpAddress) -> None:
        for address in addresses:
            self.table.connect(address)

    def leaves(self, address: TcpAddress) -> None:
        self.table.disconnect(address)

    def hung_up(self) -> list[TcpAddress]:
        """As the loop does it: close what the table wants closed."""
        leaving = self.table.connections.hangups.copy()
        self.table.connections.hangups.clear()
        for address in leaving:
            self.table.disconnect(address)
        return leaving


@pytest.fixture
def world() -> TcpWorld:
    world = TcpWorld()
    world.connects(TCP)
    world.check("a", TCP)
    world.check("b", REYES)
    world.happened()
    return world


def from_afar(number: int) -> TcpAddress:
    return TcpAddress(f"198.51.{number // 250}.{number % 250}", 9, number)


def test_a_connection_latches_like_any_address_and_the_answer_names_it_to_the_browser() -> None:
    world = TcpWorld()
    world.connects(TCP)
    [(answer, to)] = world.check("a", TCP)
    assert to == TCP
    mapped = read_answer(answer, pwd=world.legs["a"].credentials.pwd).attributes["XOR-MAPPED-ADDRESS"]
    assert mapped == ("192.0.2.1", 1)
    assert world.happened() == [{"event": "latched", "pair": "p", "leg": "a", "kind": "tcp"}]


def test_packets_pass_between_a_tcp_leg_and_a_udp_leg(world: TcpWorld) -> None:
    assert world.table.receive(DTLS, TCP) == REYES
    assert world.table.receive(DTLS, REYES) == TCP
    assert world.table.receive(SRTP, TCP) is None
    world.table.gate("p", passing=True)
    assert world.table.receive(SRTP, TCP) == REYES


def test_the_same_port_over_udp_is_somebody_else(world: TcpWorld) -> None:
    assert tuple(TCP[:2]) == MIRA
    assert world.table.receive(DTLS, MIRA) is None
    assert world.check("a", MIRA)[0][1] == MIRA
    assert world.table.receive(DTLS, REYES) == TCP


def test_a_leg_moves_from_udp_to_tcp_and_back() -> None:
    world = TcpWorld().connect()
    world.connects(TCP)
    world.check("a", TCP)
    assert world.table.receive(DTLS, REYES) == MIRA
    world.check("a", TCP, nominate=True)
    assert world.table.receive(DTLS, REYES) == TCP
    world.check("a", MIRA, nominate=True)
    assert world.table.receive(DTLS, REYES) == MIRA
    moved = {"event": "moved", "pair": "p", "leg": "a"}
    assert world.happened() == [{**moved, "kind": "tcp"}, {**moved, "kind": "udp"}]
    world.leaves(TCP)
    assert world.happened() == []
    assert world.table.receive(DTLS, REYES) == MIRA


def test_a_closed_connection_takes_its_leg_along_and_a_new_one_latches_it_again(world: TcpWorld) -> None:
    world.after(3.0)
    world.leaves(TCP)
    assert world.happened() == [{"event": "silent", "pair": "p", "leg": "a", "seconds": 3.0}]
    assert world.table.receive(DTLS, TCP) is None
    assert world.table.receive(DTLS, REYES) is None
    world.after(0.5)
    assert world.happened() == []
    world.connects(AGAIN)
    assert world.check("a", AGAIN)[1:] == [(DTLS, AGAIN)], "a handshake waited for it"
    world.after(0.1)
    assert [event["event"] for event in world.happened()] == ["latched", "heard"]


def test_nothing_from_a_connection_counts_once_it_is_closed(world: TcpWorld) -> None:
    world.leaves(TCP)
    assert world.check("a", TCP, nominate=True) == []
    assert world.legs["a"].address is None
    never = TcpAddress("192.0.2.9", 9, 9)
    assert world.check("a", never, nominate=True) == []


def test_who_proves_nothing_within_five_seconds_has_to_go(world: TcpWorld) -> None:
    late, proven = from_afar(1), from_afar(2)
    world.connects(late, proven)
    world.check("b", proven)
    world.after(4.9)
    assert world.hung_up() == []
    world.after(0.1)
    assert world.hung_up() == [late]
    assert world.table.dropped["tcp-unproven"] == 1


@pytest.mark.parametrize("junk", [b"", b"\xff", b"GET / HTTP/1.1", DTLS, SRTP, bytes(20)])
def test_who_sends_what_means_nothing_has_to_go(junk: bytes) -> None:
    world = TcpWorld()
    world.connects(TCP)
    for _ in range(17):
        assert world.table.receive(junk, TCP) is None
        assert world.sent() == []
    assert world.hung_up() == [TCP]
    assert world.table.dropped["tcp-junk"] == 1


def test_somebody_in_a_call_may_not_flood_with_unknown_packets_either(world: TcpWorld) -> None:
    for _ in range(17):
        world.table.receive(b"\xffunknown", TCP)
    assert world.hung_up() == [TCP]
    assert world.table.receive(DTLS, REYES) is None


def test_early_media_over_a_proven_connection_is_no_junk(world: TcpWorld) -> None:
    spare = from_afar(1)
    world.connects(spare)
    world.check("a", spare)
    for _ in range(50):
        world.table.receive(SRTP, spare)
    assert world.hung_up() == []


def test_when_the_places_are_taken_the_oldest_unproven_gives_way() -> None:
    world = TcpWorld(unproven=3, unproven_per_network=9)
    crowd = [from_afar(number) for number in range(5)]
    world.connects(*crowd[:3])
    world.check("a", crowd[1])
    world.connects(*crowd[3:])
    assert world.hung_up() == [crowd[0]]
    assert world.table.stats()["connections"] == {"open": 4, "unproven": 3}


@pytest.mark.parametrize(
    ("hosts", "counted_together"),
    [
        (["192.0.2.1"] * 3, True),
        (["::ffff:192.0.2.1"] * 3, True),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:9:9:9:9"], True),
        (["192.0.2.1", "192.0.2.2", "192.0.2.3"], False),
        (["::ffff:192.0.2.1", "::ffff:192.0.2.2", "::ffff:192.0.2.3"], False),
        (["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8::1"], False),
    ],
)
def test_one_network_has_few_places(hosts: list[str], counted_together: bool) -> None:
    world = TcpWorld(unproven_per_network=2)
    crowd = [TcpAddress(host, 1, number) for number, host in enumerate(hosts)]
    world.connects(*crowd)
    assert world.hung_up() == (crowd[:1] if counted_together else [])


def test_beyond_the_ceiling_the_newest_is_turned_away() -> None:
    world = TcpWorld(connections=2)
    crowd = [from_afar(number) for number in range(3)]
    world.connects(*crowd)
    assert world.hung_up() == crowd[2:]
    assert world.table.dropped["tcp-full"] == 1


def test_one_leg_keeps_few_connections_beside_the_one_in_use(world: TcpWorld) -> None:
    spare = [from_afar(number) for number in range(9)]
    for each in spare:
        world.connects(each)
        world.check("a", each)
    assert world.hung_up() == [spare[0]]
    assert world.table.receive(DTLS, REYES) == TCP


def test_a_spare_connection_lives_as_long_as_its_checks_come(world: TcpWorld) -> None:
    kept, forgotten = from_afar(1), from_afar(2)
    world.connects(kept, forgotten)
    world.check("a", forgotten)
    world.check("a", kept)
    for _ in range(6):
        world.after(10.0)
        world.check("a", kept)
        world.check("a", TCP)
        world.check("b", REYES)
    assert world.hung_up() == [forgotten]
    assert world.table.dropped == {"tcp-idle": 1}


def test_a_connection_that_is_silent_for_a_minute_is_closed(world: TcpWorld) -> None:
    world.after(30.0)
    world.check("b", REYES)
    world.after(30.0)
    assert world.hung_up() == [TCP]
    assert world.table.dropped == {"tcp-silent": 1}


def test_a_closed_pair_closes_its_connections(world: TcpWorld) -> None:
    spare = from_afar(1)
    world.connects(spare)
    world.check("a", spare)
    world.table.close("p")
    assert sorted(world.hung_up()) == sorted([TCP, spare])
    assert world.table.stats()["connections"] == {"open": 0, "unproven": 0}


def test_figures_say_who_is_on_tcp(world: TcpWorld) -> None:
    legs: dict[str, Leg] = world.legs
    assert [leg.kind for leg in legs.values()] == ["tcp", "udp"]
    assert (world.table.stats()["latched"], world.table.stats()["over_tcp"]) == (2, 1)
    world.leaves(TCP)
    assert legs["a"].kind is None
