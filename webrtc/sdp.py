"""Pure: put the relay's transport into a session description and touch nothing else (media.md's `Descriptions`).

Fingerprint and setup role pass as they are: they are what makes the call end to end. Everything that names an
address of the sender goes: nobody's network address reaches the other side.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, pairwise

from webrtc.protocol import ProtocolError

SIZE_LIMIT = 64_000
MEDIA_LIMIT = 8
CANDIDATE_LIMIT = 64
HOST, TCP_HOST = 126, 90
PASSIVE = 4
# SHA-1 and MD5 fingerprints can be made to collide; every browser has sent SHA-256 for years.
STRONG = ("sha-256 ", "sha-384 ", "sha-512 ")

_PRINTABLE = re.compile(r"[\x20-\x7e\r\n]*")
_LINE = re.compile(r"[a-z]=.*")
_MEDIA = re.compile(r"m=(audio|video|application) (\d{1,5})((?:/\d{1,2})? .+)")
_FINGERPRINT = re.compile(r"sha-\d{1,3} (?:[0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2}")
_UFRAG = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_CANDIDATE = re.compile(
    r"a=candidate:([A-Za-z0-9+/]{1,32}) ([12]) (?:udp|UDP) (\d{1,10}) "
    r"([0-9A-Fa-f.:]{2,45}) (\d{1,5}) typ ([a-z]+)(?: .*)?"
)
_DROPPED = (
    "a=candidate:",
    "a=remote-candidates:",
    "a=end-of-candidates",
    "a=ice-options:",
    "a=ice-lite",
)
_CREDENTIALS = ("a=ice-ufrag:", "a=ice-pwd:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Where the relay listens. TCP is passive: the browser connects (RFC 6544)."""

    address: str
    port: int
    tcp: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """The leg facing the one who will read the description."""

    ufrag: str
    pwd: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A description that may pass, without its transport: by section, the session's own first; the sender's ufrag."""

    sections: tuple[tuple[str, ...], ...]
    # Each section's own lines; none for one that the bundle carries.
    credentials: tuple[tuple[str, ...], ...]
    # The sender's, of all sections, as they came.
    candidates: tuple[str, ...]
    ufrag: str


def check(sdp: str) -> Checked:
    """Take a description apart; raise ProtocolError for one that must not pass."""
    sections = _sections(sdp)
    session, media = sections[0], sections[1:]
    if not any(line.startswith("a=group:BUNDLE ") for line in session):
        raise ProtocolError("no-bundle")
    in_use = [lines for lines in media if _port(lines[0])]
    if not in_use:
        raise ProtocolError("no-media")
    for lines in in_use:
        _check_fingerprint((*session, *lines))
    ufrag = _sender((*in_use, session))
    stripped = tuple(tuple(_without_transport(section)) for section in sections)
    # Lines grow here and in JSON: what the other side is told must stay within a message, like what came.
    if len(json.dumps("\r\n".join(chain.from_iterable(stripped)))) > SIZE_LIMIT:
        raise ProtocolError("description-too-large")
    return Checked(
        sections=stripped,
        credentials=tuple(_starting(section, *_CREDENTIALS) for section in sections),
        candidates=_starting(chain.from_iterable(sections), "a=candidate:"),
        ufrag=ufrag,
    )


def with_transport(checked: Checked, transport: Transport) -> str:
    """The same description as seen through the relay."""
    credentials = (f"a=ice-ufrag:{transport.ufrag}", f"a=ice-pwd:{transport.pwd}")
    candidates = (*_candidate_lines(transport.candidates), "a=end-of-candidates")
    lines: list[str] = []
    for number, (section, own) in enumerate(zip(checked.sections, checked.credentials, strict=True)):
        lines += section
        if number == 0:
            lines.append("a=ice-lite")
        # A section that is only carried by the bundle may rightly have no transport of its own.
        if own:
            lines += credentials
        if number == 1 or (own and number > 1):
            lines += candidates
    return "\r\n".join(lines) + "\r\n"


def relayed(checked: Checked) -> str:
    """The same description for a call that TURN servers carry: the sender's credentials, and of its candidates only
    those at a TURN server, without what the server has seen of the sender. Raises ProtocolError for any other."""
    candidates = list(dict.fromkeys(filter(None, map(_relayed_candidate, checked.candidates))))
    if len(candidates) > CANDIDATE_LIMIT:
        raise ProtocolError("bad-description")
    lines: list[str] = []
    for number, (section, credentials) in enumerate(zip(checked.sections, checked.credentials, strict=True)):
        lines += (*section, *credentials)
        # As in `with_transport`: some read only the first section of a bundle, aiortc only the last.
        if number == 1 or (credentials and number > 1):
            lines += (*candidates, "a=end-of-candidates")
    text = "\r\n".join(lines) + "\r\n"
    if len(json.dumps(text)) > SIZE_LIMIT:
        raise ProtocolError("description-too-large")
    return text


def _sections(sdp: str) -> tuple[tuple[str, ...], ...]:
    if len(sdp) > SIZE_LIMIT:
        raise ProtocolError("description-too-large")
    if not _PRINTABLE.fullmatch(sdp):
        raise ProtocolError("not-ascii")
    lines = [line.removesuffix("\r") for line in sdp.removesuffix("\n").split("\n")]
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) > MEDIA_LIMIT:
        raise ProtocolError("too-many-media")
    if lines[0] != "v=0" or any("\r" in line or not _LINE.fullmatch(line) for line in lines):
        raise ProtocolError("bad-description")
    if not starts:
        raise ProtocolError("no-media")
    if any(not _MEDIA.fullmatch(lines[start]) for start in starts):
        raise ProtocolError("bad-description")
    bounds = [0, *starts, len(lines)]
    return tuple(tuple(lines[a:b]) for a, b in pairwise(bounds))


def _port(media: str) -> int:
    """0: the section is refused, or carried by the bundle alone."""
    return int(media.split(" ")[1].partition("/")[0])


def _check_fingerprint(lines: Sequence[str]) -> None:
    values = [line.removeprefix("a=fingerprint:") for line in lines if line.startswith("a=fingerprint:")]
    if not values:
        raise ProtocolError("no-fingerprint")
    if not all(_FINGERPRINT.fullmatch(value) for value in values):
        raise ProtocolError("bad-description")
    if not any(value.startswith(STRONG) for value in values):
        raise ProtocolError("weak-fingerprint")


def _sender(sections: Sequence[Sequence[str]]) -> str:
    """The sender's ufrag: the first one counts, because the rest of the bundle rides on the first section."""
    for line in chain.from_iterable(sections):
        if line.startswith("a=ice-ufrag:"):
            ufrag = line.removeprefix("a=ice-ufrag:")
            if not _UFRAG.fullmatch(ufrag):
                raise ProtocolError("bad-description")
            return ufrag
    raise ProtocolError("no-ice")


