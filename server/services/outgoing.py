"""Outgoing mail: queued with what it tells of, claimed and sent afterwards, and what became of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from server.care.encounter import Encounter
from server.care.guests import Invitation
from server.care.people import Patient
from server.services import patients, practice
from server.store import accounts, appointments, encounters, guests, home, links
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
class VisitFacts:
    """The visit a message tells of. `token` leads to it; `sequence` rises with every change of it."""

    encounter_id: str
    practitioner_name: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    token: str
    sequence: int


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationFacts:
    """What a guest is told of the visit they are invited to."""

    role: str
    practitioner_name: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Everything a message is made of. `to` is an e-mail address, or a number when `channel` is "sms".

    `visit` for the kinds that tell of one, `token` for the link to the patient's own pages, `code` for a code.
    """

    message_id: str
    kind: str
    channel: str
    to: str
    name: str
    zone: str
    language: str
    attempts: int
    visit: VisitFacts | None = None
    token: str = ""
    code: str = ""
    invitation: InvitationFacts | None = None


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


async def due(tx: Tx, *, now: datetime) -> list[str]:
    """Ids of the messages that may be claimed now."""
    return [row.id for row in await store.due(tx, now=now)]


async def claim(tx: Tx, message_id: str, *, now: datetime) -> Outgoing | None:
    """The message with all it needs, ours for a while; None when another has it or it is overtaken."""
    row = await store.claim(tx, message_id, until=now + CLAIMED_FOR, now=now)
    if row is None:
        return None
    found = await _found(tx, row, now=now)
    if found is None:
        await store.give_up(tx, message_id, problem=STALE, now=now)
    return found


async def _found(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    if row["account_id"]:
        return await _to_staff(tx, row)
    if row["kind"] == GUEST:
        return await _to_guest(tx, row, now=now)
    return await _to_patient(tx, row, now=now)


async def _to_guest(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    """With nothing of the patient in it, not even a language. None once withdrawn, or when the visit is past.

    A visit that has begun is past when it is finished, however long it takes.
    """
    invitation = await guests.by_id(tx, row["facts"])
    if invitation is None or invitation.email is None or invitation.revoked_at is not None:
        return None
    encounter = await encounters.by_id(tx, invitation.encounter_id)
    if encounter is None or encounter.over:
        return None
    if encounter.status == "planned" and encounter.planned_ends_at <= now:
        return None
    practitioner = await practice.practitioner(tx, encounter.practitioner_id)
    return Outgoing(
        message_id=row["id"],
        kind=GUEST,
        channel=EMAIL,
        to=invitation.email,
        name=invitation.name,
        zone="",
        language="",
        attempts=row["attempts"],
        token=guests.token_for(tx, invitation.id),
        invitation=InvitationFacts(
            role=invitation.role,
            practitioner_name=practitioner.name,
            starts_at=encounter.planned_starts_at,
        ),
    )


async def _to_staff(tx: Tx, row: dict[str, Any]) -> Outgoing | None:
    account = await accounts.by_id(tx, row["account_id"])
    if account is None or account.disabled_at is not None:
        return None
    # A number that was taken away meanwhile is no reason to say nothing.
    channel = row["channel"] if account.phone else EMAIL
    return Outgoing(
        message_id=row["id"],
        kind=row["kind"],
        channel=channel,
        to=account.phone if channel == SMS else account.email,
        name=account.name,
        zone="",
        language="",
        attempts=row["attempts"],
    )


async def _to_patient(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    patient = await patients.by_id(tx, row["patient_id"])
    to = patient.phone if row["channel"] == SMS else patient.email
    if to is None:
        return None
    message = Outgoing(
        message_id=row["id"],
        kind=row["kind"],
        channel=row["channel"],
        to=to,
        name=patient.name,
        zone=patient.time_zone,
        language=patient.language,
        attempts=row["attempts"],
    )
    if row["encounter_id"] is not None:
        visit = await _visit(tx, row, now=now)
        return replace(message, visit=visit) if visit else None
    if row["kind"] in (HOME, QUESTIONS):
        token = await _home_token(tx, row)
        return replace(message, token=token) if token else None
    code = await home.code_by_id(tx, row["facts"])
    alive = code is not None and code["used_at"] is None and code["ends_at"] > now
    return replace(message, code=code["code"]) if code and alive else None


async def _visit(tx: Tx, row: dict[str, Any], *, now: datetime) -> VisitFacts | None:
    encounter = await encounters.by_id(tx, row["encounter_id"])
    if encounter is None or _overtaken(row["kind"], row["link_version"], encounter, now):
        return None
    appointment = await appointments.by_id(tx, encounter.appointment_id) if encounter.appointment_id else None
    practitioner = await practice.practitioner(tx, encounter.practitioner_id)
    return VisitFacts(
        encounter_id=encounter.id,
        practitioner_name=practitioner.name,
        starts_at=encounter.planned_starts_at,
        ends_at=encounter.planned_ends_at,
        mode=encounter.mode,
        token=links.token_for(tx, encounter_id=encounter.id, seat="patient", version=encounter.link_version),
        sequence=appointment.version if appointment else encounter.version,
    )


async def _home_token(tx: Tx, row: dict[str, Any]) -> str:
    """Of the link the message was queued with; nothing when there is a newer one."""
    link = await home.newest_link(tx, row["patient_id"])
    if link is None or link.revoked_at is not None or link.version != row["link_version"]:
        return ""
    return home.token_for(tx, patient_id=row["patient_id"], version=link.version)


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
