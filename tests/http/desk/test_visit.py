"""One visit beside the board: its facts, its link, and what the desk can do about it."""

import json
import re
from dataclasses import replace

import pytest

from server.care import encounter as care
from server.care.encounter import EntryAnswers
from server.services import appointments, patients, sending
from server.store import encounters, links
from server.store.database import Database
from server.store.ids import new_id
from server.store.rows import seal_row
from server.store.tables.notes import notes
from server.web import keys
from webrtc.pairs import found_pair
from webrtc.protocol import dump
from webrtc.relay_client import LegCredentials, PairInfo
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms
from webrtc.transport_messages import Way


async def visit_of(database: Database, encounter_id: str):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        return await encounters.by_id(tx, encounter_id)


async def test_the_detail_says_who_when_and_how_to_reach_them(ada, booked, words) -> None:
    page = await ada.get(f"/desk/visit/{booked.id}")
    read = words(page.text)
    assert page.status == 200
    for fact in ("Mira Lindqvist", "April 17, 1990", "(303) 555-0142", "mira@example.org", "Dr. Ines Reyes"):
        assert fact in read
    assert "10:00 AM clinic (Denver)" in read
    assert 'aria-label="Today"' in page.text, "beside the board, not instead of it"


async def test_both_zones_are_shown_where_they_differ(ada, database, cast, clock, booked, words) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, time_zone="America/New_York", by=cast.ada, now=clock.now())
    read = words((await ada.get(f"/desk/visit/{booked.id}/card")).text)
    assert "10:00 AM clinic (Denver)" in read and "12:00 PM patient (New York)" in read


async def test_the_link_can_be_copied_and_leads_to_this_visit(ada, database, booked) -> None:
    page = (await ada.get(f"/desk/visit/{booked.id}")).text
    token = page.split("/visit/join/")[1].split('"')[0]
    async with database.read() as tx:
        link = await links.by_token(tx, token)
    assert link is not None and link.encounter_id == booked.id
    assert "<img" not in page, "for a phone's camera only where the server was started for phones"


async def test_check_in_marks_the_patient_as_here(ada, database, booked, words) -> None:
    answer = await ada.post(f"/desk/visit/{booked.id}/check-in")
    assert (answer.status, answer.location) == (303, f"/desk/visit/{booked.id}")
    after = await visit_of(database, booked.id)
    async with database.read() as tx:
        _, appointment = await appointments.booked(tx, booked.id)
    assert (after.status, appointment.status) == ("arrived", "arrived")
    assert "Waiting 0 min" in words((await ada.get(answer.location)).text)


async def test_checking_in_twice_is_as_good_as_once(ada, database, booked) -> None:
    answers = [await ada.post(f"/desk/visit/{booked.id}/check-in") for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert (await visit_of(database, booked.id)).version == 2


async def test_cancelling_needs_a_reason(ada, database, booked, words) -> None:
    page = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="  ")
    assert (page.status, (await visit_of(database, booked.id)).status) == (422, "planned")
    assert "Say in a word why the visit is cancelled." in words(page.text)


async def test_cancelling_frees_the_time_and_keeps_the_reason_for_the_clinic(
    ada, database, booked, cast, clock
) -> None:
    answer = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="has a cold")
    assert answer.status == 303
    async with database.write() as tx:
        encounter, appointment = await appointments.booked(tx, booked.id)
        assert (encounter.status, appointment.status) == ("cancelled", "cancelled")
        assert appointment.cancellation_reason == "has a cold"
        again = await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=booked.planned_starts_at,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    assert again.status == "planned"


async def test_what_is_over_is_not_cancelled_again(ada, booked) -> None:
    first = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="has a cold")
    second = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="has a cold")
    assert (first.status, second.status) == (303, 409)
    for action in ("check-in", "link"):
        assert (await ada.post(f"/desk/visit/{booked.id}/{action}")).status == 409


