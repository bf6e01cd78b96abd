"""The real server with a patient and a clinician whose pages misbehave: every message is answered, refused or the end
of its socket; nothing is an error of ours, and the room stays a room."""

import gc
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from random import Random

import pytest

from tests.conftest import Visitor
from tests.fuzzing import budget
from tests.fuzzing.mutation import inputs
from tests.fuzzing.seeds import seeds
from tests.fuzzing.websocket import BINARY, PING, TEXT, Page, answered, request_for
from webrtc import protocol
from webrtc.protocol import CLIENT_MESSAGES, MESSAGE_LIMIT
from webrtc.room import Room

HELLO = b'{"type":"hello","page":"page-that-misbehaves","seen":0}'
PING_TEXT = b'{"type":"ping"}'
CONNECTION = b"THE-CONNECTION"
VALUES = (
    "true",
    "null",
    "0",
    "-1",
    "1e400",
    "9007199254740991",
    "123456789012345678901234567890",
    '""',
    '"x"',
    "[]",
)
VALUES += (
    '{"type":"offer","sdp":""}',
    '"patient"',
    '"clinician"',
    '"echo"',
    '"THE-CONNECTION"',
    '"\\ud800"',
    "[" * 99,
)
WORDS = (*(value.encode() for value in VALUES), b"\xff", b"\0", b"\n", b"x" * MESSAGE_LIMIT)
# Every field there is, also of messages that come later.
FIELDS = sorted({each.name for part in CLIENT_MESSAGES.values() for each in fields(part)} | {"x"})


@dataclass
class House:
    patient: Visitor
    clinician: Visitor
    room_id: str
    find: Callable[[str], Room | None]
    # Has what the server and its libraries have logged.
    log: pytest.LogCaptureFixture

    def nothing_broke(self) -> None:
        broken = [record for record in self.log.records if record.levelno >= logging.ERROR]
        assert broken == [], [
            record.getMessage() + str(record.exc_text or record.exc_info) for record in broken
        ]
        room = self.find(self.room_id)
        if room is not None:
            assert len(room._seats) <= 2
            assert len(room._mesh.pairs) <= 1

    async def still_serves(self) -> None:
        """An honest page comes in and is told the whole truth, in a number a page can hold."""
        page = await Page.open(self.patient, f"/signalling/{self.room_id}")
        page.say(HELLO)
        page.say(PING_TEXT)
        await page.answers(until="pong")
        understood(page)
        assert "snapshot" in {message["type"] for message in page.heard}
        await page.go(politely=True)


def message(dice: Random) -> bytes:
    """One of the protocol's types, with fields that may be its own and values that may fit."""
    body = [f'"type":"{dice.choice(sorted(CLIENT_MESSAGES))}"']
    body += [f'"{dice.choice(FIELDS)}":{dice.choice(VALUES)}' for _ in range(dice.randrange(4))]
    return ("{" + ",".join(body) + "}").encode()


def messages(dice: Random) -> bytes:
    return b"\n".join([HELLO, *(message(dice) for _ in range(dice.randrange(1, 30)))])


async def misuse_signalling(house: House, *, count: int, seed: int) -> None:
    dice = budget.dice(seed, "signalling")
    kept = len(seeds("signalling"))
    tried = inputs(seeds("signalling"), count=count, dice=dice, words=WORDS, between=b"\n", make=messages)
    for number, data in enumerate(tried):
        with budget.trying("signalling", data):
            await misbehaves(house, data, dice, honest_frames=number < kept)
            await house.still_serves()
            house.nothing_broke()
    gc.collect()  # a task whose exception nobody fetched says so when it is freed
    house.nothing_broke()


async def misbehaves(house: House, data: bytes, dice: Random, *, honest_frames: bool) -> None:
    """The other seat is taken by an honest page, which understands whatever it is told because of this one."""
    seats = [(house.patient, ""), (house.clinician, "?as=clinician")]
    dice.shuffle(seats)
    (bad, as_bad), (good, as_good) = seats
    other = await Page.open(good, f"/signalling/{house.room_id}{as_good}")
    other.say(HELLO)
    await other.answers(until="snapshot")
    page = await Page.open(bad, f"/signalling/{house.room_id}{as_bad}")
    for line in data.split(b"\n"):
        said = line.replace(CONNECTION, connection_of(other)) if CONNECTION in line else line
        for first, part in frames(said, dice, honest=honest_frames):
            page.say(part, first=first)
    page.say(PING_TEXT)
    if dice.random() < 0.8:
        await page.answers(until="pong")
    await page.go(politely=dice.random() < 0.5)
    other.say(PING_TEXT)
    await other.answers(until="pong")
    understood(page)
    understood(other)
    await other.go(politely=dice.random() < 0.5)


def understood(page: Page) -> None:
    for each in page.heard:
        protocol.parse_server(json.dumps(each))


def connection_of(page: Page) -> bytes:
    told = [peer["connection"] for each in page.heard for peer in each.get("peers", ())]
    return told[-1].encode() if told else CONNECTION


def frames(line: bytes, dice: Random, *, honest: bool) -> list[tuple[int, bytes]]:
    """First bytes and contents: mostly one whole text frame, now and then something else."""
    if honest or dice.random() < 0.93:
        return [(0x80 | TEXT, line)]
    cut = dice.randrange(len(line) + 1)
    return dice.choice(
        [
            [(0x80 | BINARY, line)],
            [(TEXT, line[:cut]), (0x80, line[cut:])],
            [(TEXT, line[:cut]), (0x80 | PING, b"in between"), (0x80, line[cut:])],
            [(TEXT, line[:cut]), (0x80 | TEXT, line[cut:])],
            [(0x80 | PING, line[:125])] * 50,
            [(0x80 | PING, line)],
            [(dice.randrange(256), line)],
        ]
    )


async def misuse_handshake(house: House, *, count: int, seed: int) -> None:
    """What comes before the socket is a socket: answered below 500, or not at all."""
    dice = budget.dice(seed, "handshake")
    path = f"/signalling/{house.room_id}"
    kept = {name: request_for(house.patient, path, data) for name, data in seeds("handshake").items()}
    words = (b"\0", b"%00", b"%ff", b"../", b"?as=clinician", b"\xff", b"Origin: null", b"a" * 9000)
    for data in inputs(kept, count=count, dice=dice, words=words, between=b"\r\n"):
        with budget.trying("handshake", data):
            head = await answered(house.patient.client.port, data)
            assert not head.startswith(b"HTTP/1.1 5"), head
            house.nothing_broke()
    gc.collect()
    house.nothing_broke()
