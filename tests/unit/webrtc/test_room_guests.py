"""Guests: nobody comes in without the patient's yes and the clinician's Admit; holds are gates, not pages."""

import pytest

from tests.unit.webrtc.room_stage import Page, Stage
from webrtc.protocol import Admit, Error, Leave, Ping, ProtocolError, SeatView, Words
from webrtc.room_events import Admitted, Answered, Asked, Held, Removed
from webrtc.seat_messages import Answer, Ask, Hold

GUEST = "interpreter-1"
BOTH = frozenset({"patient", "clinician"})
WITH_PATIENT = frozenset({"patient", GUEST})
WITH_CLINICIAN = frozenset({"clinician", GUEST})


def view(page: Page, seat: str) -> SeatView | None:
    return next((each for each in page.snapshot.seats if each.seat == seat), None)


async def waiting() -> tuple[Stage, Page, Page, Page]:
    """Patient and clinician talk, an interpreter waits."""
    stage = Stage()
    patient, clinician = await stage.in_call()
    await stage.join("clinician", again=clinician, person="Reyes")
    return stage, patient, clinician, await stage.join(GUEST, person="Ana")


async def test_a_guest_who_waits_meets_and_sees_only_the_clinician() -> None:
    stage, patient, clinician, guest = await waiting()
    assert [each.seat for each in guest.snapshot.seats] == ["clinician", GUEST]
    assert [each.seat for each in guest.snapshot.peers] == ["clinician"]
    assert view(patient, GUEST) is None, "the patient hears of them when asked"
    seen = view(clinician, GUEST)
    assert seen is not None and (seen.role, seen.admitted, seen.agreed) == ("interpreter", False, None)
    assert stage.passing() == {BOTH}


async def test_two_who_wait_neither_meet_nor_see_each_other() -> None:
    stage = Stage()
    patient = await stage.join("patient")
    sitter = await stage.join("sitter")
    assert stage.relay.pairs == {}
    assert [each.seat for each in sitter.snapshot.seats] == ["sitter"]
    clinician = await stage.join("clinician")
    assert len(stage.relay.pairs) == 2
    assert [each.seat for each in sitter.snapshot.seats] == ["sitter", "clinician"]
    await clinician.says(Ask(seat="sitter"))
    await patient.says(Answer(seat="sitter", agreed=True))
    await clinician.says(Admit(seat="sitter"))
    assert len(stage.relay.pairs) == 3, "an admitted sitter is warmed with the waiting patient too"
    assert stage.passing() == {frozenset({"clinician", "sitter"})}


async def test_only_a_yes_of_the_patient_makes_admitting_possible() -> None:
    stage, patient, clinician, guest = await waiting()
    await clinician.says(Admit(seat=GUEST))
    assert clinician.last(Error) == Error(code="not-agreed")
    await clinician.says(Ask(seat=GUEST))
    await clinician.says(Admit(seat=GUEST))
    assert stage.passing() == {BOTH}
    asked = view(patient, GUEST)
    assert asked is not None and asked.agreed == "asked"
    await patient.says(Answer(seat=GUEST, agreed=False))
    await clinician.says(Admit(seat=GUEST))
    assert stage.passing() == {BOTH}
    await clinician.says(Ask(seat=GUEST))
    await patient.says(Answer(seat=GUEST, agreed=True))
    assert stage.passing() == {BOTH}, "a yes alone lets nobody in"
    await clinician.says(Admit(seat=GUEST))
    assert stage.passing() == {BOTH, WITH_PATIENT, WITH_CLINICIAN}
    assert {each.seat for each in guest.snapshot.peers} == BOTH