async def test_a_visit_that_runs_is_finished_and_not_cancelled(ada, database, booked, clock) -> None:
    async with database.write() as tx:
        await encounters.save(tx, care.start(booked, clock.now()))
    page = await ada.get(f"/desk/visit/{booked.id}")
    refused = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="too late")
    assert ("Cancel visit" in page.text, refused.status) == (False, 409)


async def test_resending_queues_the_same_link_and_shows_how_it_goes(
    ada, database, booked, clock, words
) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        await sending.sent(tx, message_id, now=clock.now())
    answer = await ada.post(f"/desk/visit/{booked.id}/link")
    read = words((await ada.get(answer.location)).text)
    assert "Link by e-mail Going out" in read and "Confirmation by e-mail Sent Mon, Nov 23, 9:00 AM" in read


async def test_a_letter_that_did_not_arrive_shows_on_the_card(ada, database, booked, clock, words) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        letter = await sending.claim(tx, message_id, now=clock.now())
        assert letter is not None
        await sending.failed(tx, letter, problem="address refused (550)", for_good=True, now=clock.now())
    assert "Message not delivered" in words((await ada.get("/desk/today/board")).text)
    page = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "Not delivered The address does not exist or takes no mail." in page
    assert "(address refused (550)) Send again" in page
    assert "A message to Mira Lindqvist was not delivered" in words((await ada.get("/desk/today/board")).text)


async def test_without_an_address_the_desk_is_told_to_pass_the_link_on(
    ada, database, booked, cast, clock, words
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, email=None, by=cast.ada, now=clock.now())
    page = await ada.post(f"/desk/visit/{booked.id}/link")
    assert page.status == 409
    assert "There is no e-mail address for this patient. Copy the link below" in words(page.text)


async def test_the_connection_test_and_the_number_to_call_back_are_shown(
    ada, database, booked, clock, words
) -> None:
    entry = EntryAnswers(
        where="At home", call_back="(720) 555-0188", with_whom="nobody", agreed_at=clock.now()
    )
    report = json.dumps({"camera": "good", "microphone": "missing"})
    async with database.write() as tx:
        await encounters.save(tx, replace(booked, entry=entry, device_test=report, version=2))
    read = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "(720) 555-0188" in read
    assert "Camera: good Microphone: missing The connection was not tested yet." in read


UDP = {"route": "udp", "works": True, "rtt_ms": 38.2}
NO_UDP = {"route": "udp", "works": False, "rtt_ms": None}
TCP = {"route": "tcp", "works": True, "rtt_ms": 61.0}
NO_TCP = {"route": "tcp", "works": False, "rtt_ms": None}
TURN = {"route": "turn", "works": True, "rtt_ms": 84.0}
FIGURES = {"loss_up": 0.004, "loss_down": 0.021, "bitrate_up": 812_300.0, "bitrate_down": 340_000.0}
JITTER = {"jitter_up_ms": 3.6, "jitter_down_ms": 27.1}


