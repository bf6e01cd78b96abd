"""Replays the invented clinic's past through the services, each step at the time it happened.

What happened first comes first, whosever story it belongs to: so the audit trail reads as it would have been written.
"""

import heapq
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from server.demo import course_history, visit_history
from server.demo.scene import Scene
from server.demo.stories.basil import BASIL
from server.demo.stories.cosmo import COSMO
from server.demo.stories.juniper import JUNIPER
from server.demo.stories.mira import MIRA
from server.demo.stories.otto import OTTO
from server.demo.stories.paloma import PALOMA
from server.demo.stories.pearl import PEARL
from server.store import outbox
from server.store.database import Tx

if TYPE_CHECKING:
    from server.demo.clinic import Known

# Robin has none: a robot comes to the call and has no past.
STORIES = (MIRA, OTTO, JUNIPER, BASIL, PALOMA, COSMO, PEARL)


async def write(tx: Tx, known: "Known", *, now: datetime) -> None:
    scenes = [Scene(tx=tx, known=known, story=story, now=now) for story in STORIES]
    await in_order(
        steps for scene in scenes for steps in (*visit_history.of(scene), *course_history.of(scene))
    )
    # Nobody gets a letter today about what was weeks ago.
    await outbox.withdraw_before(tx, now, now=now)


async def in_order(threads: Iterable[AsyncIterator[datetime]]) -> None:
    """Each thread names the time of its next step before it takes it; the earliest one always goes on."""
    waiting: list[tuple[datetime, int, AsyncIterator[datetime]]] = []
    for number, thread in enumerate(threads):
        await _goes_on(waiting, number, thread)
    while waiting:
        _, number, thread = heapq.heappop(waiting)
        await _goes_on(waiting, number, thread)


async def _goes_on(
    waiting: list[tuple[datetime, int, AsyncIterator[datetime]]], number: int, thread: AsyncIterator[datetime]
) -> None:
    at = await anext(thread, None)
    if at is not None:
        # The number keeps two threads of one moment from being compared with each other.
        heapq.heappush(waiting, (at, number, thread))
