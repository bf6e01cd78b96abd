"""Rooms with a TURN pool: who is given credentials, and what is different where nobody but the pool carries calls."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.unit.webrtc.room_stage import Page, Stage
from webrtc.carriers import RelayCarrier, TurnCarrier
from webrtc.ice_servers import TurnPool
from webrtc.protocol import Describe, Described, Error, ProtocolError, RestartIce, SessionDescription
from webrtc.room_events import Routed
from webrtc.seat_messages import Hold
from webrtc.transport_messages import Ice, Way

RELAYED = "9 1 udp 8265727 192.0.2.30 49201 typ relay raddr 198.51.100.9 rport 50123"
HOST = "1 1 udp 2122260223 192.0.2.77 50123 typ host"


@dataclass
class Pool:
    """A pool whose time of day one moves."""

    at: float = 1_795_640_000.0
    pool: TurnPool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = TurnPool(
            urls=("turns:turn.example.org",), secret="s" * 32, lifetime=600, now=lambda: self.at
        )


def given(page: Page) -> list[Ice]:
    return [each for each in page.said if isinstance(each, Ice)]


def beside_the_relay(pool: Pool | None = None) -> Stage:
    return Stage(carrier=RelayCarrier(pool=(pool or Pool()).pool))


def by_turn_only(pool: Pool | None = None) -> Stage:
    return Stage(carrier=TurnCarrier(pool=(pool or Pool()).pool))


def connection(page: Page) -> str:
    (peer,) = page.snapshot.peers
    return peer.connection


async def test_without_a_pool_nobody_is_told_anything() -> None:
    stage = Stage()
    for page in await stage.in_call():
        assert given(page) == []


@pytest.mark.parametrize(("stage", "policy"), [(beside_the_relay, "all"), (by_turn_only, "relay")])
async def test_every_socket_is_given_credentials_of_its_own_before_anything_else(
    stage: Callable[[], Stage], policy: str
) -> None:
    made = stage()
    pages = [*await made.both()]
    assert pages[1].connection is not None
    await pages[1].connection.left()
    pages.append(await made.join("clinician", again=Page("clinician", "page-of-clinician")))
    for page in pages:
        assert page.kinds()[:2] == ["ice", "snapshot"]
        assert [each.policy for each in given(page)] == [policy]
    assert len({each.servers[0].username for page in pages for each in given(page)}) == 3


async def test_whoever_is_turned_away_is_given_none() -> None:
    room = beside_the_relay().rooms.open("visit")
    await room.close("finished")
    said: list[str] = []
    with pytest.raises(ProtocolError):
        await room.join(
            seat="patient", role="patient", name="", page="page-of-x", send=said.append, admitted=True
        )
    assert said == []


async def test_others_come_before_the_ones_in_use_end_and_to_whoever_is_still_there() -> None:
    pool = Pool()
    stage = beside_the_relay(pool)
    patient, clinician = await stage.both()
    assert clinician.connection is not None
    await clinician.connection.left()
    for passed, times in ((299, 1), (2, 2), (250, 2), (60, 3)):
        pool.at += passed
        await stage.rooms.tick()
        assert len(given(patient)) == times
    assert len(given(clinician)) == 1
    ends = [int(each.servers[0].username.split(":")[0]) for each in given(patient)]
    assert ends == sorted(ends) and ends[-1] - pool.at > 500


async def test_a_clock_that_was_set_back_leaves_nobody_with_credentials_of_another_time() -> None:
    pool = Pool()
    stage = beside_the_relay(pool)
    patient, _ = await stage.both()
    pool.at -= 3600
    await stage.rooms.tick()
    assert int(given(patient)[-1].servers[0].username.split(":")[0]) == int(pool.at) + 600


@pytest.mark.parametrize(
    ("route", "servers", "policy", "offered"),
    [
        (None, 1, "all", ["udp", "tcp"]),
        ("udp", 0, "all", ["udp"]),
        ("tcp", 0, "all", ["tcp"]),
        ("turn", 1, "relay", ["udp"]),
    ],
)
async def test_a_seat_that_tries_one_route_has_no_other(
    route: str | None, servers: int, policy: str, offered: list[str]
) -> None:
    """By way of a TURN server a closed door would look open; and a TURN server speaks UDP to the relay."""
    stage = beside_the_relay()
    patient = await stage.join("patient")
    seat = stage.rooms.open("visit").seat("patient")
    assert seat is not None
    seat.route = route  # type: ignore[assignment]
    clinician = await stage.join("clinician")
    assert [(len(each.servers), each.policy) for each in given(patient)][-1] == (servers, policy)
    assert patient.kinds()[-1] == "snapshot", "it knows before there is a connection"
    await patient.offers("clinician", ufrag="pati")
    await clinician.offers("patient", ufrag="clin", kind="answer")
    lines = [each for each in patient.last(Described).description.sdp.split("\r\n") if "a=candidate" in each]
    assert [line.split(" ")[2] for line in lines] == offered


async def test_the_page_says_what_is_between_and_the_relay_whether_anything_comes() -> None:
    stage = beside_the_relay()
    patient, _ = await stage.in_call()
    told = []
    stage.rooms.on_event(lambda event: told.append(event.transport) if isinstance(event, Routed) else None)

    async def says(way: str | None) -> str | None:
        await patient.says(Way(connection=connection(patient), way=way))
        return stage.rooms.transport("visit", "patient")

    assert await says("turn-tls") is None, "a page's word alone connects nobody"
    await stage.relay_says("latched", leg="a", kind="udp")
    assert stage.rooms.transport("visit", "patient") == "turn-tls", "whichever of the two words came first"
    assert await says(None) == "turn-tls"
    await stage.relay_says("silent", leg="a")
    assert stage.rooms.transport("visit", "patient") is None
    await stage.relay_says("heard", leg="a", kind="udp")
    assert stage.rooms.transport("visit", "patient") == "turn-tls"
    assert await says("udp") == "udp"
    await stage.relay_says("moved", leg="a", kind="tcp")
    assert await says("turn-udp") == "tcp", "no TURN server speaks TCP to the relay"
    assert told == ["turn-tls", None, "turn-tls", "udp", "tcp"]


async def test_a_way_of_somebody_elses_connection_is_an_error_and_no_more() -> None:
    stage = by_turn_only()
    patient, _ = await stage.both()
    await patient.says(Way(connection="no-such-connection", way="turn-tls"))
    assert patient.last(Error) == Error(code="unknown-connection")
    assert stage.rooms.transport("visit", "patient") is None


async def test_where_turn_servers_carry_calls_who_waits_learns_nothing_of_the_other_side() -> None:
    """There is no gate but this: the description of who lets them in comes with the admission, and only once."""
    stage = by_turn_only()
    patient, clinician = await stage.both()
    await patient.offers("clinician", ufrag="pati", candidates=(RELAYED,))
    assert patient.connection is not None and clinician.connection is not None
    for page in (patient, clinician):
        await page.connection.left()  # type: ignore[union-attr]
        await stage.join(page.seat, again=page)
    await stage.rooms.tick()
    assert patient.last(Described) is None and clinician.last(Described) is None
    await stage.rooms.open("visit").admit("patient")
    assert clinician.kinds().count("description") == 1
    assert "typ relay raddr 0.0.0.0 rport 0" in clinician.last(Described).description.sdp
    await clinician.offers("patient", ufrag="clin", kind="answer", candidates=(RELAYED,))
    assert patient.kinds().count("description") == 1
    assert "a=ice-ufrag:clin\r\n" in patient.last(Described).description.sdp


async def test_a_description_that_names_the_pages_own_address_goes_nowhere() -> None:
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    await patient.offers("clinician", ufrag="pati", candidates=(RELAYED, HOST))
    assert patient.last(Error) == Error(code="not-relayed")
    assert clinician.last(Described) is None


async def test_an_ice_restart_is_between_the_two_pages() -> None:
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    await patient.offers("clinician", ufrag="pati", candidates=(RELAYED,))
    await clinician.offers("patient", ufrag="clin", kind="answer", candidates=(RELAYED,))
    await patient.offers("clinician", ufrag="next", candidates=(RELAYED,))
    assert "a=ice-ufrag:next\r\n" in clinician.last(Described).description.sdp


async def test_a_hold_ends_the_connection_and_prepares_the_next_one() -> None:
    """Pages close what is no longer listed; nobody enforces it against one that does not."""
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    before = connection(patient)
    await clinician.says(Hold(seat="patient", held=True))
    after = connection(patient)
    assert after != before and connection(clinician) == after
    await patient.offers("clinician", ufrag="pati", candidates=(RELAYED,))
    assert clinician.last(Described) is None
    old = SessionDescription(type="offer", sdp="v=0")
    await patient.says(Describe(to="clinician", connection=before, description=old))
    assert patient.last(Error) == Error(code="unknown-connection")
    await clinician.says(Hold(seat="patient", held=False))
    assert connection(patient) == after
    assert clinician.last(Described).connection == after


async def test_a_call_that_turn_servers_carry_starts_breaks_and_resumes_as_its_pages_say() -> None:
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    await patient.says(Way(connection=connection(patient), way="turn-tls"))
    assert stage.rooms.calls == 0 and "CallStarted patient" not in stage.kinds()
    await clinician.says(Way(connection=connection(clinician), way="turn-udp"))
    assert stage.rooms.calls == 1 and stage.kinds()[-1] == "CallStarted patient"
    ways = [stage.rooms.transport("visit", seat) for seat in ("patient", "clinician")]
    assert ways == ["turn-tls", "turn-udp"]
    await patient.says(Way(connection=connection(patient), way=None))
    assert stage.rooms.calls == 0 and stage.kinds()[-1] == "CallInterrupted patient"
    words = {each.quality for page in (patient, clinician) for each in page.snapshot.seats}
    assert "lost" not in words, "who hears nobody may not be the one whom nobody hears"
    await patient.says(Way(connection=connection(patient), way="turn-tls"))
    assert stage.kinds()[-1] == "CallResumed patient"


async def test_a_restarted_web_server_finds_a_call_that_turn_servers_carry_and_touches_nothing() -> None:
    before = by_turn_only()
    patient, clinician = await before.in_call()
    for page in (patient, clinician):
        await page.says(Way(connection=connection(page), way="turn-tls"))
    after = Stage(before.relay, carrier=TurnCarrier(pool=Pool().pool))
    await after.rooms.rebuild()
    back = [
        await after.join(page.seat, again=Page(page.seat, page.page), admitted=True)
        for page in (clinician, patient)
    ]
    assert [connection(page) for page in back] == [connection(patient)] * 2
    for page in back:
        assert [peer.connection for peer in page.snapshot.peers] == [connection(patient)]
        await page.says(Way(connection=connection(page), way="turn-tls"))
    assert after.rooms.calls == 1
    assert "CallStarted patient" not in after.kinds(), "it has been going on"


async def test_when_the_memory_of_the_calls_is_lost_the_calls_are_not() -> None:
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    for page in (patient, clinician):
        await page.says(Way(connection=connection(page), way="turn-tls"))
    before = connection(patient)
    stage.relay.pairs.clear()
    await stage.rooms.relay_restarted()
    assert connection(patient) == connection(clinician) == before
    assert patient.last(RestartIce) is None and clinician.last(RestartIce) is None
    assert stage.rooms.calls == 1
    assert [(info.pair.split("/")[3], info.passing) for info in stage.relay.pairs.values()] == [
        (before, True)
    ]


async def test_a_memory_that_was_away_when_it_was_told_is_told_again() -> None:
    """Else descriptions would be withheld for the rest of the call: an ICE restart would get nowhere."""
    stage = by_turn_only()
    patient, clinician = await stage.in_call()
    stage.relay.pairs.clear()
    stage.relay.gone = True
    await stage.rooms.relay_restarted()
    stage.relay.gone = False
    await stage.rooms.tick()
    assert stage.passing() == {frozenset({"patient", "clinician"})}
    await patient.offers("clinician", ufrag="next", candidates=(RELAYED,))
    assert "a=ice-ufrag:next\r\n" in clinician.last(Described).description.sdp
