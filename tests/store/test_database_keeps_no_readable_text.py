"""Whoever holds a copy of the database file, its log included, reads no name, address, number or word of a patient."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduling.bookings import EncounterId
from server.care.access import Staff
from server.care.encounter import EntryAnswers
from server.services import appointments, guests, journals, patients, safety, tasks
from server.store import encounters, links
from server.store.database import Database
from server.store.ids import new_id
from server.store.rows import seal_row
from server.store.tables.messages import messages
from server.store.tables.notes import notes
from tests.clocks import StoppedClock
from tests.databases import Databases
from tests.people import Cast

pytestmark = pytest.mark.both_databases

NAME = ("Canarina", "Vogelsang")
SECRETS = {
    "email": "canary.mail@example.org",
    "phone": "(303) 555-0199",
    "born": "1961-07-03",
    "reason": "canary-reason-for-cancelling",
    "where": "Canary Lane 7",
    "call_back": "(720) 555-0188",
    "with_whom": "canary-sister",
    "device": "canary-device",
    "task": "canary-task-detail",
    "message": "canary words to the clinic",
    "note": "canary words of a note",
    "journal": "canary words of a journal",
    "hold": "canary words about a press",
    "why_held": "canary reason of a clinician",
    "reply": "canary reply to a clinician",
    "why_lifted": "canary reason for lifting",
    "guest": "canary interpreter",
    "guest_email": "canary.guest@example.org",
    "guest_says": "canary name they said",
}


async def test_no_secret_is_in_the_file(
    database: Database, databases: Databases, database_url: str, cast: Cast, clock: StoppedClock
) -> None:
    token = await _a_whole_story(database, cast, clock)
    stored = databases.bytes_of(database_url)
    assert b"appointments" in stored, "the file read is the one written"
    wanted = [*NAME, *SECRETS.values(), token]
    spellings = [form(word) for word in wanted for form in (str, str.lower, str.upper)]
    assert [word for word in spellings if word.encode() in stored] == []


async def _a_whole_story(database: Database, cast: Cast, clock: StoppedClock) -> str:
    """A patient with something in every sealed column; returns the link's token."""
    now = clock.now()
    async with database.write() as tx:
        patient = await patients.register(
            tx,
            name=" ".join(NAME),
            date_of_birth=date.fromisoformat(SECRETS["born"]),
            email=SECRETS["email"],
            phone=SECRETS["phone"],
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=now,
        )
        booked = await appointments.book(
            tx,
            patient_id=patient.id,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=now + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=now,
        )
        await _fill(database, tx, booked.id, patient_id=patient.id, cast=cast, clock=clock)
        await appointments.cancel(tx, booked.id, reason=SECRETS["reason"], by=cast.ada, now=now)
        return links.token_for(tx, encounter_id=booked.id, seat="patient", version=1)


async def _fill(database, tx, encounter_id, *, patient_id, cast, clock):  # type: ignore[no-untyped-def]
    now = clock.now()
    encounter = await encounters.by_id(tx, EncounterId(encounter_id))
    entry = EntryAnswers(
        where=SECRETS["where"],
        call_back=SECRETS["call_back"],
        with_whom=SECRETS["with_whom"],
        agreed_at=now,
    )
    filled = replace(encounter, entry=entry, device_test=SECRETS["device"], version=encounter.version + 1)
    await encounters.save(tx, filled)
    assert await encounters.by_id(tx, encounter_id) == filled
    await tasks.open_task(
        tx,
        kind=tasks.CALL_ME_INSTEAD,
        patient_id=patient_id,
        encounter_id=encounter_id,
        detail=SECRETS["task"],
        by="patient",
        now=now,
    )
    shared = {"patient_id": patient_id, "encounter_id": encounter_id}
    message = {
        "id": new_id(),
        "sender": "patient",
        "account_id": None,
        "text": SECRETS["message"],
        "sent_at": now,
    }
    await tx.run(messages.insert().values(await seal_row(tx, messages, message | shared)))
    note = {
        "id": new_id(),
        "author_id": cast.reyes,
        "visit_type": "check-in",
        "status": "preliminary",
        "version": 1,
        "body": SECRETS["note"],
        "created_at": now,
        "saved_at": now,
    }
    await tx.run(notes.insert().values(await seal_row(tx, notes, note | shared)))
    await _course(tx, patient_id, cast=cast, now=now)
    await _guest(tx, encounter_id, cast=cast, now=now)


async def _guest(tx, encounter_id, *, cast, now):  # type: ignore[no-untyped-def]
    by = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))
    invited = await guests.invite(
        tx,
        encounter_id=encounter_id,
        role="interpreter",
        name=SECRETS["guest"],
        email=SECRETS["guest_email"],
        by=by,
        now=now,
    )
    await guests.introduce(tx, invitation_id=invited.id, session_id="", name=SECRETS["guest_says"], now=now)
    (kept,) = await guests.of_visit(tx, await encounters.by_id(tx, encounter_id))
    assert (kept.invitation.name, kept.invitation.said_name) == (SECRETS["guest"], SECRETS["guest_says"])


async def _course(tx, patient_id, *, cast, now):  # type: ignore[no-untyped-def]
    by = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))
    hers = {"patient_id": patient_id, "now": now}
    entry = await journals.begin(tx, **hers)
    await journals.write(tx, entry.id, body={"text": SECRETS["journal"]}, based_on=0, **hers)
    pressed = await safety.press(tx, kind="self-harm", level=2, event_id="e", **hers)
    await safety.add_words(tx, hold_id=pressed.id, words=SECRETS["hold"], **hers)
    held = await safety.put_on_hold(tx, by=by, reason=SECRETS["why_held"], **hers)
    await safety.add_words(tx, hold_id=held.id, words=SECRETS["reply"], **hers)
    await safety.lift(tx, held.id, by=by, reason=SECRETS["why_lifted"], now=now)
