"""A visit of Mira's an hour from now, its link, and browsers that have come this or that far through it."""

import html
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from server.care.encounter import Encounter
from server.services import appointments
from server.store.database import Database
from server.store.tables import metadata
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.people import MIRA_BORN, TOMAS_BORN, Cast

ANSWERS = {
    "where": "12 Invented Lane, Boulder",
    "call_back": "(303) 555-0199",
    "with_whom": "Nobody",
    "agree": "yes",
}


@pytest.fixture
def words() -> Callable[[str], str]:
    """A page as it is read: without tags, blanks as one."""
    return lambda page: re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


@pytest.fixture
def book(
    database: Database, clock: StoppedClock, cast: Cast
) -> Callable[..., Awaitable[tuple[Encounter, str]]]:
    """`await book(patient_id, hours=1)`: the visit and its link's token."""

    async def one(
        patient_id: str, *, hours: float = 1, mode: str = "video", sees: str = ""
    ) -> tuple[Encounter, str]:
        async with database.write() as tx:
            encounter = await appointments.book(
                tx,
                patient_id=patient_id,
                practitioner_id=sees or (cast.dr_reyes if patient_id == cast.mira else cast.dr_okafor),
                visit_type="check-in",
                starts_at=clock.now() + timedelta(hours=hours),
                mode=mode,
                booked_by=cast.ada,
                now=clock.now(),
            )
            return encounter, appointments.token_of(tx, encounter)

    return one


@pytest.fixture
async def booked(book, cast: Cast) -> tuple[Encounter, str]:  # type: ignore[no-untyped-def]
    return await book(cast.mira)


@pytest.fixture
def visit(booked: tuple[Encounter, str]) -> Encounter:
    return booked[0]


@pytest.fixture
def token(booked: tuple[Encounter, str]) -> str:
    return booked[1]


@pytest.fixture
async def holder(stranger: Visitor, token: str) -> Visitor:
    """Pressed Continue; nothing proven."""
    await stranger.post(f"/visit/join/{token}")
    return stranger


@pytest.fixture
async def proven(holder: Visitor, visit: Encounter) -> Visitor:
    """Gave the right date of birth."""
    await holder.post(f"/visit/identity/{visit.id}", date_of_birth=MIRA_BORN.isoformat())
    return holder


@pytest.fixture
async def mira(proven: Visitor, visit: Encounter) -> Visitor:
    """In the waiting room."""
    await proven.post(f"/visit/entry/{visit.id}", **ANSWERS)
    return proven


@pytest.fixture
async def tomas(new_visitor, book, cast: Cast) -> Visitor:  # type: ignore[no-untyped-def]
    """In a waiting room of his own."""
    encounter, token = await book(cast.tomas)
    browser = await new_visitor()
    await browser.post(f"/visit/join/{token}")
    await browser.post(f"/visit/identity/{encounter.id}", date_of_birth=TOMAS_BORN.isoformat())
    await browser.post(f"/visit/entry/{encounter.id}", **ANSWERS)
    return browser


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


@pytest.fixture
def count(database: Database) -> Callable[[str], Awaitable[int]]:
    async def rows(table: str) -> int:
        async with database.read() as tx:
            row = await tx.one(select(func.count()).select_from(metadata.tables[table]))
        return row[0] if row else 0

    return rows


@pytest.fixture
def actions(database: Database) -> Callable[[str], Awaitable[list[str]]]:
    """What the audit trail says was done to a visit by its patient, in order."""

    async def of(object_id: str) -> list[str]:
        trail = metadata.tables["audit_events"]
        statement = select(trail.c.action).where(trail.c.object_id == object_id, trail.c.actor == "patient")
        async with database.read() as tx:
            return [row.action for row in await tx.all(statement.order_by(trail.c.seq))]

    return of
