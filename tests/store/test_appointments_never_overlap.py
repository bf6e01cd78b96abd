"""Two live appointments never overlap, whatever the code above forgot: the database itself says no."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduling.bookings import Appointment, AppointmentId, PatientBusy, PatientId, PractitionerId, SlotTaken
from server.services import appointments
from server.store import appointments as store
from server.store.database import Database
from server.store.ids import new_id
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

pytestmark = pytest.mark.both_databases

HALF_HOUR = timedelta(minutes=30)
BUFFER = timedelta(minutes=10)


def appointment(cast: Cast, starts_at: datetime, **changes: object) -> Appointment:
    """Mira with Dr Reyes for half an hour and ten minutes after."""
    made = Appointment(
        id=AppointmentId(new_id()),
        patient_id=PatientId(cast.mira),
        practitioner_id=PractitionerId(cast.dr_reyes),
        visit_type="check-in",
        starts_at=starts_at,
        ends_at=starts_at + HALF_HOUR,
        busy_from=starts_at,
        busy_until=starts_at + HALF_HOUR + BUFFER,
        status="booked",
        version=1,
        mode="video",
        booked_by=cast.ada,
        created_at=MONDAY_MORNING,
    )
    return replace(made, **changes)


async def keep(database: Database, *made: Appointment) -> None:
    for each in made:
        async with database.write() as tx:
            await store.insert(tx, each)


async def test_an_appointment_comes_back_as_it_was_kept(database: Database, cast: Cast) -> None:
    made = appointment(cast, MONDAY_MORNING, status="cancelled", cancellation_reason="a cold")
    await keep(database, made)
    async with database.read() as tx:
        assert await store.by_id(tx, made.id) == made


@pytest.mark.parametrize("minutes", [0, 15, 39, -15, -39])
async def test_the_practitioners_time_is_taken_with_its_buffer(
    database: Database, cast: Cast, minutes: int
) -> None:
    await keep(database, appointment(cast, MONDAY_MORNING))
    other = appointment(cast, MONDAY_MORNING + timedelta(minutes=minutes), patient_id=cast.tomas)
    with pytest.raises(SlotTaken):
        await keep(database, other)


@pytest.mark.parametrize("minutes", [40, -40])
async def test_back_to_back_is_no_overlap(database: Database, cast: Cast, minutes: int) -> None:
    await keep(database, appointment(cast, MONDAY_MORNING))
    await keep(
        database, appointment(cast, MONDAY_MORNING + timedelta(minutes=minutes), patient_id=cast.tomas)
    )


async def test_a_patient_is_not_in_two_visits_at_once(database: Database, cast: Cast) -> None:
    await keep(database, appointment(cast, MONDAY_MORNING))
    with pytest.raises(PatientBusy):
        await keep(
            database,
            appointment(cast, MONDAY_MORNING + timedelta(minutes=15), practitioner_id=cast.dr_okafor),
        )


@pytest.mark.parametrize("status", ["cancelled", "noshow", "fulfilled", "entered-in-error"])
async def test_what_is_over_leaves_its_time_to_others(database: Database, cast: Cast, status: str) -> None:
    await keep(database, appointment(cast, MONDAY_MORNING, status=status))
    await keep(database, appointment(cast, MONDAY_MORNING))


async def test_moving_into_taken_time_is_refused_too(database: Database, cast: Cast) -> None:
    first = appointment(cast, MONDAY_MORNING)
    second = appointment(cast, MONDAY_MORNING + timedelta(hours=2), patient_id=cast.tomas)
    await keep(database, first, second)
    onto = replace(
        second,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        busy_from=first.busy_from,
        busy_until=first.busy_until,
        version=2,
    )
    with pytest.raises(SlotTaken):
        async with database.write() as tx:
            await store.save(tx, onto)


async def test_coming_back_to_life_in_taken_time_is_refused(database: Database, cast: Cast) -> None:
    gone = appointment(cast, MONDAY_MORNING, status="cancelled")
    await keep(database, gone, appointment(cast, MONDAY_MORNING, patient_id=cast.tomas))
    with pytest.raises(SlotTaken):
        async with database.write() as tx:
            await store.save(tx, replace(gone, status="booked", version=2))


async def test_a_stale_change_is_not_written(database: Database, cast: Cast) -> None:
    made = appointment(cast, MONDAY_MORNING)
    await keep(database, made)
    async with database.write() as tx:
        await store.save(tx, replace(made, status="arrived", version=2))
    with pytest.raises(store.StaleAppointment):
        async with database.write() as tx:
            await store.save(tx, replace(made, status="cancelled", version=2))
    async with database.read() as tx:
        assert (await store.by_id(tx, made.id)) == replace(made, status="arrived", version=2)


async def test_of_twenty_bookings_at_once_one_succeeds(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async def book(nth: int) -> str:
        try:
            async with database.write() as tx:
                await appointments.book(
                    tx,
                    patient_id=cast.mira if nth % 2 else cast.tomas,
                    practitioner_id=cast.dr_reyes,
                    visit_type="check-in",
                    starts_at=MONDAY_MORNING + timedelta(hours=1),
                    mode="video",
                    booked_by=cast.ada,
                    now=clock.now(),
                )
        except (SlotTaken, PatientBusy):
            return "refused"
        return "booked"

    answers = await asyncio.gather(*(book(nth) for nth in range(20)))
    assert (answers.count("booked"), answers.count("refused")) == (1, 19)
