"""The real process: a lonely call has sockets and threads of its own, and nobody notices when it has not."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.media.checks import SRTP
from tests.media.test_relay_process_keeps_calls_alive import Browser, eventually, passes


class Calls:
    """Each pair's two browsers, latched and admitted; `threads` are more than a relay without lanes has."""

    def __init__(self, relay, stack: ExitStack) -> None:
        self.client, self._stack = relay.client, stack
        self._tasks = Path(f"/proc/{relay.client.pid}/task")
        self._alone = self.tasks()
        self.browsers: list[tuple[Browser, Browser]] = []

    def tasks(self) -> int:
        return len(list(self._tasks.iterdir()))

    async def lanes_are(self, count: int) -> None:
        await eventually(lambda: self.tasks() == self._alone + count)

    async def begin(self) -> None:
        name = f"call {len(self.browsers)}"
        pair = await self.client.open(pair=name, room="room")
        await self.client.gate(pair=name, passing=True)
        one, other = (Browser(self.client.port, leg) for leg in pair.legs.values())
        for each in (one, other):
            self._stack.enter_context(each.udp)
            await each.check(nominate=True)
        self.browsers.append((one, other))

    async def go_on(self) -> bool:
        return all(
            [
                await passes(sender, receiver, SRTP + bytes([number]))
                for one, other in self.browsers
                for sender, receiver in ((one, other), (other, one))
                for number in range(5)
            ]
        )

    async def packets(self) -> int:
        return int((await self.client.stats())["packets"])


@pytest.fixture
async def calls(relay):
    await relay.client.stats()  # the loop answers, so its threads are there
    with ExitStack() as stack:
        calls = Calls(relay, stack)
        await calls.begin()
        await calls.lanes_are(2)
        yield calls


async def test_a_call_is_answered_counted_gated_and_moved_as_ever(calls) -> None:
    [(one, other)] = calls.browsers
    assert await calls.go_on()
    assert await calls.packets() == 10
    await one.check(nominate=True)
    moved = Browser(calls.client.port, one.leg)
    with moved.udp:
        await moved.check(nominate=True)
        assert await passes(other, moved, SRTP)
        assert await passes(moved, other, SRTP)
        await calls.client.gate(pair="call 0", passing=False)
        moved.says(SRTP)
        await calls.lanes_are(0)
        await other.hears_nothing()
    assert (await calls.client.stats())["dropped"] == {"gated": 1}


async def test_calls_go_on_when_there_are_two_and_when_there_is_one_again(calls) -> None:
    await calls.begin()
    await calls.lanes_are(0)
    assert await calls.go_on()
    await calls.client.close_pair("call 0")
    del calls.browsers[0]
    await calls.lanes_are(2)
    assert await calls.go_on()


async def test_calls_go_on_while_somebody_is_connected_over_tcp(calls) -> None:
    with socket.create_connection(("127.0.0.1", calls.client.port)):
        await calls.lanes_are(0)
        assert await calls.go_on()
    await calls.lanes_are(2)
    assert await calls.go_on()
