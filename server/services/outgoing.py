"""Outgoing messages: queued with what they tell of, and what became of them. sending.py takes them from there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.care.encounter import Encounter
from server.care.guests import Invitation
from server.care.people import Patient
from server.store import outbox as store
from server.store.database import Tx

BOOKED, MOVED, CANCELLED, LINK, NOW = "booked", "moved", "cancelled", "link", "now"
# The patient's own pages, the code that proves a device there, and word to staff that something waits for them.
HOME, CODE, ATTENTION = "home", "code", "attention"
# Word to the patient that there are questions on their own pages.
QUESTIONS = "questions"
# The link of somebody who is invited to a patient's visit.
GUEST = "guest"
EMAIL, SMS = "email", "sms"
# Two presses on "Resend link" within this time are one.
SAME_WISH = timedelta(minutes=1)
STALE = "stale"


class NoAddress(Exception):
    """The patient has no e-mail address, so nothing can be sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What became of a visit's newest message: "pending", "sent" or "failed"."""

    kind: str
    state: str
    at: datetime
    attempts: int
    problem: str | None


async def queue(tx: Tx, *, kind: str, encounter: Encounter, patient: Patient, now: datetime) -> bool:
    """Queues the visit's message of this kind once per version of its link; False when there is no address."""
    if patient.email is None:
        return False
    key = f"{kind}|{encounter.id}|{encounter.link_version}"
    await store.insert(
        tx,
        kind=kind,
        dedupe_key=f"{key}|{now.isoformat()}" if kind == LINK else key,
        patient_id=patient.id,
        encounter_id=encounter.id,
        link_version=encounter.link_version,
        now=now,
    )
    return True


async def queue_again(tx: Tx, *, encounter: Encounter, patient: Patient, now: datetime) -> None:
    """The link once more. One that still waits goes at once instead; pressing twice sends once. Raises NoAddress."""
    if patient.email is None:
        raise NoAddress
    last = (await deliveries(tx, [encounter.id])).get(encounter.id)
    if last is not None and last.state == "pending":
        await store.hurry(tx, encounter.id, now=now)
    elif last is None or last.state == "failed" or last.kind != LINK or now - last.at >= SAME_WISH:
        await queue(tx, kind=LINK, encounter=encounter, patient=patient, now=now)


async def queue_home(tx: Tx, *, patient: Patient, version: int, now: datetime) -> bool:
    """The link to the patient's own pages; pressed twice within a minute it goes once. False without an address."""
    if patient.email is None:
        return False
    minute = now.replace(second=0, microsecond=0).isoformat()
    await store.insert(
        tx,
        kind=HOME,
        dedupe_key=f"{HOME}|{patient.id}|{version}|{minute}",
        patient_id=patient.id,
        link_version=version,
        now=now,
    )
    return True


async def queue_questions(tx: Tx, *, patient_id: str, version: int, on: date, now: datetime) -> None:
    """Once a day at the most, whoever asks for it."""
    await store.insert(
        tx,
        kind=QUESTIONS,
        dedupe_key=f"{QUESTIONS}|{patient_id}|{on.isoformat()}",
        patient_id=patient_id,
        link_version=version,
        now=now,
    )


async def last_questions(tx: Tx, patient_id: str) -> datetime | None:
    """When the patient was last told of questions."""
    return await store.newest_of_kind(tx, patient_id=patient_id, kind=QUESTIONS)


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


async def queue_attention(tx: Tx, *, patient_id: str, account_id: str, about: str, now: datetime) -> None:
    """Word to a member of staff that something waits for them; what it is stays in the house."""
    await store.insert(
        tx,
        kind=ATTENTION,
        dedupe_key=f"{ATTENTION}|{about}|{account_id}",
        patient_id=patient_id,
        account_id=account_id,
        now=now,
    )


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


def _guest_key(invitation_id: str) -> str:
    return f"{GUEST}|{invitation_id}"


async def told_guest(tx: Tx, invitation_id: str) -> Delivery | None:
    """What became of the mail with this invitation's link; None when it was not mailed."""
    row = await store.by_dedupe_key(tx, _guest_key(invitation_id))
    return _delivery(row) if row is not None else None


async def deliveries(tx: Tx, encounter_ids: list[str]) -> dict[str, Delivery]:
    """The newest message of each visit; those overtaken by something newer are nobody's concern."""
    rows = await store.of_visits(tx, encounter_ids)
    return {row.encounter_id: _delivery(row) for row in rows if row.last_problem != STALE}


async def history(tx: Tx, encounter_id: str) -> list[Delivery]:
    """All of a visit's messages that were not overtaken, newest first."""
    rows = await store.of_visits(tx, [encounter_id])
    return [_delivery(row) for row in reversed(rows) if row.last_problem != STALE]


def _delivery(row: Any) -> Delivery:
    state = "sent" if row.sent_at else "failed" if row.failed_at else "pending"
    return Delivery(
        kind=row.kind,
        state=state,
        at=row.sent_at or row.failed_at or row.created_at,
        attempts=row.attempts,
        problem=row.last_problem,
    )
