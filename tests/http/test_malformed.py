"""What no browser sends: requests two servers would read differently, packed bodies, senders that never finish."""

import asyncio
import gzip

import pytest
from aiohttp import http_parser

from server.web import middleware, serving

HOST = b"Host: localhost:%d\r\n"
# Each could make a server in front and us disagree on where a request ends, or on what it is.
CONFUSING = {
    "length and chunked": (
        b"POST /sign-in HTTP/1.1\r\n@Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "two lengths": b"POST /sign-in HTTP/1.1\r\n@Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "an unknown coding": b"POST /sign-in HTTP/1.1\r\n@Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked is not last": b"POST /sign-in HTTP/1.1\r\n@Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a signed length": b"POST /sign-in HTTP/1.1\r\n@Content-Length: +4\r\n\r\nabcd",
    "a negative length": b"POST /sign-in HTTP/1.1\r\n@Content-Length: -4\r\n\r\nabcd",
    "a length in other digits": "POST /sign-in HTTP/1.1\r\n@Content-Length: ٤\r\n\r\nabcd".encode(),
    "a space before the colon": b"GET /sign-in HTTP/1.1\r\n@X-A : b\r\n\r\n",
    "a folded line": b"GET /sign-in HTTP/1.1\r\n@X-A: b\r\n c\r\n\r\n",
    "a NUL": b"GET /sign-in HTTP/1.1\r\n@X-A: b\0c\r\n\r\n",
    "a bare line feed": b"GET /sign-in HTTP/1.1\n@\n",
    "no version": b"GET /sign-in\r\n@\r\n",
    "a version of its own": b"GET /sign-in HTTP/3.7\r\n@\r\n",
    "a chunk size that is none": b"POST /sign-in HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n0\r\n\r\n",
    "a line feed in a chunk extension": (
        b"POST /sign-in HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\nab\r\n0\r\n\r\n"
    ),
    "two hosts": b"GET /sign-in HTTP/1.1\r\n@Host: elsewhere.example\r\n\r\n",
    "a line that never ends": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n@\r\n",
    "a header that never ends": b"GET /sign-in HTTP/1.1\r\n@X-A: " + b"a" * 9000 + b"\r\n\r\n",
    "headers without end": b"GET /sign-in HTTP/1.1\r\n@" + b"X-A: b\r\n" * 200 + b"\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 4 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", CONFUSING)
async def test_what_can_be_read_two_ways_is_not_read(name, wire) -> None:
    second = b"GET /healthz HTTP/1.1\r\n" + HOST % wire.port + b"\r\n"
    answer = await wire.say(CONFUSING[name].replace(b"@", HOST % wire.port) + second)
    assert answer.split(b" ")[1][:3] in (b"400", b"421")
    # Nothing after it is taken for a request, and nothing of it is repeated.
    assert answer.count(b"HTTP/1.") == 1
    assert b"/sign-in" not in answer and b"elsewhere" not in answer


def opening(path: str, port: int, *, key: bytes = b"AAAAAAAAAAAAAAAAAAAAAA==", more: bytes = b"") -> bytes:
    return (
        b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST % port + b"Upgrade: websocket\r\n"
        b"Connection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: " + key + b"\r\n" + more + b"\r\n"
    )


@pytest.mark.parametrize("path", ["/signalling/test/x", "/healthz"])
async def test_a_socket_opened_with_a_body_hides_no_second_request(wire, path) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\n" + HOST % wire.port + b"\r\n"
    length = b"Content-Length: %d\r\n" % len(hidden)
    answer = await wire.say(opening(path, wire.port, more=length) + hidden)
    assert answer.count(b"HTTP/1.") == 1
    assert b'"status"' not in answer


@pytest.mark.parametrize("key", [b"\xff\xfe", b"short", b""])
async def test_a_socket_whose_key_is_none_is_refused_in_a_line(wire, key) -> None:
    answer = await wire.say(opening("/healthz", wire.port, key=key))
    assert answer.split(b" ")[1] == b"400"


async def test_what_is_said_packed_into_a_socket_that_anybody_opens_is_not_unpacked(wire) -> None:
    offered = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
    answer = await wire.say(opening("/healthz", wire.port, more=offered))
    assert answer.split(b" ")[1] == b"101"
    assert b"deflate" not in answer


async def test_a_packed_body_is_not_unpacked(wire) -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    head = (
        b"POST /sign-in HTTP/1.1\r\n" + HOST % wire.port + b"Connection: close\r\nContent-Encoding: gzip\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    )
    answer = await wire.say(head + bomb)
    assert answer.split(b" ")[1] == b"415"


@pytest.mark.parametrize("size", [513 * 1024, 50_000_000])
async def test_a_body_over_the_limit_is_refused(wire, size) -> None:
    head = (
        b"POST /sign-in HTTP/1.1\r\n" + HOST % wire.port + b"Connection: close\r\nContent-Length: %d\r\n\r\n"
    )
    answer = await wire.say(head % size + b"x" * (600 * 1024))
    assert answer.split(b" ")[1] == b"413"


async def test_a_body_that_trickles_in_is_given_up(wire, monkeypatch) -> None:
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.2)
    head = (
        b"POST /sign-in HTTP/1.1\r\n" + HOST % wire.port + b"Connection: close\r\nContent-Length: 100\r\n\r\n"
    )
    answer = await wire.say(head + b"email=", seconds=20)
    assert answer.split(b" ")[1] == b"408"


async def test_senders_that_never_finish_their_first_line_hold_up_nobody(app, port, monkeypatch) -> None:
    from aiohttp import ClientSession, web

    monkeypatch.setitem(serving.LIMITS, "keepalive_timeout", 1.5)
    runner = serving.Runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=512).start()
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    for _, writer in slow:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: loc")
    async with ClientSession() as others:
        for _ in range(20):
            answer = await others.get(f"http://localhost:{port}/healthz")
            assert answer.status == 200
    # All of them are closed, without an answer.
    ends = await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in slow)), 10)
    assert set(ends) == {b""}
    for _, writer in slow:
        writer.close()
    await runner.cleanup()


def test_the_server_starts_with_the_c_parser_only(monkeypatch) -> None:
    serving.check_parser()
    monkeypatch.setattr(http_parser, "HttpRequestParser", http_parser.HttpRequestParserPy)
    with pytest.raises(serving.SlowParser):
        serving.check_parser()
