"""The call's WebSocket: hello comes first, what happens in the room is written down, nothing is held open meanwhile.

Who may come in at all is asked of every kind of caller in test_outsider_matrix.py.
"""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from sqlalchemy import select

from server.app import create_app
from server.care.encounter import Encounter
from server.handlers.signalling import OUTGOING_FRAMES
from server.services import appointments, visits
from server.store import encounters
from server.store.tables import metadata
from server.web import keys, live
from tests.builders import house_config
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.people import MIRA_BORN, Cast

ANSWERS = {"where": "Home", "call_back": "(303) 555-0199", "with_whom": "Nobody", "agree": "yes"}
PATIENTLY = 10


@pytest.fixture
async def app(database, clock, cast, port, tmp_path) -> web.Application:
    """With the relay and the rooms."""
    return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock)


@pytest.fixture
async def visit(database, clock, cast: Cast) -> tuple[Encounter, str]:
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        return encounter, appointments.token_of(tx, encounter)


@pytest.fixture
async def mira(stranger: Visitor, visit: tuple[Encounter, str]) -> Visitor:
    """In front of the waiting room's door."""
    encounter, token = visit
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{encounter.id}", date_of_birth=MIRA_BORN.isoformat())
    await stranger.post(f"/visit/entry/{encounter.id}", **ANSWERS)
    return stranger


@pytest.fixture
def room(visit: tuple[Encounter, str]) -> str:
    return str(visit[0].id)


@pytest.fixture
def kept(database, room):  # type: ignore[no-untyped-def]
    """`await kept("arrived")`: the visit, once it has this status."""

    async def until(status: str) -> Encounter:
        async with asyncio.timeout(PATIENTLY):
            while True:
                async with database.read() as tx:
                    found = await encounters.by_id(tx, room)
                assert found is not None
                if found.status == status:
                    return found
                await asyncio.sleep(0.02)

    return until


@pytest.fixture
def events(database, room):  # type: ignore[no-untyped-def]
    async def of_visit() -> list[tuple[str, str]]:
        """In no order: while the clock stands still, `at` only says how long the writing down took."""
        table = metadata.tables["presence_events"]
        statement = select(table.c.seat, table.c.kind).where(table.c.encounter_id == room)
        async with database.read() as tx:
            return [tuple(row) for row in await tx.all(statement)]

    return of_visit


async def sit(browser: Visitor, path: str) -> ClientWebSocketResponse:
    origin = str(browser.client.make_url("/").origin())
    return await browser.client.ws_connect(path, headers={"Origin": origin})


async def hello(browser: Visitor, path: str, *, page: str = "page-of-a-test") -> ClientWebSocketResponse:
    socket = await sit(browser, path)
    await say(socket, type="hello", page=page, seen=0)
    return socket


async def say(socket: ClientWebSocketResponse, **message: Any) -> None:
    await socket.send_str(json.dumps(message))


async def hear(socket: ClientWebSocketResponse, **wanted: Any) -> dict[str, Any]:
    """The next message of which all this is true."""
    async with asyncio.timeout(PATIENTLY):
        while True:
            message = json.loads(await socket.receive_str())
            if all(message.get(key) == value for key, value in wanted.items()):
                return message


def just_now(clock: StoppedClock, at: datetime | None) -> bool:
    """Events carry the moment they happened, a little before they are written down."""
    return at is not None and timedelta(0) <= clock.now() - at < timedelta(seconds=PATIENTLY)


async def test_entering_the_page_is_knocking(app, mira, room, kept, events, clock) -> None:
    """experience.md P11: a patient who does nothing after coming in stands on the board."""
    changes = app[keys.CHANGES].subscribe(live.BOARD)
    board = asyncio.ensure_future(anext(changes))
    socket = await hello(mira, f"/signalling/{room}")
    snapshot = await hear(socket, type="snapshot")
    assert (snapshot["room"], snapshot["state"], snapshot["you"]) == (room, "waiting", "patient")
    assert just_now(clock, (await kept("arrived")).arrived_at)
    await asyncio.wait_for(board, PATIENTLY)
    assert ("patient", "joined") in await events()
    await socket.close()


