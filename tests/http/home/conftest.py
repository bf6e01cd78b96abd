"""Mira and Tomas on their own pages, each on a device that is remembered; and what is stored about them."""

import html
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from server.care.access import Staff
from server.care.journal import JournalEntry
from server.care.measures import MeasureResponse
from server.care.plan import CarePlan
from server.care.safety import Hold
from server.care.tasks import Task
from server.services import home, plans, safety
from server.store import journals, measures, tasks
from server.store.database import Database
from server.store.tables import metadata
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.devices import let_in
from tests.people import Cast


@pytest.fixture
def words() -> Callable[[str], str]:
    """A page as it is read: without scripts and tags, blanks as one."""

    def read(page: str) -> str:
        shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(shown)).replace("\u202f", " ")

    return read


@pytest.fixture
def dr_reyes(cast: Cast) -> Staff:
    return Staff(
        account_id=cast.reyes,
        name="Dr. Ines Reyes",
        roles=frozenset({"clinician"}),
        practitioner_id=cast.dr_reyes,
    )


@pytest.fixture
async def token(database: Database, clock: StoppedClock, cast: Cast) -> str:
    """Of Mira's link."""
    async with database.write() as tx:
        return await home.link_token(tx, cast.mira, now=clock.now())


@pytest.fixture
async def mira(stranger: Visitor, database: Database, clock: StoppedClock, cast: Cast) -> Visitor:
    return await let_in(stranger, database, cast.mira, now=clock.now())


@pytest.fixture
async def tomas(
    new_visitor: Callable[[], Awaitable[Visitor]], database: Database, clock: StoppedClock, cast: Cast
) -> Visitor:
    return await let_in(await new_visitor(), database, cast.tomas, now=clock.now())


@pytest.fixture
def today(clock: StoppedClock) -> date:
    """Mira's."""
    return (clock.now() - timedelta(hours=7)).date()


@pytest.fixture
async def plan(database: Database, clock: StoppedClock, cast: Cast, dr_reyes: Staff, today: date) -> CarePlan:
    """Mira's course: the first session today, the others two weeks apart."""
    days = [today + timedelta(days=14 * n) for n in range(4)]
    async with database.write() as tx:
        return await plans.make(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=dr_reyes, now=clock.now()
        )


@pytest.fixture
def holds(database: Database, cast: Cast) -> Callable[[], Awaitable[list[Hold]]]:
    """All of Mira's."""

    async def found() -> list[Hold]:
        async with database.read() as tx:
            return await safety.of_patient(tx, cast.mira)

    return found


@pytest.fixture
def entries(database: Database, cast: Cast) -> Callable[[], Awaitable[list[JournalEntry]]]:
    async def found() -> list[JournalEntry]:
        async with database.read() as tx:
            return await journals.of_patient(tx, cast.mira)

    return found


@pytest.fixture
def responses(database: Database, cast: Cast) -> Callable[[], Awaitable[list[MeasureResponse]]]:
    async def found() -> list[MeasureResponse]:
        async with database.read() as tx:
            return await measures.of_patient(tx, cast.mira)

    return found


@pytest.fixture
def clinicians_tasks(database: Database, cast: Cast) -> Callable[[], Awaitable[list[Task]]]:
    """What waits for every clinician."""

    async def found() -> list[Task]:
        async with database.read() as tx:
            return await tasks.open_ones(tx, roles=["clinician"])

    return found


@pytest.fixture
def queued(database: Database) -> Callable[[], Awaitable[list[tuple[str, str | None]]]]:
    """(kind, account it goes to) of everything in the outbox."""

    async def found() -> list[tuple[str, str | None]]:
        outbox = metadata.tables["outbox"]
        async with database.read() as tx:
            return [
                (row.kind, row.account_id)
                for row in await tx.all(select(outbox).order_by(outbox.c.created_at))
            ]

    return found


@pytest.fixture
def actions(database: Database, cast: Cast) -> Callable[[], Awaitable[list[str]]]:
    """What the trail says was done about Mira, in order."""

    async def found() -> list[str]:
        events = metadata.tables["audit_events"]
        async with database.read() as tx:
            rows = await tx.all(select(events).where(events.c.patient_id == cast.mira).order_by(events.c.seq))
        return [row.action for row in rows]

    return found


@pytest.fixture
def everything(database: Database) -> Callable[[], Awaitable[dict[str, list[object]]]]:
    """Every row of every table, to compare before and after."""

    async def rows() -> dict[str, list[object]]:
        async with database.read() as tx:
            return {
                name: [tuple(row) for row in await tx.all(select(table))]
                for name, table in metadata.tables.items()
            }

    return rows
