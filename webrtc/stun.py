"""Pure: a Binding request in, a response and a verdict out, as an ICE-lite agent (RFC 8445, RFC 8489).

An ICE-lite agent answers checks and never sends its own; the browser is always the controlling side. Read and written
here and not by aioice, which the tests hold beside it: a check costs the relay a thirtieth so, and its process needs
no asyncio.
"""

import hmac
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from struct import pack
from typing import Any

HEADER = 20
COOKIE = b"\x21\x12\xa4\x42"
BINDING_REQUEST, BINDING_RESPONSE, BINDING_ERROR = b"\x00\x01", b"\x01\x01", b"\x01\x11"
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0009, 0x0020
USE_CANDIDATE, FINGERPRINT, ICE_CONTROLLED = 0x0025, 0x8028, 0x8029
INTEGRITY_BYTES, FINGERPRINT_BYTES = 20, 4
FINGERPRINT_MASK = 0x5354554E
IPV4, IPV6 = 1, 2
ROLE_CONFLICT = bytes((0, 0, 4, 87)) + b"Role Conflict"

# By kind, the first of each: RFC 8489 section 14 lets a reader pass over the others.
Attributes = dict[int, bytes]


class Drop(StrEnum):
    """Why a packet gets no answer. Each reason is a counter, never a log line: strangers send these."""

    NOT_A_REQUEST = "not-a-request"
    MALFORMED = "malformed"
    UNKNOWN_UFRAG = "unknown-ufrag"
    BAD_INTEGRITY = "bad-integrity"


@dataclass(frozen=True, slots=True)
class Check:
    """An authenticated connectivity check and the answer it gets."""

    ufrag: str
    response: bytes
    nominated: bool
    role_conflict: bool


def examine(
    data: bytes, *, source: tuple[Any, ...], password_of: Callable[[str], str | None]
) -> Check | Drop:
    """Judge one packet from this host and port; whatever the bytes are, nothing is raised."""
    if not _is_binding_request(data):
        return Drop.NOT_A_REQUEST
    read = _read(data)
    if read is None:
        return Drop.MALFORMED
    signed, size, integrity = read
    username = signed.get(USERNAME, b"")
    if b":" not in username:
        return Drop.MALFORMED
    ufrag = username.split(b":", 1)[0].decode("latin-1")
    password = password_of(ufrag)
    if password is None:  # before any HMAC: a stranger's packet must stay cheap
        return Drop.UNKNOWN_UFRAG
    key = password.encode()
    if not hmac.compare_digest(_integrity(data[:size], key), integrity):
        return Drop.BAD_INTEGRITY
    # We are lite and stay controlled, so a peer that believes it is controlled too has to change its role.
    conflict = ICE_CONTROLLED in signed
    response = _response(data[8:HEADER], key, source, conflict=conflict)
    # A whole check (priority, role, fingerprint: RFC 8445) has more bytes than its answer; never amplify a lesser one.
    if len(response) > len(data):
        return Drop.MALFORMED
    return Check(ufrag=ufrag, response=response, nominated=USE_CANDIDATE in signed, role_conflict=conflict)


def _is_binding_request(data: bytes) -> bool:
    return (
        len(data) >= HEADER
        and data[0:2] == BINDING_REQUEST
        and data[4:8] == COOKIE
        and (data[2] << 8 | data[3]) == len(data) - HEADER
    )


def _read(data: bytes) -> tuple[Attributes, int, bytes] | None:
    """What stands before MESSAGE-INTEGRITY and so is signed, how many bytes of `data` that is, and the integrity.

    Unsigned, its integrity is empty. None: not attributes from end to end, or a FINGERPRINT that does not fit.
    """
    signed: Attributes = {}
    covered, integrity = len(data), b""
    position = HEADER
    while position < len(data):
        start, whole = position + 4, len(data)
        if start > whole:
            return None
        kind = data[position] << 8 | data[position + 1]
        size = data[position + 2] << 8 | data[position + 3]
        value = data[start : start + size]
        if start + size + -size % 4 > whole:
            return None
        if kind == FINGERPRINT:
            # By the standard the last one: nothing is read behind it.
            return (signed, covered, integrity) if value == _fingerprint(data[:position]) else None
        if kind == MESSAGE_INTEGRITY and not integrity:
            if size != INTEGRITY_BYTES:
                return None
            covered, integrity = position, value
        elif not integrity:
            signed.setdefault(kind, value)
        position = start + size + -size % 4
    return signed, covered, integrity


def _integrity(head: bytes, key: bytes) -> bytes:
    """RFC 8489 section 14.5: over everything before it, as if it were the last."""
    covered = head[:2] + pack("!H", len(head) - HEADER + 4 + INTEGRITY_BYTES) + head[4:]
    return hmac.digest(key, covered, "sha1")


def _fingerprint(head: bytes) -> bytes:
    return pack("!I", zlib.crc32(head) ^ FINGERPRINT_MASK)


def _response(transaction: bytes, key: bytes, source: tuple[Any, ...], *, conflict: bool) -> bytes:
    if conflict:
        kind, attributes = BINDING_ERROR, _attribute(ERROR_CODE, ROLE_CONFLICT)
    else:
        kind, attributes = BINDING_RESPONSE, _attribute(XOR_MAPPED_ADDRESS, _mapped(source, transaction))
    head = kind + pack("!H", len(attributes)) + COOKIE + transaction + attributes
    signed = head + _attribute(MESSAGE_INTEGRITY, _integrity(head, key))
    whole = kind + pack("!H", len(signed) - HEADER + 4 + FINGERPRINT_BYTES) + signed[4:]
    return whole + _attribute(FINGERPRINT, _fingerprint(whole))


def _attribute(kind: int, value: bytes) -> bytes:
    return pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _mapped(source: tuple[Any, ...], transaction: bytes) -> bytes:
    """RFC 8489 section 14.2."""
    # A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; the browser must see the address it knows.
    host, port = source[0].removeprefix("::ffff:").partition("%")[0], source[1]
    family, code = (socket.AF_INET6, IPV6) if ":" in host else (socket.AF_INET, IPV4)
    address = socket.inet_pton(family, host)
    mask = (COOKIE + transaction)[: len(address)]
    masked = int.from_bytes(address, "big") ^ int.from_bytes(mask, "big")
    return pack("!BBH", 0, code, port ^ (COOKIE[0] << 8 | COOKIE[1])) + masked.to_bytes(len(address), "big")
