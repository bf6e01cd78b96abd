"""What has to hold for any bytes at all: checks, descriptions and streams. Each `try_…` takes one input."""

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterator
from random import Random

from aioice import stun as peer

from tests.fuzzing import budget
from tests.fuzzing.mutation import Make, inputs
from tests.fuzzing.seeds import seeds
from webrtc import protocol, sdp, stun
from webrtc.protocol import MESSAGE_LIMIT, ProtocolError
from webrtc.relay.framing import HEADER, LONGEST, Frames, FrameTooLong, framed

UFRAG, PWD = "goodleg", "p" * 32
SOURCES = [("192.0.2.7", 40000), ("::ffff:192.0.2.7", 40000, 0, 0), ("2001:db8::7", 40000, 0, 0)]
KINDS = (
    0x0006,
    0x0008,
    0x0020,
    0x0024,
    0x0025,
    0x8028,
    0x8029,
    0x802A,
    0xC057,
    0x0009,
    0x0001,
    0x0000,
    0x7FFF,
)
VALUES = (
    b"",
    b"goodleg:peer",
    b"goodleg:",
    b":",
    b"\xff:\xff",
    bytes(4),
    bytes(8),
    b"\x00\x01\x10\x92\x7f\0\0\x01",
)


def password_of(ufrag: str) -> str | None:
    return PWD if ufrag == UFRAG else None


def try_check(data: bytes) -> None:
    """Nobody is answered who did not sign, and nobody with more bytes than they sent."""
    for source in SOURCES:
        verdict = stun.examine(data, source=source, password_of=password_of)
        if isinstance(verdict, stun.Drop):
            continue
        assert verdict.ufrag == UFRAG
        assert is_signed(data), "answered what was not signed"
        assert len(verdict.response) <= len(data), "an answer larger than its question amplifies"
        answer = peer.parse_message(verdict.response)
        assert answer.transaction_id == data[8:20]
        assert answer.check_message_integrity(PWD.encode())


def is_signed(data: bytes) -> bool:
    """Read anew, by the letter of RFC 8489: the first MESSAGE-INTEGRITY covers what is before it."""
    at = 20
    while at + 4 <= len(data):
        kind, size = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == 0x0008:
            return data[at + 4 : at + 24] == hmac_of(data[:at])
        at += 4 + size + -size % 4
    return False


def hmac_of(head: bytes) -> bytes:
    covered = head[:2] + (len(head) + 4).to_bytes(2, "big") + head[4:]
    return hmac.new(PWD.encode(), covered, hashlib.sha1).digest()


def signed_check(dice: Random) -> bytes:
    """A check that is rightly signed, whatever else is in it."""
    attributes = [attribute(0x0006, b"goodleg:peer")]
    attributes += [attribute(dice.choice(KINDS), dice.choice(VALUES)) for _ in range(dice.randrange(6))]
    if dice.random() < 0.3:
        dice.shuffle(attributes)
    body = b"".join(attributes)
    head = b"\x00\x01" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + dice.randbytes(12) + body
    data = head + attribute(0x0008, hmac_of(head))
    last = dice.random() < 0.7
    data = data[:2] + (len(data) - 20 + 8 * last).to_bytes(2, "big") + data[4:]
    return data + attribute(0x8028, (zlib.crc32(data) ^ 0x5354554E).to_bytes(4, "big")) if last else data


def attribute(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)


TRANSPORT = sdp.Transport(
    ufrag="leg1",
    pwd="s" * 24,
    candidates=tuple(
        sdp.Candidate(address=address, port=4000, tcp=tcp)
        for address in ("203.0.113.5", "2001:db8:ffff:ffff:ffff:ffff:ffff:5")
        for tcp in (False, True)
    ),
)
PASSES = ("a=fingerprint:", "a=setup:", "a=mid:", "a=group:")
WORDS = (
    b"m=audio 9 UDP/TLS/RTP/SAVPF 111",
    b"m=video 09 X Y",
    b"m=audio 0",
    b"a=fingerprint:sha-256 AB",
    b"c=",
    b"a=rtcp:",
)
WORDS += (
    b"a=candidate:9 1 udp 8265727 192.0.2.30 49201 typ relay raddr 198.51.100.9 rport 50123",
    b"a=candidate:1 1 udp 2122260223 192.0.2.77 50123 typ host",
    b" typ relay",
    b" raddr 192.0.2.77",
)
WORDS += (
    b"a=group:BUNDLE 0",
    b"a=ice-ufrag:abcd",
    b"a=ice-lite",
    b"\r",
    b"\n",
    b"\t",
    b"\xc3\xa9",
    b'"',
    b"\\",
    b" ",
)