async def test_what_was_asked_answered_and_done_is_told_in_order_and_once() -> None:
    stage, patient, clinician, _ = await waiting()
    for _ in range(2):
        await clinician.says(Ask(seat=GUEST))
    for _ in range(2):
        await patient.says(Answer(seat=GUEST, agreed=True))
    await clinician.says(Admit(seat=GUEST))
    for held in (True, True, False, False):
        await clinician.says(Hold(seat=GUEST, held=held))
    told = [each for each in stage.events if isinstance(each, Asked | Answered | Admitted | Held)][1:]
    assert told == [
        Asked(room="visit", seat=GUEST, by="clinician", by_person="Reyes", at=1000.0),
        Answered(room="visit", seat=GUEST, agreed=True, at=1000.0),
        Admitted(room="visit", seat=GUEST, by="clinician", person="Ana", by_person="Reyes", at=1000.0),
        Held(room="visit", seat=GUEST, held=True, by="clinician", by_person="Reyes", at=1000.0),
        Held(room="visit", seat=GUEST, held=False, by="clinician", by_person="Reyes", at=1000.0),
    ]


async def test_nobody_answers_for_the_patient_and_nobody_is_agreed_to_unasked() -> None:
    stage, patient, clinician, guest = await waiting()
    await patient.says(Answer(seat=GUEST, agreed=True))
    assert patient.last(Error) == Error(code="not-asked")
    await clinician.says(Ask(seat=GUEST))
    for page in (clinician, guest):
        await page.says(Answer(seat=GUEST, agreed=True))
        assert page.last(Error) == Error(code="not-allowed")
    for message in (Ask(seat=GUEST), Hold(seat="clinician", held=True), Admit(seat=GUEST)):
        for page in (patient, guest):
            page.said.clear()
            await page.says(message)
            assert page.last(Error) == Error(code="not-allowed")
    assert stage.passing() == {BOTH}


async def test_a_no_at_any_time_puts_the_guest_back_into_the_waiting_room_at_once() -> None:
    stage = Stage()
    patient, clinician, guest = await stage.with_guest(GUEST)
    await patient.says(Answer(seat=GUEST, agreed=False))
    assert stage.passing() == {BOTH}
    assert not any({*name.split("/")[1:3]} == WITH_PATIENT for name in stage.relay.pairs)
    assert [each.seat for each in guest.snapshot.seats] == ["clinician", GUEST]
    seen = view(clinician, GUEST)
    assert seen is not None and (seen.admitted, seen.agreed) == (False, "no")
    again = await stage.join(GUEST, page="another-page-of-it", admitted=True)
    assert stage.passing() == {BOTH}, "a record that is a moment late lets nobody in"
    assert [each.seat for each in again.snapshot.peers] == ["clinician"]


async def test_guests_are_told_neither_what_the_patient_said_nor_the_whole_name() -> None:
    stage = Stage()
    patient, clinician, guest = await stage.with_guest(GUEST)
    await stage.join("patient", again=patient, guests_see="Pat")
    await stage.join("sitter-2")
    await clinician.says(Ask(seat="sitter-2"))
    assert {(each.seat, each.name, each.agreed) for each in guest.snapshot.seats} == {
        ("patient", "Pat", None),
        ("clinician", "Clinician", None),
        (GUEST, "Interpreter-1", None),
    }
    named = view(clinician, "patient")
    assert named is not None and named.name == "Patient"


@pytest.mark.parametrize(
    ("held", "left_open"), [(GUEST, {BOTH}), ("patient", {WITH_CLINICIAN})], ids=["guest", "patient"]
)
async def test_a_hold_closes_every_gate_of_the_seat_and_nothing_else(
    held: str, left_open: set[frozenset[str]]
) -> None:
    stage = Stage()
    patient, clinician, guest = await stage.with_guest(GUEST)
    everything = stage.passing()
    peers = clinician.snapshot.peers
    await clinician.says(Hold(seat=held, held=True))
    assert stage.passing() == left_open
    for page in (patient, clinician, guest):
        seen = view(page, held)
        assert seen is not None and (seen.held, seen.admitted) == (True, True)
    await clinician.says(Hold(seat=held, held=False))
    assert stage.passing() == everything
    assert clinician.snapshot.peers == peers, "taken back over the same connections"


