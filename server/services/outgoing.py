"""Outgoing mail: queued with what it tells of, claimed and sent afterwards, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.care.encounter import Encounter
from server.care.people import Patient
from server.services import patients, practice
from server.store import appointments, encounters, links
from server.store import outbox as store
from server.store.database import Tx

BOOKED, MOVED, CANCELLED, LINK, NOW = "booked", "moved", "cancelled", "link", "now"
# Long enough for a slow mail server, short enough that a crash in between is made good soon.
CLAIMED_FOR = timedelta(minutes=2)
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
)
# Two presses on "Resend link" within this time are one.
SAME_WISH = timedelta(minutes=1)
STALE = "stale"


class NoAddress(Exception):
    """The patient has no e-mail address, so nothing can be sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Everything a letter is made of. `token` leads to the visit; `sequence` rises with every change of it."""

    message_id: str
    kind: str
    encounter_id: str
    patient_name: str
    patient_email: str
    patient_zone: str
    language: str
    practitioner_name: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    token: str
    sequence: int
    attempts: int


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


async def due(tx: Tx, *, now: datetime) -> list[str]:
    """Ids of the messages that may be claimed now."""
    return [row.id for row in await store.due(tx, now=now)]


async def claim(tx: Tx, message_id: str, *, now: datetime) -> Outgoing | None:
    """The message with all it needs, ours for a while; None when another has it or it is overtaken."""
    row = await store.claim(tx, message_id, until=now + CLAIMED_FOR, now=now)
    if row is None:
        return None
    encounter = await encounters.by_id(tx, row["encounter_id"])
    patient = await patients.by_id(tx, row["patient_id"])
    if (
        encounter is None
        or patient.email is None
        or _overtaken(row["kind"], row["link_version"], encounter, now)
    ):
        await store.give_up(tx, message_id, problem=STALE, now=now)
        return None
    appointment = await appointments.by_id(tx, encounter.appointment_id) if encounter.appointment_id else None
    practitioner = await practice.practitioner(tx, encounter.practitioner_id)
    return Outgoing(
        message_id=message_id,
        kind=row["kind"],
        encounter_id=encounter.id,
        patient_name=patient.name,
        patient_email=patient.email,
        patient_zone=patient.time_zone,
        language=patient.language,
        practitioner_name=practitioner.name,
        starts_at=encounter.planned_starts_at,
        ends_at=encounter.planned_ends_at,
        mode=encounter.mode,
        token=links.token_for(tx, encounter_id=encounter.id, seat="patient", version=encounter.link_version),
        sequence=appointment.version if appointment else encounter.version,
        attempts=row["attempts"],
    )


def _overtaken(kind: str, link_version: int, encounter: Encounter, now: datetime) -> bool:
    """An old link, a visit that changed meanwhile, or one that is past: better no letter than a wrong one."""
    if link_version != encounter.link_version or encounter.planned_ends_at <= now:
        return True
    return encounter.status == "finished" or (encounter.status == "cancelled") != (kind == CANCELLED)


async def sent(tx: Tx, message_id: str, *, now: datetime) -> None:
    await store.mark_sent(tx, message_id, now=now)


async def failed(tx: Tx, outgoing: Outgoing, *, problem: str, for_good: bool, now: datetime) -> None:
    """Puts it off, longer each time; gives up when the other side said never, or after the last pause."""
    if for_good or outgoing.attempts > len(PAUSES):
        await store.give_up(tx, outgoing.message_id, problem=problem, now=now)
    else:
        pause = PAUSES[outgoing.attempts - 1]
        await store.try_again(tx, outgoing.message_id, at=now + pause, problem=problem)
