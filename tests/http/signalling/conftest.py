"""A visit in half an hour, its patient in front of the waiting room, the relay and the rooms."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from server.app import create_app
from server.care.encounter import Encounter
from server.services import appointments
from server.store import encounters
from server.store.tables import metadata
from server.web import keys
from tests.builders import house_config
from tests.conftest import Visitor
from tests.fuzzing.signalling import House
from tests.http.signalling.stage import ANSWERS, PATIENTLY
from tests.people import MIRA_BORN, Cast


@pytest.fixture
async def app(database, clock, cast, port, tmp_path) -> web.Application:
    """With the relay and the rooms."""
    return create_app(house_config(port=port, data=tmp_path), database=database, clock=clock)


@pytest.fixture
async def visit(database, clock, cast: Cast) -> tuple[Encounter, str]:
    async with database.write() as tx:
        encounter = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        return encounter, appointments.token_of(tx, encounter)


@pytest.fixture
async def mira(stranger: Visitor, visit: tuple[Encounter, str]) -> Visitor:
    """In front of the waiting room's door."""
    encounter, token = visit
    await stranger.post(f"/visit/join/{token}")
    await stranger.post(f"/visit/identity/{encounter.id}", date_of_birth=MIRA_BORN.isoformat())
    await stranger.post(f"/visit/entry/{encounter.id}", **ANSWERS)
    return stranger


@pytest.fixture
def room(visit: tuple[Encounter, str]) -> str:
    return str(visit[0].id)


@pytest.fixture
def kept(database, room):  # type: ignore[no-untyped-def]
    """`await kept("arrived")`: the visit, once it has this status."""

    async def until(status: str) -> Encounter:
        async with asyncio.timeout(PATIENTLY):
            while True:
                async with database.read() as tx:
                    found = await encounters.by_id(tx, room)
                assert found is not None
                if found.status == status:
                    return found
                await asyncio.sleep(0.02)

    return until


@pytest.fixture
def events(database, room):  # type: ignore[no-untyped-def]
    async def of_visit() -> list[tuple[str, str]]:
        """In no order: while the clock stands still, `at` only says how long the writing down took."""
        table = metadata.tables["presence_events"]
        statement = select(table.c.seat, table.c.kind).where(table.c.encounter_id == room)
        async with database.read() as tx:
            return [tuple(row) for row in await tx.all(statement)]

    return of_visit


@pytest.fixture
def trail(database):  # type: ignore[no-untyped-def]
    async def of_the_words() -> list[tuple[str, str]]:
        """Who, what."""
        table = metadata.tables["audit_events"]
        statement = select(table.c.actor, table.c.action).where(table.c.action.startswith("words-"))
        async with database.read() as tx:
            return [tuple(row) for row in await tx.all(statement)]

    return of_the_words


@pytest.fixture
def house(app, mira, reyes, room, caplog):  # type: ignore[no-untyped-def]
    """The visit's two people and the server's log, for pages that misbehave."""
    return House(patient=mira, clinician=reyes, room_id=room, find=app[keys.ROOMS].find, log=caplog)