async def test_a_hold_outlasts_leaving_a_reload_and_the_web_server() -> None:
    stage = Stage()
    patient, clinician, _ = await stage.with_guest(GUEST)
    await clinician.says(Hold(seat="patient", held=True))
    await patient.says(Leave())
    again = await stage.join("patient", page="another-page-of-it", admitted=True)
    assert stage.passing() == {WITH_CLINICIAN}
    after = Stage(stage.relay)
    await after.rooms.rebuild()
    await after.join("clinician", again=Page("clinician", clinician.page))
    back = await after.join("patient", again=Page("patient", again.page), admitted=True, held=True)
    assert after.passing() == {WITH_CLINICIAN}
    seen = view(back, "patient")
    assert seen is not None and seen.held


async def test_a_restarted_web_server_finds_all_seats_and_touches_nothing() -> None:
    before = Stage()
    patient, clinician, guest = await before.with_guest(GUEST)
    held = dict(before.relay.pairs)
    after = Stage(before.relay)
    await after.rooms.rebuild()
    again = await after.join("clinician", again=Page("clinician", clinician.page))
    assert {(each.seat, each.role, each.admitted) for each in again.snapshot.seats} == {
        ("patient", "patient", True),
        ("clinician", "clinician", True),
        (GUEST, "interpreter", True),
    }
    await after.join("patient", again=Page("patient", patient.page), admitted=True)
    await after.join(GUEST, again=Page(GUEST, guest.page), admitted=True, agreed="yes")
    assert after.relay.pairs == held
    assert {each.seat for each in again.snapshot.peers} == {"patient", GUEST}


async def test_who_was_removed_is_told_and_refused_until_the_visit_ends() -> None:
    stage = Stage()
    patient, clinician, guest = await stage.with_guest(GUEST)
    await stage.rooms.open("visit").remove(GUEST)
    assert guest.kinds()[-1] == "removed"
    assert guest.connection is not None and guest.connection.closed.is_set()
    assert stage.passing() == {BOTH} and len(stage.relay.pairs) == 1
    assert view(patient, GUEST) is None and view(clinician, GUEST) is None
    with pytest.raises(ProtocolError, match="seat-removed"):
        await stage.join(GUEST, page="another-page-of-it", admitted=True, agreed="yes")
    await clinician.says(Admit(seat=GUEST))
    assert clinician.last(Error) == Error(code="unknown-seat")
    assert [each.seat for each in stage.events if isinstance(each, Removed)] == [GUEST]
    assert (await stage.join("interpreter-2")).snapshot.you == "interpreter-2", "invited again"


async def test_a_patient_or_a_clinician_is_never_removed() -> None:
    stage = Stage()
    await stage.with_guest(GUEST)
    for seat in ("patient", "clinician", "nobody"):
        await stage.rooms.open("visit").remove(seat)
    assert len(stage.passing()) == 3


async def test_guests_never_take_the_places_of_the_two_whose_visit_it_is() -> None:
    stage = Stage()
    for seat in ("sitter-1", "family-2"):
        await stage.join(seat)
    with pytest.raises(ProtocolError, match="room-full"):
        await stage.join("colleague-3")
    await stage.join("patient")
    await stage.join("clinician")
    with pytest.raises(ProtocolError, match="room-full"):
        await stage.join("colleague-3")


async def test_a_guest_who_left_gives_the_place_up_and_comes_back_only_while_there_is_one() -> None:
    stage = Stage()
    await stage.in_call()
    sitter = await stage.join("sitter-1")
    await stage.join("family-2")
    await sitter.says(Leave())
    await stage.join("colleague-3")
    with pytest.raises(ProtocolError, match="room-full"):
        await stage.join("sitter-1", page="another-page-of-it")


async def test_four_people_hear_each_other_two_by_two() -> None:
    stage = Stage()
    patient, clinician, _ = await stage.with_guest("interpreter-1")
    sitter = await stage.join("sitter-2")
    await clinician.says(Ask(seat="sitter-2"))
    await patient.says(Answer(seat="sitter-2", agreed=True))
    await clinician.says(Admit(seat="sitter-2"))
    assert len(stage.passing()) == 6
    assert len(sitter.snapshot.peers) == 3