def _starting(lines: Iterable[str], *beginnings: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line.startswith(beginnings))


def _without_transport(section: Sequence[str]) -> Iterator[str]:
    for line in section:
        if line.startswith((*_DROPPED, *_CREDENTIALS)):
            continue
        if line.startswith("c="):
            yield "c=IN IP4 0.0.0.0"
        elif line.startswith("a=rtcp:"):
            yield "a=rtcp:9 IN IP4 0.0.0.0"
        elif media := _MEDIA.fullmatch(line):
            kind, _, rest = media.groups()
            # 9 is the port that says "see the candidates"; 0 has a meaning of its own and stays.
            yield f"m={kind} {'9' if _port(line) else '0'}{rest}"
        else:
            yield line


def _relayed_candidate(line: str) -> str | None:
    """None for RTCP's, which Firefox gathers all the same: it travels with RTP (rtcp-mux)."""
    found = _CANDIDATE.fullmatch(line)
    if found is None:
        raise ProtocolError("not-relayed")
    foundation, component, priority, address, port, kind = found.groups()
    try:
        at = ip_address(address)
    except ValueError:
        raise ProtocolError("not-relayed") from None
    if kind != "relay" or not 0 < int(port) < 65536:
        raise ProtocolError("not-relayed")
    if component == "2":
        return None
    nowhere = "0.0.0.0" if at.version == 4 else "::"
    return f"a=candidate:{foundation} 1 udp {priority} {at} {port} typ relay raddr {nowhere} rport 0"


def _candidate_lines(candidates: Sequence[Candidate]) -> Iterator[str]:
    for number, candidate in enumerate(sorted(candidates, key=lambda each: each.tcp), start=1):
        address = ip_address(candidate.address)
        kind, tail = ("tcp", " tcptype passive") if candidate.tcp else ("udp", "")
        priority = _priority(number, tcp=candidate.tcp)
        yield f"a=candidate:{number} 1 {kind} {priority} {address} {candidate.port} typ host{tail}"


def _priority(number: int, *, tcp: bool) -> int:
    """RFC 8445 section 5.1.2.1 for host candidates, RFC 6544 section 4.2 for TCP; among equals the order given.

    TCP gets the type preference browsers give it themselves (90), below every way there may be over UDP.
    """
    kind = TCP_HOST if tcp else HOST
    local = (PASSIVE << 13) + 8191 - number if tcp else 65535 - number
    return (kind << 24) + (local << 8) + 255
