"""What Mira asked, as the clinic's own pages are tried on it."""

from collections.abc import Awaitable, Callable

import pytest

from server.care.asking import About, AnswerTimes, ThreadEntry
from server.care.tasks import Task
from server.services import asking
from server.store import asking as threads
from server.store import tasks
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.people import Cast

TIMES = AnswerTimes(practical=1, clinical=2, zone="America/Denver")
Asks = Callable[[About, str], Awaitable[None]]


@pytest.fixture
def mira_asks(database: Database, cast: Cast, clock: StoppedClock) -> Asks:
    """`await mira_asks("practical", "words")`, a minute after whatever was before."""

    async def ask(about: About, words: str) -> None:
        clock.advance(minutes=1)
        async with database.write() as tx:
            await asking.ask(
                tx,
                patient_id=cast.mira,
                about=about,
                text=words,
                key="key",
                times=TIMES,
                now=clock.now(),
            )

    return ask


@pytest.fixture
def thread(database: Database, cast: Cast) -> Callable[[], Awaitable[list[ThreadEntry]]]:
    """All of Mira's."""

    async def found() -> list[ThreadEntry]:
        async with database.read() as tx:
            return await threads.of_patient(tx, cast.mira)

    return found


@pytest.fixture
def waiting(database: Database) -> Callable[[], Awaitable[list[Task]]]:
    """What waits for anybody."""

    async def found() -> list[Task]:
        async with database.read() as tx:
            return await tasks.open_ones(tx, roles=["front-desk", "clinician"])

    return found
