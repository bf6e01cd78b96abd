"""Every message of webrtc/PROTOCOL.md is read and written as the page says, and nothing else is."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

import webrtc
from webrtc import protocol
from webrtc.protocol import (
    CLIENT_MESSAGES,
    ERROR_CODES,
    MESSAGE_LIMIT,
    SERVER_MESSAGES,
    Admit,
    Describe,
    Described,
    EchoNews,
    EchoReport,
    Hello,
    Ping,
    ProtocolError,
    Quality,
    RouteTried,
    SessionDescription,
    dump,
    parse,
    parse_server,
)

PAGE = (Path(webrtc.__file__).parent / "PROTOCOL.md").read_text()


def refused(text: str) -> str:
    with pytest.raises(ProtocolError) as error:
        parse(text)
    return error.value.code


def test_each_message_type_is_written_down_with_its_fields() -> None:
    for kinds, heading in ((CLIENT_MESSAGES, "Browser to server"), (SERVER_MESSAGES, "Server to browser")):
        section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
        assert set(re.findall(r"^\*\*`([a-z-]+)`\*\*", section, re.MULTILINE)) == set(kinds)
        for kind, part in kinds.items():
            words = section.split(f"**`{kind}`**")[1].split("\n**`")[0]
            for name in (each.name for each in dataclasses.fields(part)):
                assert name.rstrip("_") in words, (kind, name)


def test_each_error_code_is_written_down() -> None:
    section = PAGE.split("## Errors\n")[1]
    fatal, rest = section.split("Not fatal:")
    named = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")
    assert set(named.findall(fatal)) == set(protocol.FATAL_CODES)
    assert set(named.findall(rest)) == set(ERROR_CODES - protocol.FATAL_CODES)


def test_hello() -> None:
    text = '{"type":"hello","page":"0123456789abcdef","seen":7}'
    assert parse(text) == Hello(page="0123456789abcdef", seen=7)
    assert dump(parse(text)) == text


def test_from_is_from_on_the_wire() -> None:
    message = Described(
        from_="patient", connection="abcdefgh", description=SessionDescription(type="offer", sdp="v=0")
    )
    assert json.loads(dump(message))["from"] == "patient"
    assert parse_server(dump(message)) == message


def test_figures_that_were_not_measured_are_left_out() -> None:
    assert dump(Quality(rtt_ms=12.5)) == '{"type":"quality","rtt_ms":12.5}'
    assert parse('{"type":"quality","rtt_ms":12.5}') == Quality(rtt_ms=12.5)


def test_news_of_the_connection_test_survive_the_way() -> None:
    routes = (RouteTried(route="udp", works=False), RouteTried(route="tcp", works=True, rtt_ms=3.0))
    report = EchoReport(verdict="good", transport="tcp", rtt_ms=3.0, routes=routes)
    news = EchoNews(state="done", position=None, report=report)
    assert parse_server(dump(news)) == news


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-json"),
        ("nonsense", "not-json"),
        ("[]", "not-json"),
        ("null", "not-json"),
        ("[" * 90_000, "not-json"),
        ('{"type":"quality","rtt_ms":NaN}', "not-json"),
        ('{"type":"quality","rtt_ms":' + "9" * 5000 + "}", "not-json"),
        ("{}", "unknown-type"),
        ('{"type":7}', "unknown-type"),
        ('{"type":["ping"]}', "unknown-type"),
        ('{"type":"snapshot"}', "unknown-type"),
        ('{"type":"candidate"}', "unknown-type"),
        ('{"type":"ping","more":1}', "bad-field"),
        ('{"type":"hello","seen":0}', "bad-field"),
        ('{"type":"hello","page":"short","seen":0}', "bad-field"),
        ('{"type":"hello","page":"0123456789abcdef\\n","seen":0}', "bad-field"),
        ('{"type":"hello","page":"0123456789abcdef","seen":true}', "bad-field"),
        ('{"type":"hello","page":"0123456789abcdef","seen":-1}', "bad-field"),
        ('{"type":"hello","page":"0123456789abcdef","seen":1e3}', "bad-field"),
        ('{"type":"hello","page":"0123456789abcdef","seen":9007199254740992}', "bad-field"),
        ('{"type":"media","audio":1,"video":true,"state":"ok"}', "bad-field"),
        ('{"type":"media","audio":true,"video":true,"state":"OK!"}', "bad-field"),
        ('{"type":"quality","rtt_ms":"12"}', "bad-field"),
        ('{"type":"quality","rtt_ms":-1}', "bad-field"),
        ('{"type":"quality","rtt_ms":1e13}', "bad-field"),
        ('{"type":"quality","rtt_ms":true}', "bad-field"),
        ('{"type":"admit","seat":"../patient"}', "bad-field"),
        ('{"type":"description","to":"patient","connection":"abcdefgh","description":"v=0"}', "bad-field"),
        (
            '{"type":"description","to":"patient","connection":"abcdefgh",'
            '"description":{"type":"pranswer","sdp":""}}',
            "bad-field",
        ),
        (
            '{"type":"description","to":"patient","connection":"abcdefgh",'
            '"description":{"type":"offer","sdp":"","x":1}}',
            "bad-field",
        ),
    ],
)
def test_anything_else_is_refused_by_name(text: str, code: str) -> None:
    assert refused(text) == code


def test_a_message_is_measured_in_bytes_before_it_is_read() -> None:
    assert refused("x" * (MESSAGE_LIMIT + 1)) == "too-large"
    assert refused("é" * (MESSAGE_LIMIT // 2 + 1)) == "too-large"
    assert refused("é" * (MESSAGE_LIMIT // 2)) == "not-json"


def test_fatal_and_not() -> None:
    assert ProtocolError("too-fast").fatal
    assert not ProtocolError("unknown-connection").fatal


def test_a_description_of_the_largest_size_still_fits_a_message() -> None:
    from webrtc.sdp import SIZE_LIMIT

    message = Describe(
        to="patient",
        connection="a" * 64,
        description=SessionDescription(type="offer", sdp="a\r\n" * (SIZE_LIMIT // 3)),
    )
    # Line ends are escaped in JSON: two bytes become four.
    assert isinstance(parse(dump(message).replace("\\r", "r")), Describe)


def test_messages_without_fields() -> None:
    assert parse('{"type":"ping"}') == Ping()
    assert dump(Admit(seat="patient")) == '{"type":"admit","seat":"patient"}'
