"""Somebody who is no patient yet and asks for a first visit on the public page: the request waits for the desk."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from server.care.people import EMAIL, NewPatient
from server.care.self_booking import Rules
from server.demo.people import REYES
from server.services import practice, self_bookings
from server.store.database import Tx
from server.store.ids import new_id

if TYPE_CHECKING:
    from server.demo.clinic import Known

WREN = NewPatient(
    name="Wren Halloway",
    date_of_birth=date(1994, 3, 22),
    email="wren@mail.example",
    phone="(970) 555-0164",
    time_zone="America/Denver",
    language="en",
    reached_by=EMAIL,
    state="CO",
)
# As the demo's server treats requests.
RULES = Rules(
    mode="desk",
    proof=timedelta(minutes=30),
    kept=timedelta(hours=48),
    notice=timedelta(hours=24),
    answer_days=1,
    zone=str(REYES.zone),
)


async def ask(tx: Tx, known: "Known", *, now: datetime) -> None:
    """For the first free time from the day after tomorrow on."""
    kind = await self_bookings.kind_offered(tx, RULES)
    assert kind is not None
    slots, _ = await practice.search(
        tx,
        practitioner_ids=[known.practitioners[REYES.key]],
        kind=kind,
        start=now + timedelta(days=2),
        end=now + timedelta(days=20),
        now=now,
        patient=self_bookings.sought(WREN),
    )
    slot = next(slots)
    key = new_id()
    await self_bookings.ask(
        tx,
        key=key,
        person=WREN,
        practitioner_id=slot.practitioner_id,
        starts_at=slot.starts_at,
        rules=RULES,
        now=now,
    )
    await self_bookings.prove(tx, await self_bookings.by_id(tx, key), rules=RULES, now=now)
