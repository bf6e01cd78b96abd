"""A room: seats are leases, the gate follows admission, a snapshot is the whole truth (PROTOCOL.md)."""

import pytest

from tests.unit.webrtc.room_stage import Relay, Stage
from webrtc.protocol import (
    Admit,
    Describe,
    Described,
    Error,
    Leave,
    Media,
    MediaView,
    Ping,
    Pong,
    Quality,
    Removed,
    Replaced,
    SessionDescription,
    Skip,
    Words,
)
from webrtc.relay_client import RelayEvent
from webrtc.room_events import Routed


def passing(relay: Relay) -> list[bool]:
    return [info.passing for info in relay.pairs.values()]


async def test_a_patient_alone_waits_and_has_no_peers() -> None:
    stage = Stage()
    patient = await stage.join("patient")
    view = patient.snapshot
    assert (view.state, view.you, view.peers) == ("waiting", "patient", ())
    assert [(each.seat, each.admitted, each.waiting_since) for each in view.seats] == [
        ("patient", False, 1000.0)
    ]
    assert stage.kinds() == ["Present patient", "Waiting patient"]
    assert stage.relay.pairs == {}


async def test_both_present_warm_a_gated_pair_and_exactly_one_side_starts() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    assert passing(stage.relay) == [False]
    (to_clinician,), (to_patient,) = patient.snapshot.peers, clinician.snapshot.peers
    assert to_clinician.connection == to_patient.connection
    assert (to_clinician.start, to_clinician.polite) == (False, False)
    assert (to_patient.start, to_patient.polite) == (True, True)
    assert clinician.snapshot.state == "waiting"


async def test_admitting_lifts_the_gate_and_tells_everybody() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    await clinician.says(Admit(seat="patient"))
    assert passing(stage.relay) == [True]
    assert patient.snapshot.state == clinician.snapshot.state == "in-call"
    assert stage.kinds()[-1] == "Admitted patient"
    assert patient.snapshot.seats[0].waiting_since is None


async def test_a_patient_cannot_admit_anybody() -> None:
    stage = Stage()
    patient, _ = await stage.both()
    await patient.says(Admit(seat="patient"))
    assert patient.last(Error) == Error(code="not-allowed")
    assert passing(stage.relay) == [False]


async def test_admitting_a_seat_that_is_not_there_is_refused_by_name() -> None:
    stage = Stage()
    clinician = await stage.join("clinician")
    await clinician.says(Admit(seat="patient"))
    assert clinician.last(Error) == Error(code="unknown-seat")


async def test_a_match_is_told_once_and_belongs_to_the_connection() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    (peer,) = clinician.snapshot.peers
    for _ in range(2):
        await clinician.says(Words(connection=peer.connection, verdict="match"))
    assert stage.kinds().count("WordsCompared clinician") == 1
    assert [view.verified for page in (patient, clinician) for view in page.snapshot.peers] == [True, True]
    await stage.join("patient", page="page-of-patient-2", admitted=True)
    assert [view.verified for view in clinician.snapshot.peers] == [False]


async def test_words_that_differ_close_the_room_and_the_relay_whoever_says_so() -> None:
    for speaker in ("patient", "clinician"):
        stage = Stage()
        pages = dict(zip(("patient", "clinician"), await stage.in_call(), strict=True))
        await pages[speaker].says(Words(connection="of-a-page-before", verdict="differ"))
        assert stage.relay.pairs == {}
        for page in pages.values():
            assert (page.snapshot.state, page.snapshot.peers) == ("stopped", ())
            assert page.kinds()[-1] == "finished"
            assert page.connection is not None and page.connection.closed.is_set()
        stopped = stage.rooms.find("visit")
        # The next who comes finds another room, and the old one is forgotten in any case.
        assert (await stage.join("patient")).snapshot.state == "waiting"
        assert stage.rooms.find("visit") is not stopped


