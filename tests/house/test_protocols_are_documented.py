"""PROTOCOL.md and CONTROL.md name everything that can be said on their wires, and nothing that cannot."""

import re

from tests.house.tree import ROOT
from webrtc.protocol import CLIENT_MESSAGES, SERVER_MESSAGES
from webrtc.relay.operations import OPERATIONS

PROTOCOL = (ROOT / "webrtc/PROTOCOL.md").read_text(encoding="utf-8")
CONTROL = (ROOT / "webrtc/relay/CONTROL.md").read_text(encoding="utf-8")
RELAY = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "webrtc/relay").glob("*.py")))


def section(page: str, heading: str) -> str:
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def rows(part: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


def test_every_message_of_the_signalling_protocol_is_written_down() -> None:
    for kinds, heading in ((CLIENT_MESSAGES, "Browser to server"), (SERVER_MESSAGES, "Server to browser")):
        written = re.findall(r"^\*\*`([a-z-]+)`\*\*", section(PROTOCOL, heading), re.MULTILINE)
        assert sorted(written) == sorted(kinds)


def test_every_request_to_the_relay_is_written_down() -> None:
    # Answered by the control thread itself, before the table is asked.
    at_the_door = set(re.findall(r'\bop == "(\w+)"', RELAY))
    assert rows(section(CONTROL, "Requests")) == set(OPERATIONS) | at_the_door


def test_every_event_of_the_relay_is_written_down() -> None:
    told = set(re.findall(r'(?:\bevent=|_tell\(|"event": )"(\w+)"', RELAY))
    assert rows(section(CONTROL, "Events")) == told


def test_every_code_of_the_relay_is_written_down() -> None:
    codes = set(re.findall(r'(?:\bcode = |"error": )"([a-z-]+)"', RELAY))
    codes -= {"refused"}  # the base class's, which is never raised itself
    line = next(line for line in CONTROL.splitlines() if line.startswith("Codes:"))
    assert set(re.findall(r"`([a-z-]+)`", line)) == codes
