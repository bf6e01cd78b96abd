"""Outgoing messages: queued with what they tell of, and what became of them. sending.py takes them from there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.care.asking import TOLD_AGAIN_AFTER
from server.care.encounter import Encounter
from server.care.guests import Invitation
from server.care.people import EMAIL, Patient
from server.care.wait_list import Offer
from server.store import outbox as store
from server.store.database import Tx
from server.store.ids import new_id

BOOKED, MOVED, CANCELLED, LINK, NOW = "booked", "moved", "cancelled", "link", "now"
# The patient's own pages, the code that proves a device there, and word to staff that something waits for them.
HOME, CODE, ATTENTION = "home", "code", "attention"
# Word to the patient that there are questions on their own pages.
QUESTIONS = "questions"
# They did not come to a visit and have no other time.
MISSED_VISIT = "missed_visit"
# Word to the patient that something new stands on their own pages; what it is stays there.
LOOK = "look"
# Word to the patient that their question was answered.
ANSWER = "answer"
# To somebody who asked for a visit online: the link that proves their address, or instead of it word that they are a
# patient already or have asked already; and that the clinic has answered.
SELF_PROOF, SELF_KNOWN, SELF_OPEN, SELF_ANSWER = "self_proof", "self_known", "self_open", "self_answer"
# All dates of a programme at once, as they stand.
PROGRAMME = "programme"
# A free time for somebody on the wait-list.
OFFER = "offer"
# The link of somebody who is invited to a patient's visit.
GUEST = "guest"
# The visit they were invited to by mail has another time, or will not take place.
GUEST_MOVED, GUEST_CANCELLED = "guest_moved", "guest_cancelled"
# A visit is coming up; a visit begins later than planned.
REMINDER, LATE = "reminder", "late"
# Somebody else sees them, at the same time and by the same link.
REASSIGNED = "reassigned"
# The visit begins and they are not there; with word from the desk, or without.
AWAITED, WITH_WORDS = "awaited", "with words"
# A visit for its clinician's own calendar: theirs, or theirs no more.
OWN, OWN_GONE = "own_visit", "own_visit_gone"
# Two presses on "Resend link" within this time are one.
SAME_WISH = timedelta(minutes=1)
STALE = "stale"
# A backup was restored, and whether this was sent before that is on no record.
UNKNOWN = "not known whether it was sent"
# The desk's task when a message could not be delivered.
NOT_DELIVERED = "message-failed"


class NoAddress(Exception):
    """There is no address, and no number to be texted on, so nothing can be sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What became of a message: "pending", "sent", "delivered" (a gateway's word), "failed" or "unknown"."""

    message_id: str
    kind: str
    channel: str
    state: str
    at: datetime
    attempts: int
    problem: str | None


async def queue(tx: Tx, *, kind: str, encounter: Encounter, patient: Patient, now: datetime) -> bool:
    """Queues the visit's message of this kind, once per version of its link and channel; False without any channel.

    The link goes as often as it is asked for, and REASSIGNED each time the visit goes to somebody else: the link stays,
    so its version does not tell them apart.
    """
    about = {LINK: now.isoformat(), REASSIGNED: str(encounter.version)}.get(kind, "")
    for channel in patient.channels:
        await queue_one(
            tx, kind=kind, encounter=encounter, channel=channel, about=about, expires_at=None, now=now
        )
    return bool(patient.channels)


async def queue_one(
    tx: Tx,
    *,
    kind: str,
    encounter: Encounter,
    channel: str,
    about: str,
    expires_at: datetime | None,
    now: datetime,
    facts: str | None = None,
) -> str:
    """One message on one channel; its id. `about` tells it from others of its kind about one version of a visit."""
    return await store.insert(
        tx,
        kind=kind,
        dedupe_key=visit_key(kind, encounter.id, encounter.link_version, channel, about),
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        link_version=encounter.link_version,
        channel=channel,
        facts=facts,
        expires_at=expires_at,
        now=now,
    )


def visit_key(kind: str, encounter_id: str, link_version: int, channel: str, about: str) -> str:
    """Visit, version, kind and channel: the same message is queued once, whoever asks for it and how often."""
    return f"{kind}|{encounter_id}|{link_version}|{channel}|{about}"


async def queue_again(tx: Tx, *, encounter: Encounter, patient: Patient, now: datetime) -> None:
    """The link once more. One that still waits goes at once instead; pressing twice sends once. Raises NoAddress."""
    if not patient.channels:
        raise NoAddress
    told = [each for each in await history(tx, encounter.id) if each.kind not in (REMINDER, LATE)]
    last = told[0] if told else None
    if last is not None and last.state == "pending":
        await store.hurry(tx, encounter.id, now=now)
    elif last is None or last.state == "failed" or last.kind != LINK or now - last.at >= SAME_WISH:
        await queue(tx, kind=LINK, encounter=encounter, patient=patient, now=now)


async def send_again(tx: Tx, message_id: str, *, encounter: Encounter, now: datetime) -> bool:
    """A message of this visit that could not be delivered, as a new one in its place; pressed twice it goes once.

    False when it is none: delivered meanwhile, still trying, or another visit's.
    """
    row = await store.by_id(tx, message_id)
    if row is None or row.encounter_id != encounter.id or row.failed_at is None:
        return False
    if row.last_problem == STALE or row.link_version != encounter.link_version:
        return False
    facts = await store.facts_of(tx, message_id)
    await queue_one(
        tx,
        kind=row.kind,
        encounter=encounter,
        channel=row.channel,
        about=f"again|{row.id}",
        # Somebody has just decided that it is of use.
        expires_at=None,
        facts=facts,
        now=now,
    )
    await store.overtake(tx, message_id)
    return True


async def queue_home(tx: Tx, *, patient: Patient, version: int, now: datetime) -> bool:
    """The link to the patient's own pages; pressed twice within a minute it goes once. False without any channel."""
    minute = now.replace(second=0, microsecond=0).isoformat()
    await _queue_to(tx, HOME, f"{version}|{minute}", patient=patient, version=version, now=now)
    return bool(patient.channels)


async def queue_daily(tx: Tx, kind: str, *, patient: Patient, version: int, on: date, now: datetime) -> None:
    """QUESTIONS or MISSED_VISIT, each once a day at the most, whoever asks for it."""
    await _queue_to(tx, kind, on.isoformat(), patient=patient, version=version, now=now)


async def queue_look(tx: Tx, *, patient: Patient, version: int, about: str, now: datetime) -> None:
    """Once about the same thing."""
    await _queue_to(tx, LOOK, about, patient=patient, version=version, now=now)


async def _queue_to(
    tx: Tx,
    kind: str,
    about: str,
    *,
    patient: Patient,
    now: datetime,
    version: int | None = None,
    due_at: datetime | None = None,
    facts: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """On every channel they want, once about the same thing; `version` is that of the link to their own pages."""
    for channel in patient.channels:
        await store.insert(
            tx,
            kind=kind,
            dedupe_key=f"{kind}|{patient.id}|{about}|{channel}",
            patient_id=patient.id,
            link_version=version,
            channel=channel,
            facts=facts,
            due_at=due_at,
            expires_at=expires_at,
            now=now,
        )


async def queue_answer(tx: Tx, *, patient: Patient, version: int, now: datetime) -> None:
    """One within TOLD_AGAIN_AFTER: what is answered meanwhile is told at its end."""
    last = await store.last_due_of_kind(tx, patient_id=patient.id, kind=ANSWER)
    if last is not None and last > now:
        return
    at = now if last is None else max(now, last + TOLD_AGAIN_AFTER)
    await _queue_to(tx, ANSWER, at.isoformat(), patient=patient, version=version, due_at=at, now=now)


async def last_written(tx: Tx, patient_id: str, kind: str) -> datetime | None:
    """When the patient was last told of questions, or of a visit they missed."""
    return await store.newest_of_kind(tx, patient_id=patient_id, kind=kind)


async def queue_code(tx: Tx, *, patient_id: str, code_id: str, channel: str, now: datetime) -> None:
    await store.insert(
        tx,
        kind=CODE,
        dedupe_key=f"{CODE}|{code_id}",
        patient_id=patient_id,
        channel=channel,
        facts=code_id,
        now=now,
    )


async def queue_attention(
    tx: Tx, *, patient_id: str, account_id: str, about: str, now: datetime, channel: str = EMAIL
) -> None:
    """Word to a member of staff that something waits for them; what it is stays in the house."""
    await store.insert(
        tx,
        kind=ATTENTION,
        dedupe_key=f"{ATTENTION}|{about}|{account_id}",
        patient_id=patient_id,
        account_id=account_id,
        channel=channel,
        now=now,
    )


async def queue_self_booking(tx: Tx, *, kind: str, self_booking_id: str, about: str, now: datetime) -> None:
    """To somebody who is no patient yet; `about` tells it from others of its kind about the same request."""
    await store.insert(
        tx,
        kind=kind,
        dedupe_key=f"{kind}|{self_booking_id}|{about}",
        patient_id=None,
        self_booking_id=self_booking_id,
        now=now,
    )


async def queue_programme(tx: Tx, *, series_id: str, patient: Patient, now: datetime) -> None:
    """On every channel they want; an older one that still waits is overtaken."""
    await store.withdraw_kind(tx, patient_id=patient.id, kind=PROGRAMME, now=now)
    await _queue_to(tx, PROGRAMME, new_id(), patient=patient, facts=series_id, now=now)


async def queue_offer(tx: Tx, *, offer: Offer, patient: Patient, now: datetime) -> None:
    """On every channel they want; of no use once the offer ends."""
    await _queue_to(
        tx, OFFER, offer.id, patient=patient, facts=offer.id, expires_at=offer.expires_at, now=now
    )


async def told_programme(tx: Tx, patient_id: str) -> list[Delivery]:
    """What became of the newest overview, one a channel."""
    newest: dict[str, Delivery] = {}
    for row in await store.of_kind(tx, patient_id=patient_id, kind=PROGRAMME):
        if row.last_problem != STALE:
            newest[row.channel] = _delivery(row)
    return list(newest.values())


async def queue_guest(tx: Tx, *, invitation: Invitation, now: datetime) -> None:
    """No visit of its own: what is told of a visit's mail is what its patient was told."""
    await store.insert(
        tx,
        kind=GUEST,
        dedupe_key=_guest_key(invitation.id),
        patient_id=invitation.patient_id,
        facts=invitation.id,
        now=now,
    )


async def queue_guest_news(
    tx: Tx, *, kind: str, invitation: Invitation, encounter: Encounter, now: datetime
) -> None:
    """Once for each time the visit was given; of an older one nothing is said any more."""
    await store.insert(
        tx,
        kind=kind,
        dedupe_key=f"{kind}|{invitation.id}|{encounter.link_version}",
        patient_id=invitation.patient_id,
        link_version=encounter.link_version,
        facts=invitation.id,
        now=now,
    )


def _guest_key(invitation_id: str) -> str:
    return f"{GUEST}|{invitation_id}"


async def told_guest(tx: Tx, invitation_id: str) -> Delivery | None:
    """What became of the mail with this invitation's link; None when it was not mailed."""
    row = await store.by_dedupe_key(tx, _guest_key(invitation_id))
    return _delivery(row) if row is not None else None


async def deliveries(tx: Tx, encounter_ids: list[str]) -> dict[str, Delivery]:
    """Of each visit what matters most: a message that could not be delivered, else the newest one.

    Those overtaken by something newer are nobody's concern.
    """
    found: dict[str, Delivery] = {}
    for row in await store.of_visits(tx, encounter_ids):
        known = found.get(row.encounter_id)
        if row.last_problem != STALE and (
            known is None or known.state != "failed" or _state(row) == "failed"
        ):
            found[row.encounter_id] = _delivery(row)
    return found


async def history(tx: Tx, encounter_id: str) -> list[Delivery]:
    """All of a visit's messages that were not overtaken, newest first."""
    rows = await store.of_visits(tx, [encounter_id])
    return [_delivery(row) for row in reversed(rows) if row.last_problem != STALE]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        message_id=row.id,
        kind=row.kind,
        channel=row.channel,
        state=_state(row),
        at=row.delivered_at or row.failed_at or row.sent_at or row.created_at,
        attempts=row.attempts,
        problem=row.last_problem,
    )


def _state(row: Any) -> str:
    """What was reported last counts: a text message is failed though a gateway had taken it."""
    if row.delivered_at:
        return "delivered"
    if row.failed_at:
        return "unknown" if row.last_problem == UNKNOWN else "failed"
    return "sent" if row.sent_at else "pending"