async def test_a_call_whose_places_were_taken_again_is_found_whole_after_a_restart() -> None:
    """Who was lost has pairs at the relay for a while: nobody may be turned away at the restart for those."""
    stage = Stage()
    patient, clinician, _ = await stage.with_guest("interpreter-1")

    async def come(seat: str) -> Page:
        guest = await stage.join(seat)
        await clinician.says(Ask(seat=seat))
        await patient.says(Answer(seat=seat, agreed=True))
        await clinician.says(Admit(seat=seat))
        return guest

    sitter = await come("sitter-2")
    stage.now += 60
    for page in (patient, clinician, sitter):
        await page.says(Ping())
    await stage.rooms.tick()
    assert not stage.rooms.open("visit").present("interpreter-1")
    await come("family-3")

    after = Stage(stage.relay)
    await after.rooms.rebuild()
    for seat in ("patient", "clinician", "sitter-2", "family-3"):
        assert after.rooms.open("visit").present(seat)


async def test_nobody_outside_the_call_can_end_it_with_words_about_its_safety() -> None:
    stage, patient, clinician, guest = await waiting()
    for verdict in ("differ", "forged"):
        await guest.says(Words(connection="aaaaaaaa", verdict=verdict))
        assert guest.last(Error) == Error(code="not-allowed")
    assert patient.snapshot.state == "in-call"


async def test_a_yes_is_for_who_sat_there_and_not_for_another_browser_with_the_same_link() -> None:
    stage, patient, clinician, _ = await waiting()
    await clinician.says(Ask(seat=GUEST))
    await patient.says(Answer(seat=GUEST, agreed=True))
    await stage.join(GUEST, page="somebody-with-the-same-link")
    seen = view(clinician, GUEST)
    assert seen is not None and seen.agreed is None
    await clinician.says(Admit(seat=GUEST))
    assert clinician.last(Error) == Error(code="not-agreed")


async def test_what_takes_somebody_out_of_hearing_is_shown_when_it_is_in_the_record_and_done_before() -> None:
    """So that a server killed right after cannot have them heard again: the pages say again what they do not see."""
    stage = Stage()
    watching: list[Page] = []
    seen: list[tuple[set[frozenset[str]], bool, str | None]] = []

    async def written() -> None:
        for guest in [view(page, GUEST) for page in watching]:
            assert guest is not None
            seen.append((stage.passing(), guest.held, guest.agreed))

    stage.rooms.written = written
    patient, clinician, _ = await stage.with_guest(GUEST)
    watching.append(clinician)
    await clinician.says(Hold(seat=GUEST, held=True))
    assert seen == [({BOTH}, False, "yes")]
    await clinician.says(Hold(seat=GUEST, held=False))
    seen.clear()
    await patient.says(Answer(seat=GUEST, agreed=False))
    assert seen == [({BOTH}, False, "yes")]
    after = view(clinician, GUEST)
    assert after is not None and after.agreed == "no"


async def test_who_is_let_in_is_who_sits_there_and_who_did_it_is_who_sits_there_now() -> None:
    stage, patient, clinician, _ = await waiting()
    await clinician.says(Ask(seat=GUEST))
    await patient.says(Answer(seat=GUEST, agreed=True))
    await stage.join(GUEST, page="another-page-of-it", person="Ben")
    okafor = await stage.join("clinician", page="another-page", person="Okafor")
    await okafor.says(Ask(seat=GUEST))
    await patient.says(Answer(seat=GUEST, agreed=True))
    await okafor.says(Admit(seat=GUEST))
    (admitted,) = [each for each in stage.events if isinstance(each, Admitted) and each.seat == GUEST]
    assert (admitted.person, admitted.by_person) == ("Ben", "Okafor")
