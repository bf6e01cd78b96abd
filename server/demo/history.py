"""Replays the invented clinic's past through the services, each step at the time it happened."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.care.access import Staff
from server.care.encounter import PresenceEvent
from server.demo.past import PAST, Past
from server.demo.people import ADA, PATIENTS, STAFF
from server.services import accounts, appointments, consults, messages, visits
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
    ada = await accounts.staff_of(tx, known.accounts[ADA.key])
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
    for number, (sender, text) in enumerate(past.messages):
        by = ada if sender == "clinic" else None
        at = arrived + timedelta(minutes=number + 1)
        await messages.send(tx, encounter_id=encounter.id, text=text, by=by, now=at)
    await visits.finish(tx, encounter_id=encounter.id, by=known.accounts[guest.sees], now=ended)
    await write_note(
        tx, encounter.id, past, by=await accounts.staff_of(tx, known.accounts[guest.sees]), ended=ended
    )


async def write_note(tx: Tx, encounter_id: str, past: Past, *, by: Staff, ended: datetime) -> None:
    """Written in the buffer after the visit, confirmed and, unless it is left a draft, signed."""
    note = await consults.open_for_visit(tx, encounter_id, by=by, now=ended)
    saved_at = ended + timedelta(minutes=4)
    await consults.save(
        tx, note.id, body=past.body, based_on=0, page="history", sequence=1, by=by, now=saved_at
    )
    if past.signed:
        await consults.confirm_facts(tx, note.id, by=by, now=saved_at)
        await consults.sign(tx, note.id, by=by, now=saved_at + timedelta(minutes=2))


def working_day(now: datetime, past: Past, zone: str) -> datetime:
    """The visit's start: so many days ago, or the working day before, at its hour in the clinician's zone."""
    day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=past.days_ago)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return datetime.combine(day, time(past.hour), ZoneInfo(zone)).astimezone(UTC)