async def test_admitting_starts_the_visit_and_reaches_the_patient(
    mira, reyes, room, kept, events, clock
) -> None:
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await hear(clinician, type="snapshot")
    await kept("arrived")
    await say(clinician, type="admit", seat="patient")
    snapshot = await hear(patient, type="snapshot", state="in-call")
    assert {each["seat"]: each["admitted"] for each in snapshot["seats"]} == {
        "clinician": True,
        "patient": True,
    }
    assert [each["role"] for each in snapshot["seats"] if each["seat"] == "clinician"] == ["clinician"]
    assert just_now(clock, (await kept("in-progress")).started_at)
    assert ("patient", "admitted") in await events()
    for socket in (patient, clinician):
        await socket.close()


async def test_the_patient_cannot_let_themselves_in(mira, room, kept) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    await say(socket, type="admit", seat="patient")
    assert (await hear(socket, type="error"))["code"] == "not-allowed"
    assert (await kept("arrived")).started_at is None
    await socket.close()


async def both_in(mira: Visitor, reyes: Visitor, room: str):  # type: ignore[no-untyped-def]
    """Both sockets, with the connection they have with each other."""
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    patient = await hello(mira, f"/signalling/{room}")
    snapshot = await hear(patient, type="snapshot")
    (peer,) = snapshot["peers"]
    assert peer["verified"] is False
    return patient, clinician, peer["connection"]


@pytest.fixture
def trail(database):  # type: ignore[no-untyped-def]
    async def of_the_words() -> list[tuple[str, str]]:
        """Who, what."""
        table = metadata.tables["audit_events"]
        statement = select(table.c.actor, table.c.action).where(table.c.action.startswith("words-"))
        async with database.read() as tx:
            return [tuple(row) for row in await tx.all(statement)]

    return of_the_words


async def test_safety_words_that_match_are_kept_with_the_visit_and_by_whom(
    mira, reyes, room, kept, events, trail, database, cast
) -> None:
    patient, clinician, connection = await both_in(mira, reyes, room)
    await say(patient, type="words", connection=connection, verdict="match")
    assert (await hear(patient, type="error"))["code"] == "not-allowed"
    await say(clinician, type="words", connection="of-another-page", verdict="match")
    assert (await hear(clinician, type="error"))["code"] == "unknown-connection"
    assert await trail() == []

    await say(clinician, type="words", connection=connection, verdict="match")
    async with asyncio.timeout(PATIENTLY):
        while not (await hear(patient, type="snapshot"))["peers"][0]["verified"]:
            pass
        while ("clinician", "words-match") not in await events():
            await asyncio.sleep(0.02)
    assert await trail() == [(cast.reyes, "words-match")]
    async with database.read() as tx:
        assert await tx.all(select(metadata.tables["tasks"])) == []
    chart = await reyes.get(f"/clinic/chart/{cast.mira}/timeline")
    assert "safety words matched" in chart.text
    for socket in (patient, clinician):
        await socket.close()


@pytest.mark.parametrize(("said_by", "verdict"), [("clinician", "differ"), ("patient", "forged")])
async def test_safety_words_that_do_not_hold_stop_the_call_for_both_and_ask_the_desk_to_ring(
    app, mira, reyes, ada, room, events, trail, cast, said_by: str, verdict: str
) -> None:
    patient, clinician, connection = await both_in(mira, reyes, room)
    speaker = patient if said_by == "patient" else clinician
    await say(speaker, type="words", connection=connection, verdict=verdict)
    for socket in (patient, clinician):
        stopped = await hear(socket, type="snapshot", state="stopped")
        assert stopped["peers"] == []
        await hear(socket, type="finished")
    async with asyncio.timeout(PATIENTLY):
        while (said_by, f"words-{verdict}") not in await events():
            await asyncio.sleep(0.02)
    assert await trail() == [(cast.reyes if said_by == "clinician" else "patient", f"words-{verdict}")]
    board = (await ada.get("/desk/today/board")).text
    assert "the safety check of their call failed" in board
    assert ANSWERS["call_back"] in board

    # The visit goes on: whoever comes back finds a new room and a new connection.
    patient, clinician, another = await both_in(mira, reyes, room)
    assert another != connection
    for socket in (patient, clinician):
        await socket.close()