@pytest.mark.parametrize(
    ("report", "on_the_card", "on_the_board"),
    [
        (
            {
                "verdict": "good",
                "routes": [UDP, TCP],
                **FIGURES,
                **JITTER,
                "camera": "good",
                "browser": "Safari, iPhone",
            },
            "Camera: good Connection: good Works over UDP, 38 ms; TCP works too "
            "Lost: 0 % up, 2 % down Sent: 812 kbit/s up, 340 kbit/s down "
            "Unsteady by: 4 ms up, 27 ms down Safari, iPhone",
            "Connection tested",
        ),
        (
            {"verdict": "good", "routes": [UDP, NO_TCP]},
            "Connection: good Works over UDP, 38 ms; TCP is blocked",
            "Connection tested",
        ),
        ({"verdict": "good", "routes": [UDP]}, "Connection: good Works over UDP, 38 ms", "Connection tested"),
        (
            {"verdict": "good", "routes": [NO_UDP, TCP]},
            "Connection: good Will need TCP, 61 ms; UDP is blocked",
            "Will need TCP",
        ),
        (
            {"verdict": "good", "routes": [NO_UDP, NO_TCP, TURN]},
            "Connection: good Will need TURN, 84 ms; UDP is blocked; TCP is blocked",
            "Will need TURN",
        ),
        (
            {"verdict": "good", "routes": [TURN]},
            "Connection: good Works over TURN, 84 ms",
            "Connection tested",
        ),
        (
            {"verdict": "reached", "routes": [{**UDP, "rtt_ms": None}, TCP]},
            "Connection: reaches us Works over UDP; TCP works too",
            "",
        ),
        (
            {"verdict": "weak", "routes": [UDP], "camera": "in-use"},
            "Camera: used by another app Connection: weak Works over UDP, 38 ms",
            "Camera: used by another app Connection: weak",
        ),
        (
            {"verdict": "failed", "routes": [NO_UDP, NO_TCP], "camera": "blocked"},
            "Camera: not allowed Connection: none No call gets through from there. Plan to phone.",
            "Camera: not allowed Connection: none",
        ),
    ],
)
async def test_the_connection_test_in_words(
    ada, database, booked, words, report: dict[str, object], on_the_card: str, on_the_board: str
) -> None:
    async with database.write() as tx:
        await encounters.save(tx, replace(booked, device_test=json.dumps(report), version=2))
    card = words((await ada.get(f"/desk/visit/{booked.id}/card")).text)
    assert f"Connection test {on_the_card}" in card
    board = words((await ada.get("/desk/today/board")).text)
    if on_the_board:
        assert on_the_board in board
    else:
        assert "Connection" not in board


@pytest.fixture
def rooms(app, clock) -> Rooms:
    app[keys.ROOMS] = Rooms(RelayProcess(), RoomSettings(), clock.monotonic)
    return app[keys.ROOMS]


@pytest.mark.parametrize(
    ("kind", "way", "said", "on_the_board"),
    [
        ("udp", "udp", "direct (UDP)", "over UDP"),
        ("tcp", "tcp", "over TCP, because UDP did not get through", "over TCP"),
        ("udp", "turn-tls", "through a TURN server (TLS)", "over a TURN server"),
        ("udp", "turn-tcp", "through a TURN server (TCP)", "over a TURN server"),
        ("udp", "turn-udp", "through a TURN server (UDP)", "over a TURN server"),
    ],
)
async def test_the_route_is_that_of_the_call_that_is_going_on(
    rooms, ada, booked, clock, words, kind: str, way: str, said: str, on_the_board: str
) -> None:
    """What the relay hears of the patient, and what their page says is between."""
    page = f"/desk/visit/{booked.id}/card"
    assert "Route" not in words((await ada.get(page)).text)
    assert on_the_board not in words((await ada.get("/desk/today/board")).text)
    legs = {
        name: LegCredentials(ufrag=name, pwd=name, latched=True, kind=each)
        for name, each in (("a", kind), ("b", "udp"))
    }
    name = f"{booked.id}/patient/clinician/connection/page-of-mira/page-of-reyes"
    pair = found_pair(PairInfo(pair=name, room=booked.id, passing=True, legs=legs))
    room = rooms.open(booked.id)
    room.found(pair)
    mira = await room.join(
        seat="patient", role="patient", name="", page="page-of-mira", send=lambda _: None, admitted=True
    )
    await mira.receive(dump(Way(connection="connection", way=way)))
    assert f"Route {said}" in words((await ada.get(page)).text)
    # A minute later, or with whatever else changes.
    clock.advance(minutes=1)
    assert on_the_board in words((await ada.get("/desk/today/board")).text)


