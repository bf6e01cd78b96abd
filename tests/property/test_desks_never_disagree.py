"""Two desks that show the same number show the same, whatever happened in which order; and both end with the truth.

A commit and its announcement are two moments, a look at the database takes time, pages sleep, servers are restarted.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.web.live import BOARD, Changes
from server.web.snapshots import Snapshot, Snapshots
from tests.clocks import StoppedClock

DESKS = 3


class Desk:
    """What a page does with its snapshot: shows it, and fetches another one when the server tells another number."""

    def __init__(self) -> None:
        self.shown: Snapshot | None = None
        self.awake = True


class Board(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = StoppedClock()
        # What the database holds, and how much of it was announced so far.
        self.truth: dict[str, int] = {}
        self.unannounced = 0
        self.ever: dict[str, str] = {}
        self.desks = [Desk() for _ in range(DESKS)]
        self.start_server()

    def teardown(self) -> None:
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def start_server(self) -> None:
        self.changes = Changes()
        self.snapshots = Snapshots(self.changes, self.clock)

    async def take(self) -> tuple[str, dict[str, Any]]:
        markup = repr(sorted(self.truth.items()))
        await asyncio.sleep(0)
        return markup, {}

    async def newest(self) -> Snapshot:
        return await self.snapshots.newest("today", self.take)

    @rule(visit=st.sampled_from("abc"), state=st.integers(0, 3))
    def something_is_committed(self, visit: str, state: int) -> None:
        self.truth[visit] = state
        self.unannounced += 1

    @precondition(lambda self: self.unannounced)
    @rule()
    def it_is_announced(self) -> None:
        self.unannounced = 0
        self.changes.publish(BOARD)

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule(desk=st.integers(0, DESKS - 1))
    def a_desk_opens_the_page_anew(self, desk: int) -> None:
        self.desks[desk].shown = self.run(self.snapshots.newest("today", self.take, anew=True))

    @rule(visit=st.sampled_from("abc"), state=st.integers(0, 3))
    def two_look_while_it_is_committed_and_announced(self, visit: str, state: int) -> None:
        async def commit() -> None:
            self.truth[visit] = state
            await asyncio.sleep(0)
            self.changes.publish(BOARD)

        async def both() -> list[Any]:
            return await asyncio.gather(self.newest(), commit(), self.newest())

        first, _, second = self.run(both())
        self.desks[0].shown, self.desks[1].shown = first, second
        self.unannounced = 0

    @rule(desk=st.integers(0, DESKS - 1))
    def a_laptop_is_closed(self, desk: int) -> None:
        self.desks[desk].awake = False

    @rule(desk=st.integers(0, DESKS - 1))
    def a_laptop_is_opened(self, desk: int) -> None:
        self.desks[desk].awake = True
        self.hear(self.desks[desk])

    @rule()
    def the_server_is_restarted(self) -> None:
        self.start_server()
        self.unannounced = 0

    @rule()
    def everybody_who_is_awake_hears_the_news(self) -> None:
        if self.unannounced:
            self.it_is_announced()
        for desk in self.desks:
            if desk.awake:
                self.hear(desk)
        assert {desk.shown.markup for desk in self.desks if desk.awake and desk.shown} <= {
            repr(sorted(self.truth.items()))
        }

    def hear(self, desk: Desk) -> None:
        """The stream tells a number; the page fetches when its own is another."""
        told = self.run(self.newest()).number
        if desk.shown is None or desk.shown.number != told:
            desk.shown = self.run(self.newest())

    @invariant()
    def one_number_is_one_content(self) -> None:
        for desk in self.desks:
            if desk.shown is not None:
                known = self.ever.setdefault(desk.shown.number, desk.shown.markup)
                assert known == desk.shown.markup


TestBoard = Board.TestCase
TestBoard.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
