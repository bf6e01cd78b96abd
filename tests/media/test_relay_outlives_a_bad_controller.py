"""Whatever a controller does, the call goes on, the next controller finds it, and the relay says what it refused."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.media.checks import SRTP, resident
from tests.media.test_relay_process_keeps_calls_alive import Browser, passes
from webrtc.relay.control import LONGEST_LINE, MOST_CONNECTIONS, MOST_UNREAD
from webrtc.relay.legs import Limits
from webrtc.relay_client import RelayClient
from webrtc.relay_process import socket_path


@pytest.fixture
async def call(relay):
    pair = await relay.client.open(pair="call", room="room")
    await relay.client.gate(pair="call", passing=True)
    browsers = [Browser(relay.client.port, leg) for leg in pair.legs.values()]
    for browser in browsers:
        await browser.check(nominate=True)
    yield browsers
    for browser in browsers:
        browser.udp.close()


@pytest.fixture
async def path(relay, call, tmp_path):
    """The honest controller is gone: whoever connects now is the next one."""
    await relay.stop(kill=False)
    yield socket_path(tmp_path)
    client = await RelayClient.connect(socket_path(tmp_path))
    await client.stop_relay()
    await client.close()


@asynccontextmanager
async def a_controller(path, *, hello=True):
    reader, writer = await asyncio.open_unix_connection(path, limit=MOST_UNREAD)
    if hello:
        assert (await asks(reader, writer, {"id": 0, "op": "hello"}))["controller_free"] is True
    yield reader, writer
    writer.close()


async def asks(reader, writer, request):
    writer.write(json.dumps(request).encode() + b"\n")
    return await answer(reader)


async def answer(reader):
    while "event" in (message := json.loads(await asyncio.wait_for(reader.readline(), 30))):
        pass
    return message


async def asks_without_end(writer):
    for _ in range(10_000):
        writer.write(b'{"id":1,"op":"list"}\n' * 100)
        await asyncio.wait_for(writer.drain(), 30)


async def is_let_go(reader):
    try:
        while await asyncio.wait_for(reader.read(1 << 16), 30):
            pass
    except ConnectionResetError:
        pass


async def refusals(path, call):
    """The call goes on, and a new controller is told what was refused."""
    assert await passes(*call, SRTP)
    client = await RelayClient.connect(path)
    assert [pair.pair for pair in await client.list()][:1] == ["call"]
    stats = await client.stats()
    await client.close()
    return stats["control"]


async def test_a_line_without_end_ends_the_connection_and_nothing_else(path, call):
    async with a_controller(path) as (reader, writer):
        writer.write(b"x" * (2 * LONGEST_LINE))
        await is_let_go(reader)
    async with a_controller(path) as (reader, writer):
        writer.write(b'{"id": 1, "op": "' + b"x" * LONGEST_LINE + b'"}\n')
        await is_let_go(reader)
    assert await refusals(path, call) == {"long-line": 2}


async def test_half_lines_are_put_together_and_a_half_one_at_the_end_does_nothing(path, call):
    async with a_controller(path) as (reader, writer):
        for byte in b'{"id":1,"op":"gate","pair":"call","passing":true}\n':
            writer.write(bytes([byte]))
            await writer.drain()
        assert await answer(reader) == {"id": 1, "ok": True}
        writer.write(b'{"id":2,"op":"close","pair":"call"}')
        await writer.drain()
    assert await refusals(path, call) == {}


async def test_nonsense_is_refused_line_by_line(path, call):
    lines = [b"", b"nonsense", b"[]", b'{"op":"list"}', b"\xff\xfe", b"[" * 5000, b'{"id":3}', b"null"]
    lines += [
        b'{"id":[],"op":"list"}',
        b'{"id":1e999,"op":"list"}',
        b'{"id":"%s","op":"list"}' % (b"x" * 101),
    ]
    async with a_controller(path) as (reader, writer):
        writer.write(b"\n".join([*lines, b""]))
        for _ in lines:
            assert await answer(reader) == {"id": None, "ok": False, "error": "bad-request"}
        for op in ("format", "", None, ["open"], {"op": "open"}, 7):
            assert await asks(reader, writer, {"id": "one", "op": op}) == {
                "id": "one",
                "ok": False,
                "error": "bad-request",
            }
    assert await refusals(path, call) == {"bad-request": len(lines) + 6}


async def test_a_thousand_pairs_stop_at_the_ceiling(relay, call, path):
    async with a_controller(path) as (reader, writer):
        for number in range(1000):
            request = {"id": number, "op": "open", "pair": f"p{number}", "room": "r"}
            writer.write(json.dumps(request).encode() + b"\n")
        answers = [await answer(reader) for _ in range(1000)]
    most = Limits().pairs - 1
    assert [each["ok"] for each in answers] == [True] * most + [False] * (1000 - most)
    assert await refusals(path, call) == {"full": 1000 - most}


async def test_who_does_not_read_is_let_go_and_not_remembered_for(relay, call, path):
    async with a_controller(path) as (reader, writer):
        pid = (await asks(reader, writer, {"id": 0, "op": "hello"}))["pid"]
        for number in range(200):
            await asks(reader, writer, {"id": 0, "op": "open", "pair": f"{number}".ljust(400), "room": "r"})
        before = resident(pid)
        writer.transport.pause_reading()
        with pytest.raises(ConnectionError):
            await asks_without_end(writer)
    assert resident(pid) - before < 4 * MOST_UNREAD
    assert await refusals(path, call) == {"unread": 1}


async def test_a_flood_of_large_answers_is_worked_off_one_by_one_while_the_call_goes_on(relay, call, path):
    async def all_answers_or_let_go(reader):
        seen = 0
        while seen < 300 and (data := await reader.read(1 << 16)):
            seen += data.count(b"\n")

    async with a_controller(path) as (reader, writer):
        pid = (await asks(reader, writer, {"id": 0, "op": "hello"}))["pid"]
        for number in range(200):
            await asks(reader, writer, {"id": 0, "op": "open", "pair": f"{number}".ljust(400), "room": "r"})
        before = most = resident(pid)
        writer.write(b'{"id":1,"op":"list"}\n' * 300)
        reading = asyncio.ensure_future(all_answers_or_let_go(reader))
        while not reading.done():
            assert await passes(*call, SRTP)
            most = max(most, resident(pid))
        await asyncio.gather(reading, return_exceptions=True)
    assert most - before < 4 * MOST_UNREAD
    # Who reads slower than the relay writes is let go; that is no matter here.
    assert set(await refusals(path, call)) <= {"unread"}


async def test_a_crowd_of_controllers_is_turned_away_and_none_but_the_first_is_obeyed(path, call):
    async with a_controller(path) as (reader, writer):
        async with AsyncExitStack() as stack:
            for _ in range(MOST_CONNECTIONS - 1):
                other = await stack.enter_async_context(a_controller(path, hello=False))
                assert (await asks(*other, {"id": 1, "op": "close", "pair": "call"}))["error"] == "busy"
            for _ in range(5):
                other = await stack.enter_async_context(a_controller(path, hello=False))
                await is_let_go(other[0])
        assert (await asks(reader, writer, {"id": 2, "op": "gate", "pair": "call", "passing": True}))["ok"]
    assert await refusals(path, call) == {"busy": MOST_CONNECTIONS - 1, "crowd": 5}
