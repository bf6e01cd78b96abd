"""What a browser's ICE agent sends to an ICE-lite peer, and how it reads the answer; what a process takes."""

import resource
from pathlib import Path
from typing import Any

from aioice import stun

DTLS = bytes([22]) + b"a handshake record"
SRTP = bytes([128]) + b"a media packet"


def binding_request(
    *, ufrag: str, pwd: str, nominate: bool = False, role: str = "ICE-CONTROLLING", **more: Any
) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes = {"USERNAME": f"{ufrag}:brow", "PRIORITY": 1853693695, role: 42, **more}
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(pwd.encode())
    return bytes(message)


def read_answer(data: bytes, *, pwd: str) -> stun.Message:
    answer = stun.parse_message(data)
    assert "FINGERPRINT" in answer.attributes
    assert answer.check_message_integrity(pwd.encode())
    return answer


def resident(pid: int) -> int:
    """Bytes of memory this process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
