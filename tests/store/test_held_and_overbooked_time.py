"""Held time is nobody else's, and only what is deliberately booked over others overlaps: the database says so."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduling.bookings import PatientBusy, PractitionerId, SlotTaken
from scheduling.holds import Hold, HoldId
from server.store import appointments as bookings
from server.store import slot_holds as store
from server.store.database import ConstraintBroken, Database
from server.store.tables.slot_holds import slot_holds
from tests.clocks import MONDAY_MORNING
from tests.people import Cast
from tests.store.test_appointments_never_overlap import BUFFER, HALF_HOUR, appointment

EXPIRES = MONDAY_MORNING + timedelta(minutes=10)


def hold(cast: Cast, starts_at: datetime, id_: str = "ada", doctor: str = "") -> Hold:
    return Hold(
        id=HoldId(id_),
        practitioner_id=PractitionerId(doctor or cast.dr_reyes),
        patient_id=None,
        visit_type="check-in",
        starts_at=starts_at,
        ends_at=starts_at + HALF_HOUR,
        held_from=starts_at,
        held_until=starts_at + HALF_HOUR + BUFFER,
        held_by=cast.ada,
        expires_at=EXPIRES,
    )


async def keep(database: Database, *made: Hold) -> None:
    for each in made:
        async with database.write() as tx:
            await store.insert(tx, each)


async def book(database: Database, *made) -> None:  # type: ignore[no-untyped-def]
    for each in made:
        async with database.write() as tx:
            await bookings.insert(tx, each)


async def test_a_hold_comes_back_as_it_was_kept(database: Database, cast: Cast) -> None:
    made = hold(cast, MONDAY_MORNING)
    await keep(database, made)
    async with database.read() as tx:
        assert await store.by_id(tx, "ada") == made


@pytest.mark.parametrize("minutes", [0, 39, -39])
async def test_two_holds_never_overlap(database: Database, cast: Cast, minutes: int) -> None:
    await keep(database, hold(cast, MONDAY_MORNING))
    with pytest.raises(SlotTaken):
        await keep(database, hold(cast, MONDAY_MORNING + timedelta(minutes=minutes), "bea"))


async def test_back_to_back_and_anothers_time_may_be_held(database: Database, cast: Cast) -> None:
    await keep(
        database,
        hold(cast, MONDAY_MORNING),
        hold(cast, MONDAY_MORNING + HALF_HOUR + BUFFER, "bea"),
        hold(cast, MONDAY_MORNING, "cleo", cast.dr_okafor),
    )


@pytest.mark.parametrize("minutes", [0, 39, -39])
async def test_what_is_booked_is_not_held_and_what_is_held_is_not_booked(
    database: Database, cast: Cast, minutes: int
) -> None:
    later = MONDAY_MORNING + timedelta(minutes=minutes)
    await book(database, appointment(cast, MONDAY_MORNING))
    with pytest.raises(SlotTaken):
        await keep(database, hold(cast, later))
    await keep(database, hold(cast, MONDAY_MORNING + timedelta(days=1)))
    with pytest.raises(SlotTaken):
        await book(database, appointment(cast, later + timedelta(days=1)))


async def test_nothing_moves_into_held_time_and_what_stays_may_change(database: Database, cast: Cast) -> None:
    made = appointment(cast, MONDAY_MORNING)
    await book(database, made)
    await keep(database, hold(cast, MONDAY_MORNING + timedelta(hours=2)))
    late = timedelta(hours=2)
    moved = replace(
        made,
        starts_at=made.starts_at + late,
        ends_at=made.ends_at + late,
        busy_from=made.busy_from + late,
        busy_until=made.busy_until + late,
        version=2,
    )
    with pytest.raises(SlotTaken):
        async with database.write() as tx:
            await bookings.save(tx, moved)
    async with database.write() as tx:
        await bookings.save(tx, replace(made, status="arrived", version=2))


async def test_what_has_expired_is_swept_at_its_very_moment(database: Database, cast: Cast) -> None:
    await keep(database, hold(cast, MONDAY_MORNING))
    async with database.write() as tx:
        await store.sweep(tx, now=EXPIRES - timedelta(seconds=1))
        assert await store.by_id(tx, "ada")
        await store.sweep(tx, now=EXPIRES)
        assert await store.by_id(tx, "ada") is None


async def test_a_hold_is_taken_anew_and_never_stretched(database: Database, cast: Cast) -> None:
    await keep(database, hold(cast, MONDAY_MORNING))
    with pytest.raises(ConstraintBroken, match="slot_hold_is_fixed"):
        async with database.write() as tx:
            await tx.run(slot_holds.update().values(expires_at=EXPIRES + timedelta(hours=1)))


async def test_what_is_booked_over_others_may_overlap_them_and_nothing_else_may(
    database: Database, cast: Cast
) -> None:
    await book(database, appointment(cast, MONDAY_MORNING))
    await keep(database, hold(cast, MONDAY_MORNING + timedelta(minutes=45)))
    await book(
        database,
        appointment(
            cast,
            MONDAY_MORNING + timedelta(minutes=30),
            patient_id=cast.tomas,
            overbook_reason="cannot wait",
            overbook_agreed_by=cast.reyes,
        ),
    )
    with pytest.raises(SlotTaken):
        await book(database, appointment(cast, MONDAY_MORNING, patient_id=cast.tomas))


async def test_no_reason_puts_a_patient_into_two_visits_at_once(database: Database, cast: Cast) -> None:
    await book(database, appointment(cast, MONDAY_MORNING))
    again = appointment(
        cast,
        MONDAY_MORNING + timedelta(minutes=15),
        practitioner_id=cast.dr_okafor,
        overbook_reason="cannot wait",
    )
    with pytest.raises(PatientBusy):
        await book(database, again)