async def test_a_room_that_was_stopped_is_forgotten() -> None:
    stage = Stage()
    _, clinician = await stage.in_call()
    await clinician.says(Words(connection="connection", verdict="forged"))
    await stage.rooms.tick()
    assert stage.rooms.find("visit") is None
    assert stage.kinds()[-1] == "WordsCompared clinician"


async def test_the_same_page_again_keeps_its_connection() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    before = (patient.snapshot.peers, dict(stage.relay.pairs))
    assert patient.connection is not None
    await patient.connection.left()
    await stage.join("patient", again=patient, seen=patient.snapshot.seq)
    assert (patient.snapshot.peers, dict(stage.relay.pairs)) == before
    assert passing(stage.relay) == [True]
    assert clinician.kinds().count("replaced") == patient.kinds().count("replaced") == 0


async def test_another_page_replaces_the_ghost_and_gets_a_new_connection() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    (before,) = clinician.snapshot.peers
    reloaded = await stage.join("patient", page="page-of-patient-2", admitted=True)
    assert patient.said[-1] == Replaced()
    assert patient.connection is not None and patient.connection.closed.is_set()
    (after,) = clinician.snapshot.peers
    assert after.connection != before.connection
    assert (after.start, after.polite) == (False, False), "whoever comes starts"
    assert passing(stage.relay) == [True] and len(stage.relay.pairs) == 1
    assert reloaded.snapshot.peers[0].connection == after.connection


async def test_another_page_does_not_inherit_admission() -> None:
    """A link opened a second time must be let in again (unless the caller knows it is the same person)."""
    stage = Stage()
    await stage.in_call()
    second = await stage.join("patient", page="page-elsewhere", admitted=False)
    assert second.snapshot.state == "waiting"
    assert passing(stage.relay) == [False]


async def test_whoever_waits_is_turned_away_and_whoever_was_let_in_stays() -> None:
    stage = Stage()
    waiting = await stage.join("patient", page="page-by-an-old-link", admitted=False)
    await stage.rooms.open("visit").turn_away("nobody")
    await stage.rooms.open("visit").turn_away("patient")
    assert isinstance(waiting.said[-1], Removed) and not stage.rooms.open("visit").present("patient")

    patient, _ = await stage.in_call()
    await stage.rooms.open("visit").turn_away("patient")
    assert stage.rooms.open("visit").present("patient") and patient.snapshot.state == "in-call"


async def test_what_a_replaced_page_still_says_is_not_heard() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    await stage.join("patient", page="page-of-patient-2", admitted=True)
    said = len(clinician.said)
    await patient.says(Leave())
    assert len(clinician.said) == said and len(stage.relay.pairs) == 1


async def test_leaving_closes_the_pair_and_tells_the_other() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    await patient.says(Leave())
    assert stage.relay.pairs == {}
    assert clinician.snapshot.peers == ()
    assert [(each.seat, each.present) for each in clinician.snapshot.seats] == [
        ("patient", False),
        ("clinician", True),
    ]
    assert stage.kinds()[-1] == "Left patient"
    assert patient.connection is not None and patient.connection.closed.is_set()


async def test_a_seat_is_a_lease_that_messages_renew() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    for _ in range(5):
        stage.now += 15
        await clinician.says(Ping())
        await patient.says(Ping())
        await stage.rooms.tick()
    assert stage.rooms.open("visit").present("patient")
    stage.now += 15
    await clinician.says(Ping())
    stage.now += 15
    await stage.rooms.tick()
    assert not stage.rooms.open("visit").present("patient")
    assert stage.rooms.open("visit").present("clinician")
    assert stage.kinds()[-1] == "Left patient"


async def test_a_lost_lease_does_not_cut_a_call_that_may_still_flow() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    before = dict(stage.relay.pairs)
    stage.now += 30
    await stage.rooms.tick()
    assert stage.relay.pairs == before
    await stage.join("patient", again=patient)
    assert patient.snapshot.state == "in-call" and stage.relay.pairs == before


