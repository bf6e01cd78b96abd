""" "I lost my link": asked by anybody, answered to whom the record names, and never to whoever asked."""

from datetime import datetime, timedelta

from server.care.encounter import Encounter
from server.services import appointments, outgoing, patients
from server.store import encounters, outbox
from server.store import lost_links as store
from server.store.database import Tx

# The links of so many visits, the next one first: more would be a letter bomb.
MOST_LINKS = 3
# From one to the next, whenever an hour begins by the clock.
ONCE_IN = timedelta(hours=1)
ABOUT = "lost|"


async def ask(tx: Tx, *, email: str | None, phone: str | None, now: datetime) -> None:
    """Nothing is looked up while somebody waits for the page: neither words nor time tell whether anybody is known."""
    await store.insert(tx, email=email, phone=phone, now=now)


async def waiting(tx: Tx) -> list[tuple[str, bytes]]:
    return [(row.id, row.token) for row in await store.waiting(tx)]


async def answer(tx: Tx, lost_link_id: str, token: bytes, *, now: datetime) -> int:
    """How many messages were queued: the links of the visits to come, the way each patient wants them."""
    if not await store.done(tx, lost_link_id):
        return 0
    queued = 0
    for patient_id in await store.patients_known_by(tx, token):
        queued += await _send(tx, patient_id, now=now)
    return queued


async def _sent_lately(tx: Tx, visit: Encounter, channel: str, *, now: datetime) -> bool:
    key = outgoing.visit_key(outgoing.LINK, visit.id, visit.link_version, channel, ABOUT)
    return await outbox.known_like(tx, key, patient_id=visit.patient_id, since=now - ONCE_IN)


async def _send(tx: Tx, patient_id: str, *, now: datetime) -> int:
    """At most once an hour, whoever asks how often. A link that wrong dates of birth have closed stays closed."""
    patient, queued = await patients.by_id(tx, patient_id), 0
    ahead = [
        visit
        for visit in await encounters.of_patient(tx, patient_id)
        if not visit.over and visit.planned_ends_at > now and not await appointments.is_locked(tx, visit.id)
    ]
    for visit in ahead[:MOST_LINKS]:
        asked = [each for each in patient.channels if not await _sent_lately(tx, visit, each, now=now)]
        for channel in asked:
            await outgoing.queue_one(
                tx,
                kind=outgoing.LINK,
                encounter=visit,
                channel=channel,
                about=f"{ABOUT}{now.isoformat()}",
                expires_at=visit.planned_ends_at,
                now=now,
            )
        queued += len(asked)
        await appointments.record(tx, visit, action="link-asked-for", by="patient", now=now)
    return queued
