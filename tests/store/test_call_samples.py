"""How calls were, kept: by visit, bounded, and nothing for rooms that are no visits."""

from dataclasses import fields
from datetime import timedelta

import pytest

from server.care.call_quality import Figures, Sample
from server.services import accounts, appointments, call_quality, guests
from server.store import call_samples, encounters
from server.store.database import Database
from server.store.tables import metadata
from tests.clocks import StoppedClock
from tests.people import Cast


@pytest.fixture
async def visit(database: Database, clock: StoppedClock, cast: Cast) -> str:
    async with database.write() as tx:
        booked = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(minutes=30),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    return str(booked.id)


def taken(clock: StoppedClock, n: int, **given: object) -> Sample:
    values: dict[str, object] = {"seat": "patient", "route": "tcp", "word": "good", "side": None}
    return Sample(at=clock.now() + timedelta(seconds=10 * n), **values | given)  # type: ignore[arg-type]


async def test_they_come_back_as_they_were_taken(database: Database, clock: StoppedClock, visit: str):
    figures = Figures(**{field.name: n / 8 for n, field in enumerate(fields(Figures))})
    written = [taken(clock, 1, figures=figures), taken(clock, 2, route=None, word="weak", side="up")]
    async with database.write() as tx:
        assert await call_quality.keep(tx, [(visit, each) for each in reversed(written)]) == 2
    async with database.read() as tx:
        assert await call_samples.of_encounter(tx, visit) == written


async def test_a_room_that_is_no_visit_leaves_nothing(database: Database, clock: StoppedClock, visit: str):
    """Connection tests and the server's calls to itself; and none of them holds up the others' samples."""
    async with database.write() as tx:
        kept = await call_quality.keep(tx, [(f"test-{visit}", taken(clock, 1)), (visit, taken(clock, 1))])
    assert kept == 1


async def test_a_visit_has_only_so_many(
    database: Database, clock: StoppedClock, visit: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(call_samples, "MOST_OF_A_VISIT", 5)
    for start in (0, 3):
        async with database.write() as tx:
            await call_quality.keep(tx, [(visit, taken(clock, start + n)) for n in range(3)])
    async with database.read() as tx:
        assert len(await call_samples.of_encounter(tx, visit)) == 5


async def test_a_great_batch_is_written_whole(database: Database, clock: StoppedClock, visit: str):
    async with database.write() as tx:
        assert await call_quality.keep(tx, [(visit, taken(clock, n)) for n in range(1201)]) == 1201


def test_nothing_in_a_row_says_who_or_where() -> None:
    """No text but the codes, and no address of anybody's network."""
    assert {column.name for column in metadata.tables["call_samples"].c} - call_figures() == {
        *("id", "encounter_id", "seat", "at", "route", "word", "side")
    }


def call_figures() -> set[str]:
    return {field.name for field in fields(Figures)}


async def test_the_visit_tells_its_story_with_the_gaps_of_its_record(
    database: Database, clock: StoppedClock, visit: str
):
    async with database.write() as tx:
        await call_quality.keep(tx, [(visit, taken(clock, n)) for n in range(1, 7)])
        found = await encounters.by_id(tx, visit)
        assert found is not None
        told = await call_quality.of_visit(tx, found)
    assert told is not None
    assert (told.story.tone, told.gaps) == ("good", ())
    assert told.story.sides[0].routes == ("tcp",)


async def test_guests_stand_in_it_by_name(database: Database, clock: StoppedClock, visit: str, cast: Cast):
    async with database.write() as tx:
        by = await accounts.staff_of(tx, cast.reyes)
        sitter = await guests.invite(
            tx, encounter_id=visit, role="sitter", name="Ana Holm", email=None, by=by, now=clock.now()
        )
        taken_there = [
            (visit, taken(clock, n, seat=seat)) for n in (1, 2) for seat in ("patient", sitter.seat)
        ]
        await call_quality.keep(tx, taken_there)
        found = await encounters.by_id(tx, visit)
        assert found is not None
        told = await call_quality.of_visit(tx, found)
        (call,), _ = await call_quality.worst_first(tx, now=clock.now())
    assert told is not None
    assert [told.guests.get(side.seat) for side in told.story.sides] == [None, "Ana Holm"]
    # The administrator reads no more of a guest than the role.
    assert [side.role for side in call.sides] == ["patient", "sitter"]
