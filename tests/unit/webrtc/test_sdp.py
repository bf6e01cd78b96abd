"""A description goes on with the relay's transport in place of the sender's, and with nothing else changed."""

import pytest

from tests.unit.webrtc.room_stage import FINGERPRINT, an_sdp
from webrtc.protocol import ProtocolError
from webrtc.sdp import Candidate, Transport, check, relayed, with_transport

TRANSPORT = Transport(
    ufrag="leg1",
    pwd="s" * 24,
    candidates=(
        Candidate(address="203.0.113.5", port=4000, tcp=True),
        Candidate(address="203.0.113.5", port=4000),
        Candidate(address="2001:db8::5", port=4000),
    ),
)

# As a browser with bundlePolicy "max-bundle" writes it: the second section rides on the first.
OFFER = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=ice-options:trickle
a=msid-semantic: WMS
m=audio 50123 UDP/TLS/RTP/SAVPF 111 63
c=IN IP4 192.0.2.77
a=rtcp:50123 IN IP4 192.0.2.77
a=candidate:1 1 udp 2122260223 192.0.2.77 50123 typ host generation 0
a=candidate:2 1 udp 1686052607 198.51.100.9 50123 typ srflx raddr 192.0.2.77 rport 50123
a=ice-ufrag:mine
a=ice-pwd:mypasswordmypasswordmypa
a=ice-options:trickle
{FINGERPRINT}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=video 0 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=bundle-only
a=ice-ufrag:mine
a=ice-pwd:mypasswordmypasswordmypa
{FINGERPRINT}
a=setup:actpass
a=mid:1
a=rtpmap:96 VP8/90000
a=fmtp:96 x-google-start-bitrate=1200
m=application 0 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=bundle-only
a=mid:2
a=sctp-port:5000
""".replace("\n", "\r\n")


def swap(sdp: str, transport: Transport) -> str:
    return with_transport(check(sdp), transport)


def refused(sdp: str) -> str:
    with pytest.raises(ProtocolError) as error:
        check(sdp)
    return error.value.code


def test_only_the_transport_changes() -> None:
    candidates = [
        "a=candidate:1 1 udp 2130706175 203.0.113.5 4000 typ host",
        "a=candidate:2 1 udp 2130705919 2001:db8::5 4000 typ host",
        "a=candidate:3 1 tcp 1520434431 203.0.113.5 4000 typ host tcptype passive",
        "a=end-of-candidates",
    ]
    credentials = ["a=ice-ufrag:leg1", "a=ice-pwd:" + "s" * 24]
    expected = [
        *OFFER.split("\r\n")[:6],
        "a=msid-semantic: WMS",
        "a=ice-lite",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        FINGERPRINT,
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        *credentials,
        *candidates,
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=bundle-only",
        FINGERPRINT,
        "a=setup:actpass",
        "a=mid:1",
        "a=rtpmap:96 VP8/90000",
        "a=fmtp:96 x-google-start-bitrate=1200",
        *credentials,
        *candidates,
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=bundle-only",
        "a=mid:2",
        "a=sctp-port:5000",
        "",
    ]
    assert swap(OFFER, TRANSPORT).split("\r\n") == expected


def test_nobodys_address_reaches_the_other_side() -> None:
    out = swap(OFFER, TRANSPORT)
    for secret in ("192.0.2.77", "198.51.100.9", "50123", "mine", "mypassword"):
        assert secret not in out


def test_the_senders_ufrag_is_known_from_the_check() -> None:
    assert check(OFFER).ufrag == "mine"


def test_session_level_credentials_and_fingerprint_are_fine() -> None:
    """RFC 8839 section 5.4 and RFC 8122 section 5 allow both at session level."""
    lines = [
        line for line in an_sdp("whole").split("\r\n") if not line.startswith(("a=ice-", "a=fingerprint"))
    ]
    lines[4:4] = ["a=ice-ufrag:whole", "a=ice-pwd:" + "p" * 24, FINGERPRINT]
    out = swap("\r\n".join(lines), TRANSPORT)
    head, media = out.split("m=audio")
    assert "a=ice-ufrag:leg1\r\n" in head and "whole" not in out
    assert " 203.0.113.5 4000 typ host" in media


def test_bare_line_feeds_are_read_and_crlf_is_written() -> None:
    assert swap(OFFER.replace("\r\n", "\n"), TRANSPORT) == swap(OFFER, TRANSPORT)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda sdp: sdp.replace(FINGERPRINT + "\r\n", ""), "no-fingerprint"),
        (
            lambda sdp: sdp.replace(FINGERPRINT, "a=fingerprint:sha-1 " + ":".join(["AB"] * 20)),
            "weak-fingerprint",
        ),
        (lambda sdp: sdp.replace(FINGERPRINT, "a=fingerprint:sha-256 AB"), "bad-description"),
        (lambda sdp: sdp.replace("a=group:BUNDLE 0\r\n", ""), "no-bundle"),
        (lambda sdp: sdp.replace("a=ice-ufrag:abcd\r\n", ""), "no-ice"),
        (lambda sdp: sdp.replace("a=ice-ufrag:abcd", "a=ice-ufrag:a b"), "bad-description"),
        (lambda sdp: sdp.split("m=")[0], "no-media"),
        (lambda sdp: sdp.replace("m=audio 9", "m=audio 0"), "no-media"),
        (lambda sdp: sdp + ("m=" + sdp.split("m=")[1]) * 8, "too-many-media"),
        (lambda sdp: sdp + "a=x:" + "y" * 64_000 + "\r\n", "description-too-large"),
        (lambda sdp: sdp.replace("s=-", "s=é"), "not-ascii"),
        (lambda sdp: sdp.replace("s=-", "s=\0"), "not-ascii"),
        (lambda sdp: sdp.replace("s=-", "s=\t"), "not-ascii"),
        (lambda sdp: sdp.replace("s=-", "s=\rx"), "bad-description"),
        (lambda sdp: sdp.replace("s=-", "nonsense"), "bad-description"),
        (lambda sdp: sdp.replace("v=0", "v=1"), "bad-description"),
        (lambda sdp: sdp.replace("m=audio 9", "m=text 9"), "bad-description"),
        (lambda sdp: "", "bad-description"),
    ],
)
def test_a_description_that_must_not_pass_is_refused_by_name(spoil, code: str) -> None:  # type: ignore[no-untyped-def]
    assert refused(spoil(an_sdp())) == code


def test_the_largest_hostile_description_is_refused() -> None:
    hostile = "v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 1800
    assert refused(hostile) == "too-many-media"


def test_an_address_that_is_none_is_never_written() -> None:
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        swap(OFFER, Transport(ufrag="leg1", pwd="s" * 24, candidates=(Candidate(address="a\r\nb", port=1),)))


RELAYED = (
    "a=candidate:77 1 udp 8265727 192.0.2.30 49201 typ relay raddr 198.51.100.9 rport 50123 generation 0"
)


def with_candidates(*lines: str) -> str:
    """The offer as a page writes it that may only be reached by way of TURN servers."""
    kept = [line for line in OFFER.split("\r\n") if not line.startswith("a=candidate:")]
    at = kept.index("a=ice-ufrag:mine")
    return "\r\n".join([*kept[:at], *lines, *kept[at:]])


def test_where_turn_servers_carry_a_call_only_the_address_at_the_server_goes_on() -> None:
    out = relayed(check(with_candidates(RELAYED, RELAYED.replace("192.0.2.30", "2001:db8::30"))))
    lines = out.split("\r\n")
    assert [line for line in lines if line.startswith("a=candidate:")] == [
        "a=candidate:77 1 udp 8265727 192.0.2.30 49201 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 1 udp 8265727 2001:db8::30 49201 typ relay raddr :: rport 0",
    ] * 2, "in both sections that have credentials: some readers look at the first only, some at the last"
    assert lines.count("a=end-of-candidates") == 2
    for secret in ("198.51.100.9", "50123", "192.0.2.77"):
        assert secret not in out


def test_where_turn_servers_carry_a_call_its_ends_keep_their_own_credentials() -> None:
    out = relayed(check(with_candidates(RELAYED)))
    assert out.count("a=ice-ufrag:mine\r\n") == out.count("a=ice-pwd:mypasswordmypasswordmypa\r\n") == 2
    assert "a=ice-lite" not in out and FINGERPRINT in out


@pytest.mark.parametrize(
    "line",
    [
        "a=candidate:1 1 udp 2122260223 192.0.2.77 50123 typ host generation 0",
        "a=candidate:2 1 udp 1686052607 198.51.100.9 50123 typ srflx raddr 192.0.2.77 rport 50123",
        "a=candidate:2 1 udp 1686052607 198.51.100.9 50123 typ prflx raddr 192.0.2.77 rport 50123",
        "a=candidate:1 1 udp 2122260223 6d1b2c3e-0000-4000-8000-000000000000.local 50123 typ host",
        "a=candidate:1 1 udp 2122260223 6d1b2c3e-0000-4000-8000-000000000000.local 50123 typ relay",
        "a=candidate:77 1 tcp 8265727 192.0.2.30 49201 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 3 udp 8265727 192.0.2.30 49201 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 2 udp 8265727 192.0.2.77 49201 typ host",
        "a=candidate:77 1 udp 8265727 192.0.2.300 49201 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 1 udp 8265727 192.0.2.30 0 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 1 udp 8265727 192.0.2.30 65536 typ relay raddr 0.0.0.0 rport 0",
        "a=candidate:77 1 udp 8265727 192.0.2.30 49201 typ relayed",
        "a=candidate:77 1 udp 8265727 192.0.2.30 49201 typ host typ relay",
        "a=candidate:",
    ],
)
def test_any_other_candidate_is_refused_by_name(line: str) -> None:
    with pytest.raises(ProtocolError) as error:
        relayed(check(with_candidates(RELAYED, line)))
    assert error.value.code == "not-relayed"


def test_the_address_for_rtcp_alone_that_firefox_gathers_is_left_out() -> None:
    alone = relayed(check(with_candidates(RELAYED)))
    assert relayed(check(with_candidates(RELAYED, RELAYED.replace(" 1 udp ", " 2 UDP ")))) == alone


def test_more_candidates_than_any_browser_has_are_refused() -> None:
    lines = [RELAYED.replace(" 49201 ", f" {port} ") for port in range(20000, 20064)]
    assert relayed(check(with_candidates(*lines)))
    with pytest.raises(ProtocolError) as error:
        relayed(check(with_candidates(*lines, RELAYED)))
    assert error.value.code == "bad-description"