def try_description(data: bytes) -> None:
    """Refused by a name, or passed on: with the seal untouched, no transport but ours, and no larger than a message."""
    text = data.decode("utf-8", "replace")
    try:
        checked = sdp.check(text)
    except ProtocolError as refusal:
        assert refusal.code in protocol.DESCRIPTION_CODES
        return
    try_without_relay(checked)
    out = sdp.with_transport(checked, TRANSPORT)
    before, after = lines(text), lines(out)
    for start in PASSES:
        assert [each for each in before if each.startswith(start)] == [
            each for each in after if each.startswith(start)
        ]
    assert all(
        "203.0.113.5" in each or "2001:db8:" in each for each in after if each.startswith("a=candidate:")
    )
    assert {each for each in after if each.startswith("a=ice-ufrag:")} == {"a=ice-ufrag:leg1"}
    description = protocol.SessionDescription(type="offer", sdp=out)
    said = protocol.dump(protocol.Described(from_="patient", connection="c" * 64, description=description))
    assert len(said) <= MESSAGE_LIMIT, "the other page would be told more than a message may hold"
    if len(out) <= sdp.SIZE_LIMIT:
        assert sdp.with_transport(sdp.check(out), TRANSPORT) == out, (
            "what passed once passes again, unchanged"
        )


SERVERS = re.compile(
    r"a=candidate:[A-Za-z0-9+/]+ 1 udp \d+ [0-9a-f.:]+ \d+ typ relay raddr (0\.0\.0\.0|::) rport 0"
)


def try_without_relay(checked: sdp.Checked) -> None:
    """Where TURN servers carry a call: of candidates only the address at a server, and nothing of what is behind it."""
    try:
        out = sdp.relayed(checked)
    except ProtocolError as refusal:
        assert refusal.code in protocol.DESCRIPTION_CODES
        return
    assert all(SERVERS.fullmatch(each) for each in lines(out) if each.startswith("a=candidate:"))
    assert "a=ice-lite" not in lines(out)
    assert sdp.relayed(sdp.check(out)) == out
    description = protocol.SessionDescription(type="offer", sdp=out)
    said = protocol.dump(protocol.Described(from_="patient", connection="c" * 64, description=description))
    assert len(said) <= MESSAGE_LIMIT


def lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def try_stream(data: bytes) -> None:
    """In one piece or in many: the same packets, the same end, and never more kept than one unfinished frame."""
    whole, ending = fed([data])
    size = 1 + zlib.crc32(data) % 700
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    cut, other_ending = fed(pieces)
    assert ending == other_ending
    # What stood before a frame nobody may send is worth nothing any more: only a cut stream has it.
    assert whole == cut if not ending else cut[: len(whole)] == whole
    assert data.startswith(b"".join(map(framed, cut)))


def fed(chunks: list[bytes]) -> tuple[list[bytes], bool]:
    frames, packets = Frames(), []
    for chunk in chunks:
        try:
            packets += frames.feed(chunk)
        except FrameTooLong:
            return packets, True
        assert frames.kept < HEADER + LONGEST
    return packets, False


def streams(dice: Random) -> bytes:
    sizes = (0, 1, 2, 20, 1499, 1500, 1501, 65535)
    parts = [
        bytes(dice.choice(sizes)) if dice.random() < 0.1 else dice.randbytes(dice.randrange(60))
        for _ in range(12)
    ]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


Target = tuple[Callable[[bytes], None], tuple[bytes, ...], bytes, Make | None]
TARGETS: dict[str, Target] = {
    "stun": (try_check, (b"goodleg:", *(kind.to_bytes(2, "big") for kind in KINDS)), b"", signed_check),
    "sdp": (try_description, WORDS, b"\r\n", None),
    "framing": (try_stream, (b"\x05\xdc", b"\x05\xdd", b"\xff\xff", b"\0\0"), b"", streams),
}


def try_all(target: str, *, count: int, seed: int) -> None:
    attempt, words, between, make = TARGETS[target]
    dice = budget.dice(seed, target)
    for data in made(target, count, dice, words, between, make):
        with budget.trying(target, data):
            attempt(data)


def made(
    target: str, count: int, dice: Random, words: tuple[bytes, ...], between: bytes, make: Make | None
) -> Iterator[bytes]:
    return inputs(seeds(target), count=count, dice=dice, words=words, between=between, make=make)
