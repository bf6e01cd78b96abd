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
from server.services import appointments, telephone, visits
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


async def let_in(mira, reyes, room, kept):  # type: ignore[no-untyped-def]
    """The patient's socket and the clinician's, in a visit that has begun."""
    patient = await hello(mira, f"/signalling/{room}")
    clinician = await hello(reyes, f"/signalling/{room}?as=clinician")
    await kept("arrived")
    await say(clinician, type="admit", seat="patient")
    await kept("in-progress")
    return patient, clinician


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


async def test_leaving_the_waiting_room_is_seen_at_once(mira, room, kept, events) -> None:
    socket = await hello(mira, f"/signalling/{room}")
    await kept("arrived")
    await say(socket, type="leave")
    assert (await kept("planned")).arrived_at is None
    assert ("patient", "left") in await events()


async def test_in_the_call_leaving_changes_nothing_and_the_same_browser_comes_straight_back(
    mira, reyes, room, kept, events
) -> None:
    patient, clinician = await let_in(mira, reyes, room, kept)
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


async def test_the_socket_asks_what_the_page_asks(
    stranger, reyes, visit, room, clock, database, cast
) -> None:
    """The waiting room's time, the answered questions, a visit by video: also of whoever comes without the page."""
    encounter, token = visit
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{encounter.id}", date_of_birth=MIRA_BORN.isoformat())
    patients, clinicians = f"/signalling/{room}", f"/signalling/{room}?as=clinician"
    tests = f"/signalling/test/{room}"
    await refused(stranger, patients)
    await refused(stranger, tests)
    await stranger.post(f"/visit/entry/{encounter.id}", **ANSWERS)
    clock.advance(minutes=-31)
    await refused(stranger, patients)
    # Camera and microphone can be tried before the waiting room opens.
    await (await sit(stranger, tests)).close()
    clock.advance(minutes=31)
    for path, who in ((patients, stranger), (clinicians, reyes)):
        await (await sit(who, path)).close()
    async with database.write() as tx:
        await telephone.by_phone(tx, encounter_id=room, now=clock.now())
    for path, who in ((patients, stranger), (tests, stranger), (clinicians, reyes)):
        await refused(who, path)


async def refused(browser: Visitor, path: str) -> None:
    with pytest.raises(WSServerHandshakeError) as problem:
        await sit(browser, path)
    assert problem.value.status == 404


async def test_call_me_instead_ends_the_call_on_every_page_and_says_why(
    app, mira, reyes, room, kept, database
) -> None:
    patient, clinician = await let_in(mira, reyes, room, kept)
    assert (await mira.post(f"/visit/by-phone/{room}")).status == 303
    for socket in (patient, clinician):
        await hear(socket, type="snapshot", state="by-phone")
        await hear(socket, type="finished")
    assert app[keys.ROOMS].find(room) is None
    # Back on video, nobody has to be let in again.
    await mira.post(f"/visit/by-phone/{room}/undoing")
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    snapshot = await hear(again, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"]] == [True]
    await again.close()


async def test_another_device_with_the_same_link_is_told_to_the_clinician(
    mira, reyes, new_visitor, visit, room, kept, events
) -> None:
    """security.md, row 2: a second device has to be admitted again, and the clinician is told that there are two."""
    patient, clinician = await let_in(mira, reyes, room, kept)
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    await hear(again, type="snapshot")
    assert ("patient", "other-device") not in await events()
    other = await new_visitor()
    await other.post(f"/visit/join/{visit[1]}")
    await other.post(f"/visit/identity/{room}", date_of_birth=MIRA_BORN.isoformat())
    second = await hello(other, f"/signalling/{room}", page="page-of-another-device")
    snapshot = await hear(second, type="snapshot")
    assert [each["admitted"] for each in snapshot["seats"] if each["seat"] == "patient"] == [False]
    async with asyncio.timeout(PATIENTLY):
        while ("patient", "other-device") not in await events():
            await asyncio.sleep(0.02)
    assert "Another device opened this visit" in (await reyes.get(f"/clinic/consult/{room}/lobby")).text
    for socket in (patient, again, second, clinician):
        await socket.close()


async def test_a_window_that_lost_the_call_is_told_when_the_other_one_goes(app, reyes, room) -> None:
    first = await hello(reyes, f"/signalling/{room}?as=clinician", page="the-first-page")
    await hear(first, type="snapshot")
    second = await hello(reyes, f"/signalling/{room}?as=clinician", page="the-second-page")
    await hear(first, type="replaced")
    await hear(second, type="snapshot")
    assert "the call goes on there" in (await reyes.get(f"/clinic/consult/{room}/seat")).text
    changes = app[keys.CHANGES].subscribe(live.encounter_topic(room))
    news = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await second.close()
    async with asyncio.timeout(PATIENTLY):
        while "The other window is gone" not in (await reyes.get(f"/clinic/consult/{room}/seat")).text:
            await news
            news = asyncio.ensure_future(anext(changes))
    news.cancel()


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