async def test_an_offer_reaches_the_other_with_the_leg_facing_them() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    await patient.offers("clinician", ufrag="mine")
    got = clinician.last(Described)
    (pair,) = stage.relay.pairs.values()
    assert got.from_ == "patient"
    assert f"a=ice-ufrag:{pair.legs['b'].ufrag}\r\n" in got.description.sdp
    assert "mine" not in got.description.sdp
    assert " 127.0.0.1 40000 typ host" in got.description.sdp


async def test_an_ice_restart_replaces_only_the_leg_of_the_one_who_restarts() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    await patient.offers("clinician", ufrag="first")
    await clinician.offers("patient", ufrag="other", kind="answer")
    (before,) = [dict(info.legs) for info in stage.relay.pairs.values()]
    await patient.offers("clinician", ufrag="second")
    await clinician.offers("patient", ufrag="other", kind="answer")
    (after,) = [info.legs for info in stage.relay.pairs.values()]
    assert after["b"] == before["b"] and after["a"] != before["a"]
    assert f"a=ice-ufrag:{before['b'].ufrag}\r\n" in clinician.last(Described).description.sdp
    assert f"a=ice-ufrag:{after['a'].ufrag}\r\n" in patient.last(Described).description.sdp


async def test_an_offer_with_the_same_ufrag_replaces_nothing() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    await patient.offers("clinician", ufrag="first")
    await clinician.offers("patient", ufrag="other", kind="answer")
    (before,) = [dict(info.legs) for info in stage.relay.pairs.values()]
    await patient.offers("clinician", ufrag="first")
    assert [info.legs for info in stage.relay.pairs.values()] == [before]


async def test_a_description_missed_while_away_is_said_again() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    assert clinician.connection is not None
    await clinician.connection.left()
    await patient.offers("clinician", ufrag="first")
    assert clinician.last(Described) is None
    await stage.join("clinician", again=clinician)
    assert clinician.kinds()[-2:] == ["snapshot", "description"]
    await clinician.offers("patient", ufrag="other", kind="answer")
    await stage.join("clinician", again=clinician)
    assert clinician.kinds()[-1] == "snapshot", "an answered offer is not said again"


@pytest.mark.parametrize("spoil", ["connection", "seat"])
async def test_a_description_for_nobody_is_an_error_and_no_more(spoil: str) -> None:
    stage = Stage()
    patient, _ = await stage.both()
    (peer,) = patient.snapshot.peers
    message = Describe(
        to="sitter" if spoil == "seat" else "clinician",
        connection="no-such-one" if spoil == "connection" else peer.connection,
        description=SessionDescription(type="offer", sdp="v=0"),
    )
    await patient.says(message)
    assert patient.last(Error) == Error(code=f"unknown-{spoil}")


async def test_a_call_starts_breaks_and_resumes_as_the_relay_hears_it() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    await stage.relay_says("latched", leg="a")
    assert "CallStarted patient" not in stage.kinds()
    await stage.relay_says("latched", leg="b")
    assert stage.kinds()[-1] == "CallStarted patient"
    await stage.relay_says("silent", leg="a")
    assert stage.kinds()[-1] == "CallInterrupted patient"
    assert clinician.snapshot.seats[0].quality == "lost"
    await stage.relay_says("heard", leg="a")
    assert stage.kinds()[-1] == "CallResumed patient"
    assert clinician.snapshot.seats[0].quality is None


async def test_the_way_a_seat_reaches_the_relay_is_known_and_every_change_of_it_is_told() -> None:
    stage = Stage()
    await stage.in_call()
    told = []
    stage.rooms.on_event(lambda event: told.append(event.transport) if isinstance(event, Routed) else None)
    for event, kind in (
        ("latched", "udp"),
        ("moved", "udp"),
        ("moved", "tcp"),
        ("silent", None),
        ("latched", "tcp"),
    ):
        await stage.relay_says(event, leg="a", kind=kind)
    assert told == ["udp", "tcp", None, "tcp"]
    assert stage.rooms.transport("visit", "patient") == "tcp"
    assert stage.rooms.transport("visit", "clinician") is None
    assert stage.rooms.transport("elsewhere", "patient") is None


