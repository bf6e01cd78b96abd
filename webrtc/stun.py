"""Pure: a Binding request in, a response and a verdict out, as an ICE-lite agent (RFC 8445, RFC 8489).

An ICE-lite agent answers checks and never sends its own; the browser is always the controlling side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aioice import stun

HEADER = 20
BINDING_REQUEST = b"\x00\x01"
COOKIE = stun.COOKIE.to_bytes(4, "big")
USERNAME, MESSAGE_INTEGRITY = 0x0006, 0x0008
ROLE_CONFLICT = (487, "Role Conflict")


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
    """Judge one packet; whatever the bytes are, nothing is raised."""
    if not _is_binding_request(data):
        return Drop.NOT_A_REQUEST
    username = _signed_username(data)
    if username is None:
        return Drop.MALFORMED
    ufrag = username.split(b":", 1)[0].decode("latin-1")
    password = password_of(ufrag)
    if password is None:  # before any HMAC: a stranger's packet must stay cheap
        return Drop.UNKNOWN_UFRAG
    try:
        return _authenticate(data, username, ufrag, password, source)
    except Exception:  # noqa: BLE001 -- the parser lets struct.error and others through on crafted bytes
        return Drop.MALFORMED


def _is_binding_request(data: bytes) -> bool:
    return (
        len(data) >= HEADER
        and data[0:2] == BINDING_REQUEST
        and data[4:8] == COOKIE
        and (data[2] << 8 | data[3]) == len(data) - HEADER
    )


def _signed_username(data: bytes) -> bytes | None:
    """The USERNAME, if it stands before MESSAGE-INTEGRITY: what follows that is not signed."""
    position = HEADER
    while position + 4 <= len(data):
        kind = data[position] << 8 | data[position + 1]
        size = data[position + 2] << 8 | data[position + 3]
        if kind == MESSAGE_INTEGRITY:
            return None
        if kind == USERNAME:
            value = data[position + 4 : position + 4 + size]
            return value if len(value) == size and b":" in value else None
        position += 4 + size + -size % 4
    return None


def _authenticate(
    data: bytes, username: bytes, ufrag: str, password: str, source: tuple[Any, ...]
) -> Check | Drop:
    key = password.encode()
    message = stun.parse_message(data)
    if not message.check_message_integrity(key):
        return Drop.BAD_INTEGRITY
    # The parser keeps the last of two USERNAMEs, we looked at the first: two different ones are a trick.
    if message.attributes["USERNAME"].encode() != username:
        return Drop.MALFORMED
    # We are lite and stay controlled, so a peer that believes it is controlled too has to change its role.
    conflict = "ICE-CONTROLLED" in message.attributes
    response = _response(message, key, source, conflict=conflict)
    # A whole check (priority, role, fingerprint: RFC 8445) has more bytes than its answer; never amplify a lesser one.
    if len(response) > len(data):
        return Drop.MALFORMED
    return Check(
        ufrag=ufrag,
        response=response,
        nominated="USE-CANDIDATE" in message.attributes,
        role_conflict=conflict,
    )


def _response(request: stun.Message, key: bytes, source: tuple[Any, ...], *, conflict: bool) -> bytes:
    response = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.ERROR if conflict else stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
    )
    if conflict:
        response.attributes["ERROR-CODE"] = ROLE_CONFLICT
    else:
        # A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; the browser must see the address it knows.
        response.attributes["XOR-MAPPED-ADDRESS"] = (source[0].removeprefix("::ffff:"), source[1])
    response.add_message_integrity(key)
    return bytes(response)
