"""A room whose server, relay or page was started anew: calls go on, and everybody is told what to do (PROTOCOL.md)."""

from tests.unit.webrtc.room_stage import Page, Relay, Stage
from webrtc.protocol import Described, Ping, RestartIce
from webrtc.room_events import Left


def passing(relay: Relay) -> list[bool]:
    return [info.passing for info in relay.pairs.values()]


async def test_a_restarted_web_server_finds_its_call_and_touches_nothing() -> None:
    before = Stage()
    patient, clinician = await before.in_call()
    held = dict(before.relay.pairs)
    after = Stage(before.relay)
    await after.rooms.rebuild()
    again = await after.join(
        "patient", again=Page("patient", patient.page), admitted=True, seen=patient.snapshot.seq
    )
    await after.join("clinician", again=Page("clinician", clinician.page))
    assert after.relay.pairs == held
    assert again.snapshot.peers == patient.snapshot.peers
    assert again.snapshot.seq > patient.snapshot.seq
    assert again.snapshot.state == "in-call"


async def test_after_a_web_restart_the_page_that_is_back_first_still_sees_the_other_in_the_call() -> None:
    before = Stage()
    patient, clinician = await before.in_call()
    after = Stage(before.relay)
    await after.rooms.rebuild()
    first = await after.join("clinician", again=Page("clinician", clinician.page))
    assert first.snapshot.state == "in-call"
    assert [(each.present, each.admitted) for each in first.snapshot.seats] == [(True, True)] * 2
    assert first.snapshot.peers == clinician.snapshot.peers


async def test_after_a_web_restart_who_does_not_come_back_is_lost_after_one_lease() -> None:
    before = Stage()
    _, clinician = await before.in_call()
    after = Stage(before.relay)
    await after.rooms.rebuild()
    still = await after.join("clinician", again=Page("clinician", clinician.page))
    after.now += 21
    await still.says(Ping())
    await after.rooms.tick()
    assert [each.present for each in still.snapshot.seats if each.seat == "patient"] == [False]
    assert [(event.seat, event.reason) for event in after.events if isinstance(event, Left)] == [
        ("patient", "lost")
    ]


async def test_after_a_web_restart_the_caller_decides_who_is_admitted() -> None:
    before = Stage()
    patient, clinician = await before.in_call()
    after = Stage(before.relay)
    await after.rooms.rebuild()
    await after.join("patient", again=Page("patient", patient.page), admitted=False)
    await after.join("clinician", again=Page("clinician", clinician.page))
    assert passing(after.relay) == [False]


async def test_after_a_web_restart_a_new_page_gets_a_new_pair() -> None:
    before = Stage()
    patient, clinician = await before.in_call()
    after = Stage(before.relay)
    await after.rooms.rebuild()
    still = await after.join("clinician", again=Page("clinician", clinician.page))
    await after.join("patient", page="page-of-patient-2", admitted=True)
    assert still.snapshot.peers[0].connection != clinician.snapshot.peers[0].connection
    assert passing(after.relay) == [True]


async def test_after_a_web_restart_the_first_offer_counts_as_an_ice_restart() -> None:
    before = Stage()
    patient, clinician = await before.in_call()
    await patient.offers("clinician", ufrag="first")
    await clinician.offers("patient", ufrag="other", kind="answer")
    after = Stage(before.relay)
    await after.rooms.rebuild()
    (legs,) = [dict(info.legs) for info in after.relay.pairs.values()]
    again = await after.join("patient", again=Page("patient", patient.page), admitted=True)
    await again.offers("clinician", ufrag="second")
    (now,) = [info.legs for info in after.relay.pairs.values()]
    assert now["a"] != legs["a"] and now["b"] == legs["b"]


async def test_a_restarted_relay_gets_the_same_pairs_and_one_side_restarts_ice() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    names = set(stage.relay.pairs)
    connection = patient.snapshot.peers[0].connection
    stage.relay = Relay()
    await stage.rooms.relay_restarted()
    assert set(stage.relay.pairs) == names and passing(stage.relay) == [True]
    asked = [page.last(RestartIce) for page in (patient, clinician)]
    assert asked == [RestartIce(connection=connection), None]
    (legs,) = [dict(info.legs) for info in stage.relay.pairs.values()]
    await patient.offers("clinician", ufrag="again")
    assert stage.relay.pairs[next(iter(names))].legs == legs, "fresh legs need no replacing"
    assert f"a=ice-ufrag:{legs['b'].ufrag}\r\n" in clinician.last(Described).description.sdp


async def test_a_relay_that_does_not_come_back_is_a_call_that_broke_off() -> None:
    stage = Stage()
    await stage.in_call()
    await stage.relay_says("latched", leg="a")
    await stage.relay_says("latched", leg="b")
    await stage.rooms.relay_lost()
    assert stage.kinds()[-2:] == ["CallInterrupted patient", "CallInterrupted clinician"]
    stage.relay.pairs.clear()
    await stage.rooms.relay_restarted()
    await stage.relay_says("latched", leg="a")
    await stage.relay_says("latched", leg="b")
    assert stage.kinds()[-2:] == ["CallResumed patient", "CallResumed clinician"]


async def test_a_page_that_was_away_when_the_relay_restarted_is_asked_when_it_is_back() -> None:
    stage = Stage()
    patient, clinician = await stage.in_call()
    for page in (patient, clinician):
        assert page.connection is not None
        await page.connection.left()
    stage.relay = Relay()
    await stage.rooms.relay_restarted()
    await stage.join("clinician", again=clinician)
    assert isinstance(clinician.said[-1], RestartIce)


async def test_the_waiting_room_works_without_a_relay_and_the_pair_comes_later() -> None:
    stage = Stage()
    stage.relay.gone = True
    patient, _ = await stage.both()
    assert patient.snapshot.peers == ()
    stage.relay.gone = False
    await stage.rooms.tick()
    assert len(patient.snapshot.peers) == 1


async def test_another_page_in_the_seat_breaks_the_call_until_its_own_is_heard() -> None:
    """It may never be: whoever reads the record has to know since when."""
    stage = Stage()
    await stage.in_call()
    await stage.relay_says("latched", leg="a")
    await stage.relay_says("latched", leg="b")
    await stage.join("patient", page="page-of-patient-2", admitted=True)
    assert stage.kinds()[-1] == "CallInterrupted patient"
    await stage.join("patient", page="page-of-patient-3", admitted=True)
    assert stage.kinds().count("CallInterrupted patient") == 1
    await stage.relay_says("latched", leg="a")
    await stage.relay_says("latched", leg="b")
    assert [kind for kind in stage.kinds() if kind.startswith("CallStarted")][1:] == ["CallStarted clinician"]
