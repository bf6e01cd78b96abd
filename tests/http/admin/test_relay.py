"""What was refused is visible: every reason there is has words, and its count is on the administrator's page."""

import asyncio
import re
import socket
from contextlib import closing

import pytest

from server.app import create_app
from server.handlers.admin.relay import MESSAGES, PACKETS, REQUESTS, in_words
from server.web import keys
from tests.builders import house_config
from tests.house.tree import ROOT
from tests.media.checks import binding_request
from webrtc.protocol import FATAL_CODES

CONTROL = (ROOT / "webrtc/relay/CONTROL.md").read_text(encoding="utf-8")
PATIENTLY = 30


def codes(text: str) -> set[str]:
    return set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", text))


def test_every_reason_has_words() -> None:
    table = CONTROL.partition("| reason | what |")[2].partition("and nothing is refused")[0]
    named = {code for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for code in codes(row)}
    named |= {code for code in codes(CONTROL.partition("## What TCP adds")[2]) if code.startswith("tcp-")}
    assert named == set(PACKETS)
    line = next(line for line in CONTROL.splitlines() if line.startswith("Codes:"))
    assert set(REQUESTS) == codes(line) | {"long-line", "unread", "crowd"}
    assert set(MESSAGES) == FATAL_CODES | {"unread"}


def test_reasons_with_the_same_words_are_counted_together_the_most_first() -> None:
    counts = {"malformed": 2, "not-a-request": 3, "unlatched": 4, "socket-101": 1}
    shown = in_words(counts, PACKETS)
    assert [count for _, count in shown] == [5, 4, 1]
    assert shown[1][0] == PACKETS["unlatched"]


async def test_a_relay_that_is_not_there_is_said(petra) -> None:
    assert "The relay does not answer" in (await petra.get("/admin/relay")).text


class TestWithARelay:
    """The house with its relay and rooms."""

    @pytest.fixture
    async def app(self, database, clock, cast, port, tmp_path):
        return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock)

    async def test_what_strangers_sent_is_counted_in_words(self, app, petra, words) -> None:
        rooms = app[keys.ROOMS]
        with closing(socket.socket(type=socket.SOCK_DGRAM)) as stranger:
            for data in (b"\x16 of no call", binding_request(ufrag="nobody", pwd="guessed"), b"\x00\x01"):
                stranger.sendto(data, ("127.0.0.1", rooms.media_port))
        rooms.refused["too-fast"] += 1234
        async with asyncio.timeout(PATIENTLY):
            while sum((await rooms.relay_stats())["dropped"].values()) < 3:
                await asyncio.sleep(0.02)
        page = words((await petra.get("/admin/relay")).text)
        for code in ("unlatched", "unknown-ufrag", "malformed"):
            assert f"{PACKETS[code]} 1 " in page
        assert f"{MESSAGES['too-fast']} 1,234 " in page
        assert "Control of the relay Nothing." in page
