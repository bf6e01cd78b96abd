"""Snapshots: what several people look at is rendered once, gets a number, and is sent to all of them.

Whoever shows the same number shows the same. A page that comes back compares its number with the newest one and fetches
the whole when it is another: because it missed something, or because the server is another one than before.
"""

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from server.web.clock import Clock
from server.web.live import BOARD, Changes

# Minutes pass without anything happening: so often the words "since 4 min" are looked at again.
STEP = timedelta(seconds=15)
# Days, clinicians and languages somebody looked at lately; what is forgotten is taken again, under another number.
KEPT = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """`facts` are what the markup was made of, for the page around it."""

    number: str
    markup: str
    facts: dict[str, Any]


@dataclass(slots=True)
class _Place:
    """One thing to look at; whoever comes while it is being taken waits for it instead of taking it again."""

    taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    state: tuple[int, int] | None = None
    newest: Snapshot | None = None


class Snapshots:
    """Of everything that the board's changes change."""

    def __init__(self, changes: Changes, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock
        # No number of an earlier server is one of this one.
        self._server = secrets.token_hex(4)
        self._counted = itertools.count(1)
        self._places: dict[Hashable, _Place] = {}

    async def newest(
        self,
        key: Hashable,
        take: Callable[[], Awaitable[tuple[str, dict[str, Any]]]],
        *,
        anew: bool = False,
    ) -> Snapshot:
        """What `take` gave, or what it gave last if nothing can have changed since; `anew` looks in any case.

        The same markup keeps its number.
        """
        place = self._place(key)
        async with place.taking:
            # Before the look: what is committed during it will be announced, and then be looked for again.
            state = (self._changes.count(BOARD), int(self._clock.now().timestamp() // STEP.total_seconds()))
            if place.newest is not None and place.state == state and not anew:
                return place.newest
            markup, facts = await take()
            same = place.newest is not None and place.newest.markup == markup
            number = place.newest.number if same and place.newest else f"{self._server}-{next(self._counted)}"
            place.newest = Snapshot(number=number, markup=markup, facts=facts)
            place.state = state
            return place.newest

    def _place(self, key: Hashable) -> _Place:
        place = self._places.pop(key, None) or _Place()
        self._places[key] = place
        while len(self._places) > KEPT:
            del self._places[next(iter(self._places))]
        return place
