"""The desk writes to somebody who is late: that they are awaited, in one press, the way they hear from us."""

from datetime import datetime

from server.care.access import Staff
from server.care.encounter import Encounter, EncounterOver, IsHere
from server.care.people import EMAIL, SMS
from server.care.visit_actions import TEXTED
from server.services import appointments, messages, outgoing, patients, waiting
from server.store import outbox
from server.store.database import Tx


async def write(tx: Tx, encounter_id: str, *, words: str, by: Staff, now: datetime) -> Encounter:
    """A text message where they want those, else a mail; the board's row says that it was done.

    Words of somebody's own are read behind the link, among the visit's messages: what leaves the house says only that
    there are some. Pressed twice it goes once. Raises NoSuchVisit, EncounterOver, IsHere, outgoing.NoAddress, and as
    `messages.send` does.
    """
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.over:
        raise EncounterOver
    if encounter.status != "planned":
        raise IsHere
    channels = (await patients.by_id(tx, encounter.patient_id)).channels
    if not channels:
        raise outgoing.NoAddress
    channel = SMS if SMS in channels else EMAIL
    words = words.strip()
    if await _just_did(tx, encounter, channel, words, now=now):
        return encounter
    if words:
        await messages.send(tx, encounter_id=encounter.id, text=words, by=by, now=now)
    await outgoing.queue_one(
        tx,
        kind=outgoing.AWAITED,
        encounter=encounter,
        channel=channel,
        about=now.isoformat(),
        facts=outgoing.WITH_WORDS if words else None,
        expires_at=encounter.planned_ends_at,
        now=now,
    )
    return await waiting.contacted(tx, encounter.id, kind=TEXTED, by=by, now=now)


async def _just_did(tx: Tx, encounter: Encounter, channel: str, words: str, *, now: datetime) -> bool:
    key = outgoing.visit_key(outgoing.AWAITED, encounter.id, encounter.link_version, channel, "")
    since = now - outgoing.SAME_WISH
    if not await outbox.known_like(tx, key, patient_id=encounter.patient_id, since=since):
        return False
    return not words or await messages.was_said(tx, encounter.id, words, since=since)
