"""Replays the invented clinic's past through the services, each step at the time it happened."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.care.encounter import PresenceEvent
from server.demo.past import PAST, Past
from server.demo.people import ADA, PATIENTS, STAFF
from server.services import appointments, visits
from server.store import outbox
from server.store.database import Tx

if TYPE_CHECKING:
    from server.demo.clinic import Known

BOOKED_BEFORE = timedelta(days=4)
ARRIVES_BEFORE = timedelta(minutes=6)


async def write(tx: Tx, known: "Known", *, now: datetime) -> None:
    for past in sorted(PAST, key=lambda past: -past.days_ago):
        await replay(tx, known, past, now=now)


async def replay(tx: Tx, known: "Known", past: Past, *, now: datetime) -> None:
    """Booked, arrived, seen, finished, written down."""
    guest = next(guest for guest in PATIENTS if guest.key == past.guest)
    zone = next(str(person.zone) for person in STAFF if person.key == guest.sees)
    starts_at = working_day(now, past, zone)
    booked_at = starts_at - BOOKED_BEFORE
    encounter = await appointments.book(
        tx,
        patient_id=known.patients[guest.key],
        practitioner_id=known.practitioners[guest.sees],
        visit_type=past.visit_type,
        starts_at=starts_at,
        mode="video",
        booked_by=known.accounts[ADA.key],
        now=booked_at,
    )
    await outbox.withdraw(tx, encounter.id, now=booked_at)
    arrived = starts_at - ARRIVES_BEFORE
    await visits.answer(
        tx,
        encounter_id=encounter.id,
        where=past.where,
        call_back=guest.phone,
        with_whom=past.with_whom,
        now=arrived,
    )
    await visits.arrive(tx, encounter_id=encounter.id, now=arrived)
    await visits.admit(tx, encounter_id=encounter.id, now=starts_at)
    for seat, kind, at in (
        ("patient", "joined", arrived),
        ("clinician", "joined", starts_at),
        ("patient", "admitted", starts_at),
        ("patient", "call-started", starts_at),
    ):
        await visits.record(tx, encounter_id=encounter.id, event=PresenceEvent(seat=seat, kind=kind, at=at))
    ended = starts_at + timedelta(minutes=past.minutes)
    await visits.finish(tx, encounter_id=encounter.id, by=known.accounts[guest.sees], now=ended)


def working_day(now: datetime, past: Past, zone: str) -> datetime:
    """The visit's start: so many days ago, or the working day before, at its hour in the clinician's zone."""
    day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=past.days_ago)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime.combine(day, time(past.hour), ZoneInfo(zone)).astimezone(UTC)
