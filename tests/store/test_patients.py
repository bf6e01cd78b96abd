"""Patients are found by what people remember of them, through keyed hashes only."""

import pytest
from sqlalchemy import text

from server.services import patients
from server.services.patients import NoSuchPatient
from server.store.database import Database
from tests.clocks import StoppedClock
from tests.people import Cast


@pytest.mark.parametrize(
    "typed",
    [
        "mira",
        "MIRA LIND",
        "lindqvist mira",
        "Líndqvist",
        "mira@example.org",
        "Mira@Example.org ",
        "303 555 0142",
        "+1 (303) 555-0142",
        "5550142",
    ],
)
async def test_mira_is_found_by(database: Database, cast: Cast, typed: str) -> None:
    async with database.read() as tx:
        assert [found.id for found in await patients.find(tx, typed)] == [cast.mira]


@pytest.mark.parametrize(
    "typed", ["", " ", "m", "mirabel", "mira brandt", "mira@example", "5550143", "%", "' OR 1=1"]
)
async def test_nobody_is_found_by(database: Database, cast: Cast, typed: str) -> None:
    async with database.read() as tx:
        assert await patients.find(tx, typed) == []


async def test_after_a_correction_the_old_name_finds_nobody(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, name="Mira Sandell", by=cast.ada, now=clock.now())
    async with database.read() as tx:
        assert await patients.find(tx, "lindqvist") == []
        found = await patients.find(tx, "sandell")
    assert [(each.name, each.version) for each in found] == [("Mira Sandell", 2)]


async def test_a_correction_that_changes_nothing_is_no_new_version(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        same = await patients.correct(tx, cast.mira, name="Mira Lindqvist", by=cast.ada, now=clock.now())
    assert same.version == 1


async def test_only_what_the_desk_may_know_can_be_corrected(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        with pytest.raises(TypeError):
            await patients.correct(tx, cast.mira, id="another", by=cast.ada, now=clock.now())


async def test_a_stranger_is_nobody(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        with pytest.raises(NoSuchPatient):
            await patients.by_id(tx, "nobody")


async def test_registering_leaves_a_line_in_the_trail(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        rows = await tx.all(
            text("SELECT actor, action FROM audit_events WHERE patient_id = :id"), id=cast.mira
        )
    assert [tuple(row) for row in rows] == [(cast.ada, "registered")]
