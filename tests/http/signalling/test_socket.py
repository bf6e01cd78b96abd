"""The socket itself: who is let in at all, and what ends it."""

import asyncio
import json

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from server.handlers.signalling import OUTGOING_FRAMES
from server.services import appointments, telephone, visits
from server.web import keys
from tests.http.signalling.stage import (
    ANSWERS,
    PATIENTLY,
    hear,
    hello,
    refused,
    sit,
)
from tests.people import MIRA_BORN


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
    app, mira, room, kept, first: str, code: str
) -> None:
    socket = await sit(mira, f"/signalling/{room}")
    await socket.send_str(first)
    assert json.loads(await socket.receive_str()) == {"type": "error", "code": code}
    assert (await socket.receive()).type is WSMsgType.CLOSE
    assert socket.close_code == 1008
    assert app[keys.ROOMS].refused == {code: 1}
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
    async with asyncio.timeout(PATIENTLY):
        while app[keys.ROOMS].refused != {"unread": 1}:
            await asyncio.sleep(0.02)
    again = await hello(mira, f"/signalling/{room}", page="another-page-of-it")
    await hear(again, type="snapshot")
    await again.close()