async def test_a_leg_that_was_never_heard_is_no_interrupted_call() -> None:
    stage = Stage()
    await stage.in_call()
    await stage.relay_says("silent", leg="a")
    assert not any(kind.startswith("CallInterrupted") for kind in stage.kinds())


async def test_a_pair_the_relay_gave_up_is_opened_anew() -> None:
    stage = Stage()
    patient, _ = await stage.in_call()
    before = patient.snapshot.peers[0].connection
    (name,) = stage.relay.pairs
    del stage.relay.pairs[name]
    await stage.rooms.take_news(RelayEvent(event="closed", pair=name, reason="silent"))
    assert patient.snapshot.peers[0].connection != before
    assert passing(stage.relay) == [True]


async def test_media_and_quality_are_shown_to_the_others() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    await patient.says(Media(audio=True, video=False, state="no-camera"))
    assert clinician.snapshot.seats[0].media == MediaView(audio=True, video=False, state="no-camera")
    await patient.says(Quality(loss_up=0.2))
    assert clinician.snapshot.seats[0].quality == "weak"
    said = len(clinician.said)
    await patient.says(Quality(loss_up=0.2))
    assert len(clinician.said) == said, "no snapshot when the word stays the same"


async def test_ping_is_answered() -> None:
    stage = Stage()
    patient = await stage.join("patient")
    await patient.says(Ping())
    assert patient.said[-1] == Pong()


@pytest.mark.parametrize(("route", "offered"), [(None, ["udp", "tcp"]), ("udp", ["udp"]), ("tcp", ["tcp"])])
async def test_a_seat_that_tries_one_route_is_offered_no_other(route: str | None, offered: list[str]) -> None:
    """And nobody else's description changes for it."""
    stage = Stage()
    patient, clinician = await stage.both()
    seat = stage.rooms.open("visit").seat("patient")
    assert seat is not None
    seat.route = route  # type: ignore[assignment]
    await patient.offers("clinician", ufrag="pati")
    await clinician.offers("patient", ufrag="clin", kind="answer")
    ways = {}
    for page in (patient, clinician):
        lines = [each for each in page.last(Described).description.sdp.split("\r\n") if "a=candidate" in each]
        ways[page.seat] = [line.split(" ")[2] for line in lines]
    assert ways == {"patient": offered, "clinician": ["udp", "tcp"]}


async def test_the_latest_of_each_figure_a_page_measured_is_known() -> None:
    stage = Stage()
    patient, _ = await stage.both()
    for sample in (Quality(rtt_ms=40, loss_down=0.2), Quality(rtt_ms=50), Quality(jitter_ms=3)):
        await patient.says(sample)
    seat = stage.rooms.open("visit").seat("patient")
    assert seat is not None
    assert seat.figures == Quality(rtt_ms=50, loss_down=0.2, jitter_ms=3)


async def test_skipping_is_noted_and_nobody_else_hears_of_it() -> None:
    stage = Stage()
    patient, clinician = await stage.both()
    before = (len(clinician.said), stage.kinds())
    await patient.says(Skip())
    seat = stage.rooms.open("visit").seat("patient")
    assert seat is not None and seat.skipped.is_set()
    assert (len(clinician.said), stage.kinds()) == before


async def test_a_call_counts_while_both_are_let_through_and_heard() -> None:
    stage = Stage()
    await stage.both()
    counted = [stage.rooms.calls]
    for leg in ("a", "b"):
        await stage.relay_says("latched", leg=leg, kind="udp")
    counted.append(stage.rooms.calls)
    await stage.rooms.open("visit").admit("patient")
    counted.append(stage.rooms.calls)
    await stage.relay_says("silent", leg="a", seconds=15.0)
    counted.append(stage.rooms.calls)
    assert counted == [0, 0, 1, 0]
