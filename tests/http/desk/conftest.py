"""What the desk's pages are tried on: Mira's visit, and what a page says without its markup."""

from datetime import timedelta

import pytest

from server.care.encounter import Encounter
from server.services import appointments
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast


@pytest.fixture
async def booked(database: Database, cast: Cast, clock: StoppedClock) -> Encounter:
    """Mira sees Dr Reyes at ten in Denver, one hour from now."""
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