async def test_no_page_of_the_desk_shows_a_word_of_a_note(ada, database, booked, cast, clock) -> None:
    note = {
        "id": new_id(),
        "patient_id": cast.mira,
        "encounter_id": booked.id,
        "author_id": cast.reyes,
        "visit_type": "check-in",
        "status": "preliminary",
        "version": 1,
        "body": json.dumps({"history": "canary-of-a-note"}),
        "created_at": clock.now(),
        "saved_at": clock.now(),
    }
    async with database.write() as tx:
        await tx.run(notes.insert().values(await seal_row(tx, notes, note)))
    paths = [
        "/desk/today",
        "/desk/today/board",
        "/desk/book",
        f"/desk/visit/{booked.id}",
        f"/desk/visit/{booked.id}/card",
        f"/desk/visit/{booked.id}/sent",
        f"/desk/reschedule/{booked.id}",
    ]
    pages = [await ada.get(path) for path in paths] + [await ada.post("/desk/patients", q="mira")]
    assert {page.status for page in pages} == {200}
    assert not any("canary-of-a-note" in page.text for page in pages)


@pytest.mark.parametrize("part", ["", "/card", "/sent"])
async def test_an_unknown_visit_is_no_page(ada, part: str) -> None:
    assert (await ada.get(f"/desk/visit/{'0' * 32}{part}")).status == 404


async def test_an_unknown_visit_cannot_be_changed(ada) -> None:
    answers = [
        await ada.post(f"/desk/visit/{'0' * 32}/{action}", reason="x")
        for action in ("cancellation", "link", "check-in")
    ]
    assert [answer.status for answer in answers] == [404, 404, 404]


async def test_only_the_front_desk_sees_and_changes_it(stranger, reyes, petra, database, booked) -> None:
    for who, no in ((stranger, 401), (reyes, 403), (petra, 403)):
        shown = await who.get(f"/desk/visit/{booked.id}")
        assert shown.status == (303 if who is stranger else 403)
        for action in ("cancellation", "link", "check-in"):
            assert (await who.post(f"/desk/visit/{booked.id}/{action}", reason="x")).status == no
    assert await visit_of(database, booked.id) == booked


async def test_resending_a_link_locked_by_wrong_dates_sends_a_new_one(ada, database, booked) -> None:
    async with database.write() as tx:
        old = appointments.token_of(tx, booked)
        link = await links.by_token(tx, old)
        for _ in range(5):
            await links.count_wrong_date(tx, link.id)

    await ada.post(f"/desk/visit/{booked.id}/link")

    async with database.read() as tx:
        fresh = appointments.token_of(tx, await appointments.visit(tx, booked.id))
        assert fresh != old
        assert (await links.by_token(tx, fresh)).wrong_dates == 0
        assert (await links.by_token(tx, old)).revoked_at is not None


@pytest.mark.parametrize("action", ["link", "home-link"])
async def test_why_nothing_can_be_sent_stands_outside_of_what_follows_the_server(
    ada, database, booked, cast, clock, words, action: str
) -> None:
    """The parts that follow the server are drawn anew at once; a sentence inside them would be gone unread."""
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, email=None, by=cast.ada, now=clock.now())
    page = await ada.post(f"/desk/visit/{booked.id}/{action}")
    sentence = "There is no e-mail address for this patient"
    assert page.status == 409 and words(page.text).count(sentence) == 1
    following = re.findall(r"<live-region.*?</live-region>", page.text, re.DOTALL)
    assert following and not any(sentence in part for part in following)


async def test_a_visit_that_is_over_by_now_is_not_cancelled_and_the_reason_is_kept(
    ada, booked, words
) -> None:
    await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="a cold")
    page = await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="another desk")
    assert page.status == 409 and "is over by now" in words(page.text)


async def test_a_link_closed_by_wrong_dates_is_named_beside_it(ada, booked, database, words) -> None:
    sentence = "Closed after five wrong dates of birth"
    assert sentence not in words((await ada.get(f"/desk/visit/{booked.id}/sent")).text)
    async with database.write() as tx:
        link = await links.by_token(tx, appointments.token_of(tx, booked))
        for _ in range(5):
            await links.count_wrong_date(tx, link.id)
    assert sentence in words((await ada.get(f"/desk/visit/{booked.id}/sent")).text)
    await ada.post(f"/desk/visit/{booked.id}/link")
    assert sentence not in words((await ada.get(f"/desk/visit/{booked.id}/sent")).text)