async def test_leaving_the_waiting_room_is_seen_at_once(mira, room, kept, events) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    await say(socket, type="leave")
    assert (await kept("planned")).arrived_at is None
    assert ("patient", "left") in await events()


async def test_in_the_call_leaving_changes_nothing_and_the_same_browser_comes_straight_back(
    mira, reyes, room, kept, events
) -> None:
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await kept("arrived")
    await say(clinician, type="admit", seat="patient")
    await kept("in-progress")
    await say(patient, type="leave")
    while ("patient", "left") not in await events():
        await asyncio.sleep(0.02)
    await kept("in-progress")
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    snapshot = await hear(again, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"] if each["seat"] == "patient"] == [True]
    for socket in (again, clinician):
        await socket.close()


async def test_a_second_page_takes_the_seat_and_the_first_is_told(mira, room, kept) -> None:
    first = await hello(mira, f"/signalling/{room}", page="the-first-page")
    await kept("arrived")
    second = await hello(mira, f"/signalling/{room}", page="the-second-page")
    await hear(first, type="replaced")
    await hear(second, type="snapshot")
    await kept("arrived")
    await second.close()


async def test_finishing_and_cancelling_reach_an_open_page(mira, app, room, kept) -> None:
    for reason in ("cancelled", "finished"):
        socket = await hello(mira, f"/signalling/{room}", page=f"page-{reason}")
        await hear(socket, type="snapshot", state="waiting")
        await app[keys.ROOMS].close(room, reason=reason)
        await hear(socket, type="snapshot", state=reason)
        await hear(socket, type="finished")


@pytest.mark.parametrize("over", ["finished", "cancelled"])
async def test_a_visit_that_is_over_has_no_room(mira, room, database, cast, clock, over) -> None:
    async with database.write() as tx:
        if over == "finished":
            await visits.finish(tx, encounter_id=room, by=cast.reyes, now=clock.now())
        else:
            await appointments.cancel(tx, room, reason="Ill", by=cast.ada, now=clock.now())
    with pytest.raises(WSServerHandshakeError) as refused:
        await sit(mira, f"/signalling/{room}")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"type": "ping"}', "hello-first"),
        ("not json", "not-json"),
        ('{"type": "sing"}', "unknown-type"),
        ('{"type": "hello", "page": "x", "seen": 0}', "bad-field"),
        ('{"type": "hello", "page": "page-of-a-test", "seen": 0, "seat": "clinician"}', "bad-field"),
    ],
)
async def test_a_wrong_first_message_ends_the_socket_and_knocks_nowhere(
    mira, room, kept, first: str, code: str
) -> None:
    socket = await sit(mira, f"/signalling/{room}")
    await socket.send_str(first)
    assert json.loads(await socket.receive_str()) == {"type": "error", "code": code}
    assert (await socket.receive()).type is WSMsgType.CLOSE
    assert socket.close_code == 1008
    await kept("planned")


async def test_an_oversized_message_ends_the_socket(mira, room, kept) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await hear(socket, type="snapshot")
    await socket.send_str(json.dumps({"type": "ping", "padding": "x" * 200_000}))
    async with asyncio.timeout(PATIENTLY):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.closed


async def test_an_open_socket_holds_no_transaction(mira, reyes, room, database, kept) -> None:
    """An hour-long call must not keep anybody from writing for an hour."""
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await kept("arrived")
    async with asyncio.timeout(2), database.write() as tx:
        await appointments.visit(tx, room)
    for socket in (patient, clinician):
        await socket.close()


async def test_a_page_that_reads_nothing_is_let_go_instead_of_filling_memory(app, mira, room, kept) -> None:
    """The queue to a page is bounded; whoever does not read loses the socket, not the house its memory."""
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    found = app[keys.ROOMS].find(room)
    assert found is not None
    for _ in range(OUTGOING_FRAMES + 10):
        await found.changed("messages")
    async with asyncio.timeout(PATIENTLY):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.closed
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    await hear(again, type="snapshot")
    await again.close()
