"""What the desk's pages are tried on: Mira's visit, and what a page says without its markup."""

from datetime import timedelta

import pytest

from server.care.encounter import Encounter
from server.store.database import Database
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast


@pytest.fixture
async def booked(database: Database, cast: Cast, clock: StoppedClock) -> Encounter:
    """Mira sees Dr Reyes at ten in Denver, one hour from now."""
    async with database.write() as tx:
        return await check_in(tx, cast, MONDAY_MORNING + timedelta(hours=1), now=clock.now())
