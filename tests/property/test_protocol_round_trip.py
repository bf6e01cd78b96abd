"""`parse(dump(m)) == m` for every message, and arbitrary text only ever raises ProtocolError."""

import dataclasses
import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webrtc import protocol, sdp, seat_messages, transport_messages
from webrtc.protocol import ERROR_CODES, ProtocolError, dump, parse, parse_server

seats = st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
tokens = st.text(string.ascii_letters + string.digits + "_-", min_size=8, max_size=64)
figures = st.none() | st.floats(0, 1e12)
counts = st.integers(0, 2**53 - 1)
descriptions = st.builds(
    protocol.SessionDescription, type=st.sampled_from(["offer", "answer"]), sdp=st.text(max_size=500)
)
media = st.builds(protocol.MediaView, audio=st.booleans(), video=st.booleans(), state=seats)
quality_words = st.none() | st.sampled_from(["good", "fair", "weak", "lost"])


def with_figures(part: type[Any], **more: Any) -> st.SearchStrategy[Any]:
    names = [each.name for each in dataclasses.fields(part) if each.name not in more]
    return st.builds(part, **dict.fromkeys(names, figures), **more)


echo_reports = with_figures(
    protocol.EchoReport,
    verdict=st.sampled_from(["good", "fair", "weak", "reached", "failed"]),
    transport=st.sampled_from([None, *protocol.ROUTES]),
    routes=st.lists(
        with_figures(protocol.RouteTried, route=st.sampled_from(protocol.ROUTES), works=st.booleans()),
        max_size=2,
    ).map(tuple),
)

CLIENT = st.one_of(
    st.builds(protocol.Hello, page=tokens, seen=counts),
    st.just(protocol.Ping()),
    st.builds(protocol.Describe, to=seats, connection=tokens, description=descriptions),
    st.builds(
        transport_messages.Way, connection=tokens, way=st.sampled_from([None, *transport_messages.WAYS])
    ),
    st.builds(protocol.Media, audio=st.booleans(), video=st.booleans(), state=seats),
    with_figures(protocol.Quality),
    st.builds(protocol.Admit, seat=seats),
    st.builds(seat_messages.Ask, seat=seats),
    st.builds(seat_messages.Answer, seat=seats, agreed=st.booleans()),
    st.builds(seat_messages.Hold, seat=seats, held=st.booleans()),
    st.builds(protocol.Words, connection=tokens, verdict=st.sampled_from(["match", "differ", "forged"])),
    st.just(protocol.Leave()),
    st.just(protocol.Skip()),
)
seat_views = st.builds(
    protocol.SeatView,
    seat=seats,
    name=st.text(max_size=200),
    role=seats,
    present=st.booleans(),
    admitted=st.booleans(),
    held=st.booleans(),
    agreed=st.sampled_from([None, "asked", "yes", "no"]),
    waiting_since=figures,
    media=st.none() | media,
    quality=quality_words,
)
ice_servers = st.builds(
    transport_messages.IceServer,
    urls=st.lists(st.text(max_size=300), max_size=16).map(tuple),
    username=st.text(max_size=100),
    credential=st.text(max_size=100),
)
SERVER = st.one_of(
    st.builds(
        transport_messages.Ice,
        servers=st.lists(ice_servers, max_size=3).map(tuple),
        policy=st.sampled_from(["all", "relay"]),
    ),
    st.builds(
        protocol.Snapshot,
        seq=counts,
        room=st.text(max_size=200),
        state=st.sampled_from(["waiting", "in-call", "finished", "cancelled", "stopped"]),
        you=seats,
        seats=st.lists(seat_views, max_size=4).map(tuple),
        peers=st.lists(
            st.builds(
                protocol.PeerView,
                seat=seats,
                connection=tokens,
                polite=st.booleans(),
                start=st.booleans(),
                verified=st.booleans(),
            ),
            max_size=4,
        ).map(tuple),
        now=st.floats(0, 1e12),
    ),
    st.builds(protocol.Described, from_=seats, connection=tokens, description=descriptions),
    st.builds(protocol.RestartIce, connection=tokens),
    st.builds(protocol.Changed, topic=seats),
    st.builds(
        protocol.EchoNews,
        state=st.sampled_from(["queued", "running", "done", "failed"]),
        position=st.none() | counts,
        report=st.none() | echo_reports,
        route=st.sampled_from([None, *protocol.ROUTES]),
    ),
    st.builds(protocol.Error, code=st.sampled_from(sorted(ERROR_CODES))),
    st.builds(protocol.GoingAway, retry_ms=counts),
    st.sampled_from([protocol.Pong(), protocol.Replaced(), protocol.Removed(), protocol.Finished()]),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(CLIENT)
def test_what_a_page_says_is_what_the_room_hears(message: Any) -> None:
    assert parse(dump(message)) == message


@given(SERVER)
def test_what_the_room_says_is_what_a_page_hears(message: Any) -> None:
    assert parse_server(dump(message)) == message


@given(st.text())
def test_arbitrary_text_is_only_ever_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse(text)


@settings(max_examples=300)
@given(st.sampled_from(sorted(protocol.CLIENT_MESSAGES)), st.dictionaries(st.text(max_size=12), json_values))
def test_a_known_type_with_arbitrary_fields_is_read_or_refused(kind: str, fields: dict[str, Any]) -> None:
    try:
        parse(json.dumps({**fields, "type": kind}))
    except ProtocolError as error:
        assert error.fatal


@settings(max_examples=300)
@given(CLIENT, st.data())
def test_a_spoiled_message_is_read_or_refused(message: Any, data: st.DataObject) -> None:
    body = json.loads(dump(message))
    name = data.draw(st.sampled_from(sorted(body)))
    body[name] = data.draw(json_values)
    try:
        parse(json.dumps(body))
    except ProtocolError:
        return


lines = st.sampled_from(
    [
        "v=0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:" + "p" * 24,
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=candidate:1 1 udp 1 192.0.2.7 5 typ host",
        "c=IN IP4 192.0.2.7",
        "a=rtcp:5 IN IP4 192.0.2.7",
        "m=",
        "a=",
        "",
    ]
)


@settings(max_examples=500)
@given(st.lists(lines | st.text(max_size=20), max_size=14), st.sampled_from(["\r\n", "\n"]))
def test_a_description_passes_without_an_address_or_is_refused(parts: list[str], end: str) -> None:
    transport = sdp.Transport(
        ufrag="leg1", pwd="x" * 24, candidates=(sdp.Candidate(address="127.0.0.1", port=4000),)
    )
    try:
        out = sdp.with_transport(sdp.check(end.join(["v=0", *parts]) + end), transport)
    except ProtocolError as error:
        assert error.code in protocol.DESCRIPTION_CODES
        return
    assert "192.0.2.7" not in out
    assert "abcd" not in out and "leg1" in out
    assert sdp.check(out).ufrag == "leg1"
