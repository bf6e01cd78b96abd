"""Boring, explicit constructors."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from server.care.encounter import Encounter
from server.config import Config, read_config
from server.services import appointments
from server.store.database import Tx
from tests.people import Cast

PROJECT = Path(__file__).parents[1]


def house_config(*, port: int, data: Path) -> Config:
    """The shipped configuration on a free port and in a folder of the test's own."""
    shipped = read_config(PROJECT / "config.toml")
    return replace(
        shipped,
        server=replace(shipped.server, port=port, data=data),
        media=replace(shipped.media, port=0),
    )


async def check_in(
    tx: Tx,
    cast: Cast,
    starts_at: datetime,
    *,
    now: datetime,
    patient_id: str | None = None,
    practitioner_id: str | None = None,
) -> Encounter:
    """A check-in by video that Ada booked: Mira's with Dr Reyes, unless it says whose."""
    return await appointments.book(
        tx,
        patient_id=patient_id or cast.mira,
        practitioner_id=practitioner_id or cast.dr_reyes,
        visit_type="check-in",
        starts_at=starts_at,
        mode="video",
        booked_by=cast.ada,
        now=now,
    )
